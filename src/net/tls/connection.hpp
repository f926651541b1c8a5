#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/cancel.hpp"
#include "net/detached.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"
#include "net/tls/openssl.hpp"
#include "net/tls/pipe.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::net {

class TlsStream;

// What only a client's connection needs; OpenSSL's callbacks find it as the SSL's application data.
struct TlsClientSide {
  std::string server_name;
  std::string session_key;     // under which its sessions are kept
  std::string verify_failure;  // why the server's certificate was refused, in words; empty if it was not
};

// What a server gets to know of its client up to the end of the first ClientHello.
struct FirstHello {
  std::size_t received_bytes = 0;  // counted while it is not whole
  bool is_whole = false;
  TlsFingerprint fingerprint;
};

// One TLS connection over a stream: OpenSSL's state, and the coroutines that move bytes between it and the stream
// below.
//
// The stream that users hold (TlsStream) may be destroyed while a read or write below is still waiting: a read that
// timed out above goes on below, and io_uring gives a write's memory back only when the kernel is done with it. So this
// is shared by TlsStream and by each coroutine that waits; the last one frees it, and with it the stream below.
// TlsStream's destructor cancels the stream below, so that the others end soon, and clears owner_, so that they touch
// nothing above. One thread only.
class TlsConnection : public std::enable_shared_from_this<TlsConnection> {
 public:
  // keep_alive: the context that made the SSL, held as long as the connection lives.
  TlsConnection(std::unique_ptr<Stream> inner, SslPtr ssl, const BIO_METHOD& pipe_method,
                std::shared_ptr<const void> keep_alive, std::unique_ptr<TlsClientSide> client);
  ~TlsConnection();

  SSL& ssl() { return *ssl_; }
  TlsClientSide* client() { return client_.get(); }

  // The whole handshake. Errors: timed_out, cancelled, closed, failed (in words). Ends by telling the peer why.
  static Task<Result<std::unique_ptr<Stream>>> shake_hands(std::shared_ptr<TlsConnection> self, TimePoint deadline,
                                                           CancelToken token, HandshakeWatch* watch = nullptr);

 private:
  friend class TlsStream;

  struct Plaintext;
  class PartCursor;

  // hello: null where we are the client.
  Task<Result<void>> exchange_flights(TimePoint deadline, HandshakeWatch* watch, FirstHello* hello);
  Task<Result<void>> receive_flight(TimePoint deadline, FirstHello* hello);
  int step(CipherBatch& batch, HandshakeWatch* watch, HandshakeWatch::Then& then);
  Task<Result<void>> flush(CipherBatch& batch, TimePoint deadline);
  Error handshake_failure();
  void watch_for_client_hello(FirstHello& into);
  TlsInfo agreed();

  static Detached receive(std::shared_ptr<TlsConnection> self);
  static Detached send(std::shared_ptr<TlsConnection> self);
  static Detached send_alert(std::shared_ptr<TlsConnection> self);
  void decrypt(Plaintext& plaintext);
  void allow_key_updates();
  static void hand_over(std::shared_ptr<TlsConnection> self, Plaintext& plaintext);
  Result<void> encrypt(PartCursor& rest, CipherBatch& batch);
  std::size_t record_limit();

  // Members that others point into come first: the SSL dies before its pipe and its context.
  std::shared_ptr<const void> keep_alive_;
  std::unique_ptr<Stream> inner_;
  std::unique_ptr<TlsClientSide> client_;
  TlsPipe pipe_;
  Buffer received_;  // ciphertext of which pipe_.input is the rest
  SslPtr ssl_;

  TlsStream* owner_ = nullptr;
  bool receiving_ = false;  // receive() runs
  bool sending_ = false;    // send(), send_alert() or finish_writing() writes below
  bool broken_ = false;     // OpenSSL failed: nothing can be written any more
  bool write_timed_out_ = false;

  std::size_t sent_since_pause_bytes_ = 0;  // counted up to where records get long
  TimePoint last_write_{};
  TimePoint key_updates_since_{};  // the present window's begin; its bound is pipe_.most_key_updates
};

// The stream above a TlsConnection.
class TlsStream final : public Stream {
 public:
  TlsStream(std::shared_ptr<TlsConnection> connection, TlsInfo info);
  ~TlsStream() override;

  Task<void> finish_writing(TimePoint deadline) override;
  void cancel() override;
  void reset_on_close() override;
  const TlsInfo* tls() const override { return &info_; }
  std::uint32_t key_updates() const { return connection_->pipe_.key_updates; }
  std::uint64_t bytes_taken() const override { return connection_->inner_->bytes_taken(); }
  std::uint64_t bytes_untaken() const override { return connection_->inner_->bytes_untaken(); }
  Stream& transport() override;

 private:
  friend class TlsConnection;

  bool want_input() override;
  bool start_write() override;
  void abort_write() override;

  std::shared_ptr<TlsConnection> connection_;
  TlsInfo info_;
};

}  // namespace tenfold::net
