#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/chores.hpp"
#include "http/message.hpp"
#include "net/buffer.hpp"
#include "net/cancel.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

namespace tenfold::http {

// In which turn a client's idle connection is closed where its place is needed for another's (http/server.hpp).
enum class IdleTurn : std::uint8_t { first, second, last };
inline constexpr std::size_t idle_turns = 3;

// One of the few connections for which somebody may have more than others: of whom is the handler's to say. Given back
// by its destructor.
class FavouredPlace {
 public:
  FavouredPlace() = default;
  FavouredPlace(const FavouredPlace&) = delete;
  FavouredPlace& operator=(const FavouredPlace&) = delete;
  virtual ~FavouredPlace() = default;
  virtual std::uint64_t bearer() const = 0;
};

// Server side: one request and the answer to it. Made by a connection of any HTTP version, lent to the handler until
// its task ends. One thread only.
//
// The order of calls: read_body() as often as wanted; send_interim() any number of times; send() once; send_body()
// until one with BodyEnd::last. If send() gives BodyEnd::last, or the response has no body, nothing may follow.
// A handler that returns without finishing the response makes the connection close (HTTP/1) or resets the stream.
// What is left unread of the request's body is read and thrown away up to a bound, else the connection closes.
class ServerExchange {
 public:
  virtual ~ServerExchange() = default;

  RequestHead& request() { return request_; }
  const RequestHead& request() const { return request_; }
  BodyLength body_length() const { return body_length_; }  // unknown: chunked

  // True while the client waits for "100 Continue" before it sends the body (RFC 9110, 10.1.1): read_body() will send
  // it.
  virtual bool awaits_continue() const = 0;
  // The next part of the request's body; an empty Buffer at its end (and when there is none).
  // "Expect: 100-continue" is answered by the first call. Errors: timed_out, closed (the client left in mid-body),
  // invalid (bad chunk; the connection closes after the answer), too_large (over the limit), cancelled.
  virtual net::Task<Result<net::Buffer>> read_body(TimePoint deadline) = 0;
  // The read_body() that waits for the client, if any, fails with cancelled, at once. Nothing is lost.
  virtual void interrupt_read_body() = 0;
  // Trailer fields; complete once read_body() gave its end. Only those that RFC 9110, 6.5.1 allows.
  virtual const Headers& trailers() const = 0;

  virtual net::Task<Result<void>> send_interim(const ResponseHead& head, TimePoint deadline) = 0;  // 103 and the like

  // Sends the head and the first part of the body. Framing (Content-Length, Transfer-Encoding, Connection) is the
  // connection's business: it adds these fields, and ignores those in the head, except Content-Length: when the
  // body is not complete with this call (BodyEnd::more) a Content-Length in the head frames the body and what is sent
  // must match it; for HEAD and 304 it is passed on. Without it the body goes chunked (or until close in HTTP/1.0).
  // Date is added when the head has none (RFC 9110, 6.6.1). The deadline is for all of it; that the client takes
  // nothing for long is the connection's business.
  virtual net::Task<Result<void>> send(const ResponseHead& head, std::string_view body, BodyEnd end,
                                       TimePoint deadline) = 0;
  // The same with several parts of the body, at most most_parts: head and parts go out in one write.
  virtual net::Task<Result<void>> send_together(const ResponseHead& head, std::span<const std::string_view> parts,
                                                BodyEnd end, TimePoint deadline) = 0;
  virtual net::Task<Result<void>> send_body(std::string_view bytes, BodyEnd end, TimePoint deadline,
                                            const Headers* trailers = nullptr) = 0;
  // The same for several parts in one go: one write, and one chunk where the body is chunked. At most most_parts.
  virtual net::Task<Result<void>> send_parts(std::span<const std::string_view> parts, BodyEnd end, TimePoint deadline,
                                             const Headers* trailers = nullptr) = 0;
  static constexpr std::size_t most_parts = 8;

