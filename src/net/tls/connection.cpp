#include "net/tls/connection.hpp"

#include <algorithm>
#include <cstring>

#include "net/loop.hpp"

namespace tenfold::net {

namespace {

// Records are kept short at first: the peer can use a record only when all of it has come, and a new or rested
// connection's first round trip carries some 14 KB (RFC 6928). Later ones are as long as TLS allows.
constexpr std::size_t short_record_bytes = 4096;
constexpr std::size_t long_record_bytes = SSL3_RT_MAX_PLAIN_LENGTH;
constexpr std::size_t short_records_until_bytes = 16 * 1024;
constexpr Duration pause = std::chrono::seconds(1);

// Keys that the peer may change in a window of time; a 33rd ends the connection. AES-GCM needs new ones after some 2^24
// records (RFC 8446, 5.5), 400 GB of them; those who change oftener do it each gigabyte or minute. Each costs two
// derivations of keys, and an answer where one is asked for: so many cost less than a handshake.
constexpr std::uint32_t most_key_updates = 32;
constexpr Duration key_updates_window = std::chrono::seconds(10);

}  // namespace

TlsConnection::TlsConnection(std::unique_ptr<Stream> inner, SslPtr ssl, const BIO_METHOD& pipe_method,
                             std::shared_ptr<const void> keep_alive, std::unique_ptr<TlsClientSide> client)
    : keep_alive_(std::move(keep_alive)), inner_(std::move(inner)), client_(std::move(client)), ssl_(std::move(ssl)) {
  attach(*ssl_, pipe_method, pipe_);
}

TlsConnection::~TlsConnection() {
  // Else OpenSSL takes a connection that was not shut down in full for a broken one and its session for unusable.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

// ---- handshake ----

Task<Result<std::unique_ptr<Stream>>> TlsConnection::shake_hands(std::shared_ptr<TlsConnection> self,
                                                                 TimePoint deadline, CancelToken token,
                                                                 HandshakeWatch* watch) {
  if (token.cancelled()) co_return fail(Errc::cancelled);
  CancelHook hook([](void* inner) { static_cast<Stream*>(inner)->cancel(); }, self->inner_.get());
  hook.attach(token);
  FirstHello hello;
  const bool is_server = SSL_is_server(self->ssl_.get()) == 1;
  if (is_server) self->watch_for_client_hello(hello);
  auto exchanging = self->exchange_flights(deadline, watch, is_server ? &hello : nullptr);
  auto exchanged = co_await std::move(exchanging);
  if (is_server) SSL_set_msg_callback(self->ssl_.get(), &count_key_updates);
  if (!exchanged) co_return std::unexpected(std::move(exchanged.error()));
  TlsInfo info = self->agreed();
  info.fingerprint = hello.fingerprint;
  co_return std::make_unique<TlsStream>(self, std::move(info));
}

namespace {

// OpenSSL calls it with each message and record as long as it is set: it is done with the first ClientHello. A second
// one, which the server asked for, tells less of its client.
void note_client_hello(int is_ours, int, int kind, const void* bytes, std::size_t size, SSL* ssl, void* into) {
  const auto* const message = static_cast<const char*>(bytes);
  if (is_ours != 0 || kind != SSL3_RT_HANDSHAKE || size == 0 || message[0] != SSL3_MT_CLIENT_HELLO) return;
  FirstHello& hello = *static_cast<FirstHello*>(into);
  hello.is_whole = true;
  hello.fingerprint = fingerprint_of({message, size});
  SSL_set_msg_callback(ssl, nullptr);
}

Error during_handshake(const Error& error) {
  return {error.code, error.detail.empty() ? "TLS handshake" : "TLS handshake: " + error.detail};
}

}  // namespace

// From the message's bytes: OpenSSL's callback for ClientHellos (SSL_CTX_set_client_hello_cb) names only extensions
// that this version of it knows, and browsers send others.
void TlsConnection::watch_for_client_hello(FirstHello& into) {
  SSL_set_msg_callback_arg(ssl_.get(), &into);
  SSL_set_msg_callback(ssl_.get(), &note_client_hello);
}

// The next of the peer's bytes, for OpenSSL to take.
Task<Result<void>> TlsConnection::receive_flight(TimePoint deadline, FirstHello* hello) {
  received_ = Buffer();
  auto bytes = co_await inner_->read(deadline);
  if (!bytes) co_return std::unexpected(during_handshake(bytes.error()));
  if (bytes->empty()) co_return fail(Errc::closed, "the peer ended the connection during the TLS handshake");
  received_ = std::move(*bytes);
  pipe_.input = received_.view();
  if (hello == nullptr || hello->is_whole) co_return Result<void>();
  // Nothing else may come behind a first ClientHello before it is answered.
  hello->received_bytes += pipe_.input.size();
  if (hello->received_bytes <= most_hello_bytes) co_return Result<void>();
  co_return fail(Errc::failed, "TLS handshake: the ClientHello is too long");
}

// One step, and what it cost.
int TlsConnection::step(CipherBatch& batch, HandshakeWatch* watch, HandshakeWatch::Then& then) {
  const Duration before = watch != nullptr ? watch->cpu_time() : Duration();
  forget_openssl_errors();
  pipe_.output = &batch;
  const int done = SSL_do_handshake(ssl_.get());
  pipe_.output = nullptr;
  if (watch != nullptr) then = watch->took(watch->cpu_time() - before);
  return done;
}

Task<Result<void>> TlsConnection::exchange_flights(TimePoint deadline, HandshakeWatch* watch, FirstHello* hello) {
  CipherBatch batch(inner_->loop());
  bool speaks_first = hello == nullptr;
  while (true) {
    if (!std::exchange(speaks_first, false)) {
      auto received = co_await receive_flight(deadline, hello);
      if (!received) co_return received;
    }
    auto then = HandshakeWatch::Then::goes_on;
    const int done = step(batch, watch, then);
    const int state = SSL_get_error(ssl_.get(), done);
    const bool failed = done != 1 && state != SSL_ERROR_WANT_READ;
    Error failure = failed ? handshake_failure() : Error{};
    if (done != 1 && !failed && then == HandshakeWatch::Then::ends) {
      co_return fail(Errc::cancelled, "the TLS handshake was ended by its watch");
    }
    // Also after a failure: the alert tells the peer why.
    auto flushed = co_await flush(batch, deadline);
    if (failed) co_return std::unexpected(std::move(failure));
    if (!flushed) co_return std::unexpected(during_handshake(flushed.error()));
    if (done == 1) co_return Result<void>();
  }
}

Task<Result<void>> TlsConnection::flush(CipherBatch& batch, TimePoint deadline) {
  if (batch.empty()) co_return Result<void>();
  const auto parts = batch.parts();
  auto written = co_await inner_->write(parts, deadline);
  batch.clear();
  co_return written;
}

Error TlsConnection::handshake_failure() {
  std::string reason = take_openssl_reason();
  if (client_ && !client_->verify_failure.empty()) reason = client_->verify_failure;
  return {Errc::failed, "TLS handshake: " + reason};
}

TlsInfo TlsConnection::agreed() {
  TlsInfo info;
  const unsigned char* protocol = nullptr;
  unsigned int protocol_bytes = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &protocol_bytes);
  if (protocol != nullptr) info.protocol.assign(reinterpret_cast<const char*>(protocol), protocol_bytes);
  if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)) info.server_name = name;
  info.version = SSL_get_version(ssl_.get());
  info.resumed = SSL_session_reused(ssl_.get()) == 1;
  return info;
}

