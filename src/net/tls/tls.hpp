#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/cancel.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

namespace tenfold::net {

struct CertificateFiles {
  std::string chain;  // PEM: the server's certificate first, then intermediates
  std::string key;    // PEM, unencrypted
};

// What a certificate says of itself. One that has expired, or is not valid yet, is served all the same.
struct CertificateInfo {
  std::string chain_file;
  std::vector<std::string> names;  // DNS names and addresses, lower case, wildcards as "*.example.com"
  WallTime not_before{};
  WallTime not_after{};
};

// Server side: certificates by name (SNI), TLS 1.2 and 1.3 only (RFC 9325), ALPN, resumption by stateless tickets whose
// keys change every 6 hours. Immutable once made, so that one context serves all workers; a reload makes a new one.
// Thread-safe.
class TlsServerContext {
 public:
  virtual ~TlsServerContext() = default;
  // In the order in which they were given: for logs, overlap checks and warnings before they expire.
  virtual const std::vector<CertificateInfo>& certificates() const = 0;
  // The names that the certificates are for, each once.
  virtual std::vector<std::string> names() const = 0;
};

// A client whose SNI matches no certificate gets the first. Certificates for the same names with keys of different
// kinds (ECDSA and RSA) are offered together. protocols: ALPN, most wanted first; a client that offers only others is
// refused, one that offers none is served. Errors: invalid, with the file's name and what is wrong with it (cannot be
// read, not PEM, encrypted, key and certificate do not belong together). `previous` hands its ticket keys on, so that a
// reload does not end resumption. `clock` (the system's when null) times the ticket keys and must be safe to call from
// every thread that serves; it outlives the context.
Result<std::shared_ptr<const TlsServerContext>> make_tls_server_context(
    const std::vector<CertificateFiles>& certificates, const std::vector<std::string>& protocols,
    const TlsServerContext* previous = nullptr, const Clock* clock = nullptr);

// Told what a client's handshake costs, step by step: what was done with what one read brought.
class HandshakeWatch {
 public:
  enum class Then : std::uint8_t { goes_on, ends };

  virtual ~HandshakeWatch() = default;
  // The processor's time that the calling thread has had since some moment. Asked before and after each step.
  virtual Duration cpu_time() const = 0;
  // A step took so much of it. Whether an unfinished handshake goes on; a finished one does.
  virtual Then took(Duration cpu_time) = 0;
};

// Of a client, up to the end of its first ClientHello. Real ones send 4 KiB at most, with shares of post-quantum keys
// and a ticket; OpenSSL would take 128 KiB of them.
inline constexpr std::size_t most_hello_bytes = 16 * 1024;

// Takes the stream over and shakes hands. Errors: timed_out, cancelled (also by the watch), closed, failed (with
// OpenSSL's reason, or for more than most_hello_bytes). `watch`: null: nobody's; must outlive the task.
//
// The stream that comes back ends cleanly only when the peer said so: a connection cut without TLS close_notify
// reads as Errc::closed, because anyone on the way could have cut it.
Task<Result<std::unique_ptr<Stream>>> accept_tls(std::unique_ptr<Stream> stream,
                                                 std::shared_ptr<const TlsServerContext> context, TimePoint deadline,
                                                 CancelToken token = {}, HandshakeWatch* watch = nullptr);

// How often the peer of an accepted connection has changed its keys since the handshake (TLS 1.3). More than 32 times
// in ten seconds end the connection. 0 where the stream is no TLS.
std::uint32_t key_updates(const Stream& stream);

struct TlsClientOptions {
  bool verify = true;            // against the system's authorities or authorities_file, and the host's name (RFC 9525)
  std::string authorities_file;  // PEM; empty: the system's
  std::vector<std::string> protocols;  // ALPN to offer, e.g. {"http/1.1"}
};

// Client side; keeps up to 4 sessions for each server name and endpoint, for the 256 used last, for resumption.
// One thread only.
class TlsClientContext {
 public:
  virtual ~TlsClientContext() = default;
};

// Errors: invalid (an authorities file that cannot be read or holds no certificate).
Result<std::shared_ptr<TlsClientContext>> make_tls_client_context(const TlsClientOptions& options);

// server_name: for SNI and verification; an address literal is verified as such and sends no SNI.
// Errors as for accept_tls; failed says in words why a certificate was refused, and which names it is for.
Task<Result<std::unique_ptr<Stream>>> connect_tls(std::unique_ptr<Stream> stream,
                                                  std::shared_ptr<TlsClientContext> context, std::string server_name,
                                                  TimePoint deadline, CancelToken token = {});

}  // namespace tenfold::net