  // Answers 101 with the head and gives the raw stream, with what the client sent early first. The connection ends
  // with the exchange. Errors: unsupported where the version has no upgrade.
  virtual net::Task<Result<net::Stream*>> upgrade(const ResponseHead& head, TimePoint deadline) = 0;
  // A chore of the connection's that only the handler sees, on the raw stream.
  virtual Burning burn(Chore) { return Burning::may_go_on; }

  // Close after this answer (HTTP/1 "Connection: close"); call before send().
  virtual void close_after() = 0;

  // Whoever asks is known: the connection is not closed for what others of its client burn (ServerContext::burnt).
  virtual void spare() {}
  // What the connection holds until it ends or is given another; null: nothing.
  virtual const FavouredPlace* place() const { return nullptr; }
  virtual void hold(std::unique_ptr<const FavouredPlace>) {}

  // Ends what is being sent, at once: it fails with cancelled, and the connection closes by a reset.
  virtual void break_off() = 0;
  // Grows as the client takes what is sent to it (net::Stream::bytes_taken()).
  virtual std::uint64_t bytes_taken() const = 0;

  // Cancelled when the client is gone: at once when it broke off, and departure_grace after it finished sending, since
  // one that only half-closes still wants its answer, and the two cannot be told apart. Good while the handler runs.
  virtual net::CancelToken client_left() = 0;
  static constexpr Duration departure_grace = std::chrono::seconds(3);
  // Another grace than that for this exchange, also where the client has finished sending already.
  virtual void set_departure_grace(Duration grace) = 0;

  // In which turn the connection goes when it is idle, from this answer on until another request says otherwise;
  // `last` is not put forward to `second` for so long. Of which nothing is said ever: first.
  void set_idle_turn(IdleTurn turn, Duration kept_for = {}) {
    idle_turn_ = turn;
    idle_turn_kept_for_ = kept_for;
  }

  bool head_sent() const { return head_sent_; }
  bool finished() const { return finished_; }
  int status_sent() const { return status_sent_; }  // 0 before send()
  std::uint64_t body_bytes_sent() const { return body_bytes_sent_; }
  std::uint64_t body_bytes_received() const { return body_bytes_received_; }

  net::Loop& loop() const { return loop_; }
  const net::Endpoint& client() const { return client_; }  // the peer, or as PROXY protocol says
  const net::Endpoint& local() const { return local_; }
  const net::TlsInfo* tls() const { return tls_; }
  // When the request's first byte arrived.
  TimePoint began() const { return began_; }
  // Memory for strings that live as long as the exchange.
  Arena& arena() { return arena_; }

 protected:
  explicit ServerExchange(net::Loop& loop) : loop_(loop) {}

  net::Loop& loop_;
  RequestHead request_;
  BodyLength body_length_;
  net::Endpoint client_;
  net::Endpoint local_;
  const net::TlsInfo* tls_ = nullptr;
  TimePoint began_{};
  Arena arena_;
  int status_sent_ = 0;
  std::uint64_t body_bytes_sent_ = 0;
  std::uint64_t body_bytes_received_ = 0;
  bool head_sent_ = false;
  bool finished_ = false;
  std::optional<IdleTurn> idle_turn_;  // empty: nothing was said
  Duration idle_turn_kept_for_{};
};

// A request that a connection answered by itself: malformed, too large, too slow.
struct RefusedRequest {
  int status = 0;
  std::uint64_t body_bytes = 0;       // of the answer
  const net::Endpoint& client;        // as ServerExchange::client()
  const net::TlsInfo* tls;            // null: plain
  TimePoint began;                    // when its first byte arrived
  const RequestHead* head = nullptr;  // null: it could not be read
};

// Answers requests. Shared by all connections of a loop.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual net::Task<void> handle(ServerExchange& exchange) = 0;
  // Told of what it was not asked to answer, once the answer is written or given up. Valid during the call.
  virtual void refused(const RefusedRequest&) {}
};

}  // namespace tenfold::http