// ---- receiving ----

// What one piece of received ciphertext decrypts to.
struct TlsConnection::Plaintext {
  std::array<Buffer, 4> blocks;  // what does not fit stays encrypted until the next read
  std::size_t count = 0;
  std::optional<Result<void>> end;
};

void TlsConnection::allow_key_updates() {
  const TimePoint now = inner_->loop().now();
  if (pipe_.most_key_updates != UINT32_MAX && now - key_updates_since_ < key_updates_window) return;
  key_updates_since_ = now;
  pipe_.most_key_updates = pipe_.key_updates + most_key_updates;
}

void TlsConnection::decrypt(Plaintext& plaintext) {
  allow_key_updates();
  // Asked only while there is something to ask for: OpenSSL takes a read buffer before it finds out that there is not.
  while (!pipe_.input.empty() || SSL_has_pending(ssl_.get()) == 1) {
    if (plaintext.count == 0 || plaintext.blocks[plaintext.count - 1].room().empty()) {
      if (plaintext.count == plaintext.blocks.size()) return;
      plaintext.blocks[plaintext.count++] = inner_->loop().allocate();
    }
    Buffer& block = plaintext.blocks[plaintext.count - 1];
    const auto room = block.room();
    std::size_t got = 0;
    forget_openssl_errors();
    const int status = SSL_read_ex(ssl_.get(), room.data(), room.size(), &got);
    if (status == 1) {
      block.grow(got);
      continue;
    }
    if (block.empty()) plaintext.blocks[--plaintext.count] = Buffer();
    const int state = SSL_get_error(ssl_.get(), status);
    if (state == SSL_ERROR_WANT_READ) break;
    if (state == SSL_ERROR_ZERO_RETURN) {
      plaintext.end = Result<void>();
    } else {
      broken_ = true;
      const bool too_many_keys = pipe_.key_updates > pipe_.most_key_updates;
      plaintext.end = fail(Errc::failed, "TLS: " + (too_many_keys ? "too many key updates" : take_openssl_reason()));
    }
    return;
  }
  received_ = Buffer();
}

