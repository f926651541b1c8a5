#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/buffer.hpp"
#include "net/tls/openssl.hpp"

namespace tenfold::net {

class Loop;

// Ciphertext on its way out, in blocks lent by the loop: what one write to the stream below takes.
class CipherBatch {
 public:
  explicit CipherBatch(Loop& loop) : loop_(loop) {}

  bool append(std::string_view bytes);  // false: full; some of the bytes may have been taken
  bool empty() const { return blocks_[0].empty(); }
  bool takes_another_record() const { return used_ < max_blocks - 1; }
  std::span<const iovec> parts();
  void clear();

 private:
  // 144 KiB: a connection that is being written to holds no more. A handshake's flight (its certificates) must fit.
  static constexpr std::size_t max_blocks = 9;

  Loop& loop_;
  std::size_t used_ = 0;
  std::array<Buffer, max_blocks> blocks_;
  std::array<iovec, max_blocks> parts_;
};

// What OpenSSL reads from and writes to. It holds nothing of its own between records, so that an idle connection
// costs no buffer: ciphertext is read from where it was received, and written where the next write takes it from.
struct TlsPipe {
  std::string_view input;         // received, not yet taken by OpenSSL
  CipherBatch* output = nullptr;  // null while nothing is being written
  // What OpenSSL says unasked while reading (alerts); it goes out ahead of the next write. Past the limit, which only a
  // peer that provokes alert after alert reaches, OpenSSL's write fails, and the connection with it.
  std::string unasked;
  static constexpr std::size_t unasked_limit = 1024;

  // The peer's, since the handshake, and up to how many they may come. Past it OpenSSL reads nothing more, and the
  // connection fails.
  std::uint32_t key_updates = 0;
  std::uint32_t most_key_updates = UINT32_MAX;
};

// Must outlive every connection that uses it.
BioMethodPtr make_pipe_method();
// Makes the pipe both ends of the SSL's transport. The pipe must outlive the SSL.
void attach(SSL& ssl, const BIO_METHOD& method, TlsPipe& pipe);
// For SSL_set_msg_callback(): counts key updates in the pipe of the connection.
void count_key_updates(int sent, int version, int content_type, const void* message, std::size_t size, SSL* ssl, void*);

}  // namespace tenfold::net
