#pragma once

#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/exchange.hpp"
#include "http/message.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

namespace tenfold::http {

struct ResponseLimits {
  std::size_t head_bytes = 64 * 1024;  // status line and fields; more is an error (too_large)
  std::size_t header_count = 200;
};

// Client side: one connection that carries one request after another. One thread only.
//
// Order: send_request(); send_body() until BodyEnd::last; read_head() until a final status (it skips nothing: 1xx are
// given too); read_body() until its empty Buffer; then, if reusable(), the next request. Reading may begin before
// the body is all sent. Destroying it closes the connection.
class ClientConnection {
 public:
  virtual ~ClientConnection() = default;

  // Framing is the connection's business, as in ServerExchange::send(): length says how the body will be framed.
  // Host is taken from head.authority. Fields of hop-by-hop kind must have been removed by the caller, except
  // Upgrade and its Connection option, which are passed on.
  virtual net::Task<Result<void>> send_request(const RequestHead& head, BodyLength length, std::string_view body,
                                               BodyEnd end, TimePoint deadline) = 0;
  virtual net::Task<Result<void>> send_body(std::string_view bytes, BodyEnd end, net::WriteLimit limit,
                                            const Headers* trailers = nullptr) = 0;

  // The head stays valid until the next send_request() or the connection's end. Errors: timed_out (a later call goes
  // on), closed (ended before a complete head), invalid (not HTTP, or ambiguous framing, or the seventeenth 1xx),
  // too_large. Good also after a send that failed: a server that refuses a request may answer and close before it has
  // taken all of it.
  virtual net::Task<Result<const ResponseHead*>> read_head(TimePoint deadline) = 0;
  virtual BodyLength body_length() const = 0;
  // The next part of the body; an empty Buffer at its end. A body that ends early is an error: closed.
  virtual net::Task<Result<net::Buffer>> read_body(TimePoint deadline) = 0;
  // A part of the body that is here already, without waiting: the fast path for small bodies. An empty Buffer when
  // there is none or the body is at its end; body_done() tells which.
  virtual net::Buffer take_ready_body() = 0;
  virtual bool body_done() const = 0;
  virtual const Headers& trailers() const = 0;

  // True when nothing has arrived for the current request: neither head nor part of one. A request that failed while
  // this holds was possibly never seen by the server; idempotent ones may be sent again (RFC 9110, 9.2.2).
  virtual bool untouched() const = 0;
  // True when the exchange is complete both ways and the server will go on: it says so, and has neither answered before
  // it had the whole request nor refused a long one, as those do who close next. Never again once a request or an
  // answer was about an authentication that holds for the connection (NTLM, Negotiate).
  virtual bool reusable() const = 0;
  // False when an idle connection has been closed by the server, or it has sent something unasked.
  virtual bool alive() const = 0;
  // After a 101: the raw stream, with what came early first.
  virtual net::Stream& raw() = 0;
  virtual net::Stream& stream() = 0;
};

std::unique_ptr<ClientConnection> make_http1_client(std::unique_ptr<net::Stream> stream, ResponseLimits limits = {});

}  // namespace tenfold::http