Detached TlsConnection::receive(std::shared_ptr<TlsConnection> self) {
  Plaintext plaintext;
  while (true) {
    self->decrypt(plaintext);
    if (plaintext.count > 0 || plaintext.end) break;
    auto bytes = co_await self->inner_->read(no_deadline);
    if (self->owner_ == nullptr) {
      self->receiving_ = false;
      co_return;
    }
    if (!bytes) {
      plaintext.end = std::unexpected(std::move(bytes.error()));
      break;
    }
    if (bytes->empty()) {
      // RFC 8446, 6.1: without close_notify it cannot be told from an attacker who cuts the connection.
      plaintext.end = fail(Errc::closed, "the connection ended without TLS close_notify");
      break;
    }
    self->received_ = std::move(*bytes);
    self->pipe_.input = self->received_.view();
  }
  if (self->broken_ && !self->pipe_.unasked.empty() && !self->sending_) send_alert(self);
  hand_over(self, plaintext);
}

void TlsConnection::hand_over(std::shared_ptr<TlsConnection> self, Plaintext& plaintext) {
  // Each delivery may resume a reader, who may destroy the owner, or read again: while receiving_ is set that starts
  // nothing, and what is left here reaches the reader in order.
  for (std::size_t i = 0; i < plaintext.count; ++i) {
    if (i + 1 == plaintext.count && !plaintext.end) self->receiving_ = false;
    self->owner_->deliver(std::move(plaintext.blocks[i]));
    if (self->owner_ == nullptr) return;
  }
  if (!plaintext.end) return;
  self->receiving_ = false;
  std::optional<Error> error;
  if (!*plaintext.end) error = std::move(plaintext.end->error());
  self->owner_->deliver_end(std::move(error));
}

// Tells the peer why the connection fails, if that can be done without waiting for anything else.
Detached TlsConnection::send_alert(std::shared_ptr<TlsConnection> self) {
  const std::string alert = std::exchange(self->pipe_.unasked, {});
  self->sending_ = true;
  co_await self->inner_->write(alert, no_deadline);
  self->sending_ = false;
}

// ---- sending ----

// Walks over the parts of one write.
class TlsConnection::PartCursor {
 public:
  explicit PartCursor(std::span<const iovec> parts) : parts_(parts) { skip_empty(); }

  bool empty() const { return parts_.empty(); }
  bool last() const { return parts_.size() == 1; }
  std::string_view piece() const {
    return {static_cast<const char*>(parts_.front().iov_base) + offset_, parts_.front().iov_len - offset_};
  }
  void advance(std::size_t bytes) {
    offset_ += bytes;
    skip_empty();
  }

 private:
  void skip_empty() {
    while (!parts_.empty() && offset_ == parts_.front().iov_len) {
      parts_ = parts_.subspan(1);
      offset_ = 0;
    }
  }

  std::span<const iovec> parts_;
  std::size_t offset_ = 0;
};

std::size_t TlsConnection::record_limit() {
  return sent_since_pause_bytes_ < short_records_until_bytes ? short_record_bytes : long_record_bytes;
}

