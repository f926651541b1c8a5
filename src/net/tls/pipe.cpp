#include "net/tls/pipe.hpp"

#include <algorithm>
#include <cstring>

#include "net/loop.hpp"

namespace tenfold::net {

bool CipherBatch::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (used_ == 0 || blocks_[used_ - 1].room().empty()) {
      if (used_ == max_blocks) return false;
      blocks_[used_++] = loop_.allocate();
    }
    Buffer& block = blocks_[used_ - 1];
    const auto room = block.room();
    const std::size_t taken = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), taken);
    block.grow(taken);
    bytes.remove_prefix(taken);
  }
  return true;
}

std::span<const iovec> CipherBatch::parts() {
  for (std::size_t i = 0; i < used_; ++i) {
    parts_[i] = {.iov_base = const_cast<char*>(blocks_[i].data()), .iov_len = blocks_[i].size()};
  }
  return std::span(parts_).first(used_);
}

void CipherBatch::clear() {
  for (std::size_t i = 0; i < used_; ++i) blocks_[i] = Buffer();
  used_ = 0;
}

namespace {

TlsPipe& pipe_of(BIO* bio) { return *static_cast<TlsPipe*>(BIO_get_data(bio)); }

int read_pipe(BIO* bio, char* out, std::size_t size, std::size_t* got) {
  TlsPipe& pipe = pipe_of(bio);
  BIO_clear_retry_flags(bio);
  if (pipe.key_updates > pipe.most_key_updates) return 0;
  if (pipe.input.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *got = std::min(size, pipe.input.size());
  std::memcpy(out, pipe.input.data(), *got);
  pipe.input.remove_prefix(*got);
  return 1;
}

int write_pipe(BIO* bio, const char* data, std::size_t size, std::size_t* put) {
  TlsPipe& pipe = pipe_of(bio);
  BIO_clear_retry_flags(bio);
  if (pipe.output != nullptr) {
    if (!pipe.output->append({data, size})) return 0;
  } else {
    if (pipe.unasked.size() + size > TlsPipe::unasked_limit) return 0;
    pipe.unasked.append(data, size);
  }
  *put = size;
  return 1;
}

long control_pipe(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

}  // namespace

BioMethodPtr make_pipe_method() {
  // Not BIO_get_new_index(): the process has 128 of them, and every reload would take one.
  BioMethodPtr method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "tenfold pipe"));
  TENFOLD_ASSERT(method != nullptr);
  BIO_meth_set_read_ex(method.get(), read_pipe);
  BIO_meth_set_write_ex(method.get(), write_pipe);
  BIO_meth_set_ctrl(method.get(), control_pipe);
  return method;
}

void attach(SSL& ssl, const BIO_METHOD& method, TlsPipe& pipe) {
  BIO* const bio = BIO_new(&method);
  TENFOLD_ASSERT(bio != nullptr);
  BIO_set_data(bio, &pipe);
  BIO_set_init(bio, 1);
  SSL_set_bio(&ssl, bio, bio);
}

void count_key_updates(int sent, int, int content_type, const void* message, std::size_t size, SSL* ssl, void*) {
  if (content_type != SSL3_RT_HANDSHAKE || sent != 0 || size == 0) return;
  if (*static_cast<const unsigned char*>(message) == SSL3_MT_KEY_UPDATE) ++pipe_of(SSL_get_rbio(ssl)).key_updates;
}

}  // namespace tenfold::net