Result<void> TlsConnection::encrypt(PartCursor& rest, CipherBatch& batch) {
  batch.append(std::exchange(pipe_.unasked, {}));
  Buffer gathered;
  while (!rest.empty() && batch.takes_another_record()) {
    const std::size_t limit = record_limit();
    std::string_view record = rest.piece().substr(0, limit);
    if (record.size() == limit || rest.last()) {
      rest.advance(record.size());
    } else {
      // Short parts (a header, a chunk's length) share a record.
      gathered = inner_->loop().allocate();
      const auto room = gathered.room().first(limit);
      while (!rest.empty() && gathered.size() < limit) {
        const std::string_view piece = rest.piece().substr(0, limit - gathered.size());
        std::memcpy(room.data() + gathered.size(), piece.data(), piece.size());
        gathered.grow(piece.size());
        rest.advance(piece.size());
      }
      record = gathered.view();
    }
    forget_openssl_errors();
    pipe_.output = &batch;
    std::size_t taken = 0;
    const int status = SSL_write_ex(ssl_.get(), record.data(), record.size(), &taken);
    pipe_.output = nullptr;
    if (status != 1) {
      broken_ = true;
      return fail(Errc::failed, "TLS: " + take_openssl_reason());
    }
    sent_since_pause_bytes_ = std::min(sent_since_pause_bytes_ + taken, short_records_until_bytes);
  }
  return {};
}

Detached TlsConnection::send(std::shared_ptr<TlsConnection> self) {
  const TimePoint now = self->inner_->loop().now();
  if (now - self->last_write_ > pause) self->sent_since_pause_bytes_ = 0;
  self->last_write_ = now;

  self->sending_ = true;
  PartCursor rest(self->owner_->write_parts());
  CipherBatch batch(self->inner_->loop());
  Result<void> result;
  while (!rest.empty()) {
    result = self->encrypt(rest, batch);
    if (!result) break;
    const auto parts = batch.parts();
    result = co_await self->inner_->write(parts, no_deadline);
    batch.clear();
    if (!result) break;
  }
  self->sending_ = false;
  if (self->write_timed_out_) result = fail(Errc::timed_out);
  // An owner that is gone had no writer waiting: nobody wants to know.
  if (self->owner_ != nullptr) self->owner_->complete_write(std::move(result));
}

// ---- the stream above ----

std::uint32_t key_updates(const Stream& stream) {
  const auto* const secured = stream.tls() == nullptr ? nullptr : dynamic_cast<const TlsStream*>(&stream);
  return secured == nullptr ? 0 : secured->key_updates();
}

TlsStream::TlsStream(std::shared_ptr<TlsConnection> connection, TlsInfo info)
    : Stream(connection->inner_->loop()), connection_(std::move(connection)), info_(std::move(info)) {
  local_ = connection_->inner_->local();
  peer_ = connection_->inner_->peer();
  connection_->owner_ = this;
}

TlsStream::~TlsStream() {
  connection_->owner_ = nullptr;
  if (connection_->receiving_ || connection_->sending_) connection_->inner_->cancel();
}

bool TlsStream::want_input() {
  if (!connection_->receiving_) {
    connection_->receiving_ = true;
    TlsConnection::receive(connection_);
  }
  return has_input();
}

bool TlsStream::start_write() {
  // An alert on its way out counts as broken.
  if (connection_->broken_) {
    complete_write(fail(Errc::failed, "TLS: the connection has failed"));
    return true;
  }
  TENFOLD_ASSERT(!connection_->sending_);
  TlsConnection::send(connection_);
  return !connection_->sending_;
}

void TlsStream::abort_write() {
  const auto connection = connection_;  // a resumed writer may destroy this
  connection->write_timed_out_ = true;
  connection->inner_->cancel();
}

Task<void> TlsStream::finish_writing(TimePoint deadline) {
  const auto connection = connection_;
  if (connection->broken_ || connection->sending_) co_return;
  connection->sending_ = true;
  CipherBatch batch(connection->inner_->loop());
  batch.append(std::exchange(connection->pipe_.unasked, {}));
  forget_openssl_errors();
  connection->pipe_.output = &batch;
  SSL_shutdown(connection->ssl_.get());
  connection->pipe_.output = nullptr;
  const auto flushed = co_await connection->flush(batch, deadline);
  if (flushed) co_await connection->inner_->finish_writing(deadline);
  connection->sending_ = false;
}

void TlsStream::cancel() {
  const auto connection = connection_;  // whoever is resumed may destroy this
  connection->inner_->cancel();
  if (connection->owner_ != nullptr) deliver_end(Error{Errc::cancelled});
}

Stream& TlsStream::transport() { return connection_->inner_->transport(); }

void TlsStream::reset_on_close() { connection_->inner_->reset_on_close(); }

}  // namespace tenfold::net
