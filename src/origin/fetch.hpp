#pragma once

#include <absl/container/inlined_vector.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "http/exchange.hpp"
#include "net/buffer.hpp"
#include "net/cancel.hpp"
#include "net/task.hpp"
#include "origin/admission.hpp"
#include "origin/held.hpp"
#include "origin/lease.hpp"
#include "origin/route.hpp"

namespace tenfold::origin {

// Where a request's body comes from. One thread only.
class RequestBody {
 public:
  virtual ~RequestBody() = default;
  // The next part; an empty Buffer at the end.
  virtual net::Task<Result<net::Buffer>> read(TimePoint deadline) = 0;
  // The read that waits, if any, fails, at once: nobody wants more of the body.
  virtual void interrupt() = 0;
  // Complete once read() gave the end; null: none.
  virtual const http::Headers* trailers() const { return nullptr; }
};

// Told of 1xx responses other than 100 and 101 as they come.
class InterimSink {
 public:
  virtual ~InterimSink() = default;
  // The head is valid during the call and until its task ends.
  virtual net::Task<void> interim(const http::ResponseHead& head) = 0;
};

// One request to forward. What it points to must outlive the fetch and the Fetched that it gives.
struct FetchRequest {
  // Hop-by-hop fields removed. While an attempt is sent to a pool that has a host of its own, authority is that host.
  http::RequestHead& head;
  RouteRef route;
  Claim claim = {};
  Inheritance* inheritance = nullptr;  // null: nobody else's fetch
  // Bodies that are longer than what is read before anything is sent, and that one client may have on their way at one
  // time; never more than half of the route's places. Past it the fetch fails with exhausted, on the client's side.
  std::uint32_t most_uploads = 32;
  // Until the response's final head is here (and its body gathered), all attempts together. The time in which the
  // client sends what is read before anything is sent does not count: body_timeout bounds it.
  TimePoint deadline;
  // The same where all that is left is a server that answers no health checks. Not for a request that may not be
  // repeated: to end its wait would lose it for certain.
  TimePoint last_resort_deadline = no_deadline;
  RequestBody* body = nullptr;  // null: none
  // None: no body. Up to keep_bytes is read before anything is sent, the whole body if it has no more.
  http::BodyLength body_length;
  // Between two parts of a streamed request body, in each direction.
  Duration body_timeout = std::chrono::seconds(30);
  // A response of known length up to this is gathered whole before fetch() returns, so that a server that dies in
  // mid-body is as if it had not answered. 0: never. text/event-stream is never gathered.
  std::uint32_t gather_bytes = 64 * 1024;
  // The value of the client's cookie named RouteRef::sticky_cookie(), if any.
  std::string_view sticky = {};
  InterimSink* interim = nullptr;  // null: interim responses are dropped
  // Gives up: fetch() then fails with cancelled. It does not end the Fetched.
  net::CancelToken cancel = {};
};

// Why there is no response.
struct FetchFailure {
  // unreachable: no server is usable or could be connected to. exhausted: all are at their limits, and the queue is
  // full or was waited in too long. timed_out: no answer in time. closed: the server broke off. invalid, too_large:
  // its answer is not HTTP, or its head too long. cancelled. If side is client: what RequestBody::read() gave, or
  // exhausted: the client has too many uploads or tunnels under way.
  Error error;
  enum class Side : std::uint8_t { origin, client } side = Side::origin;
  std::uint32_t attempts = 0;      // made, the failed ones included
  RouteRef route = {};             // keeps what is named here alive
  const Server* server = nullptr;  // tried last; null: none was
  std::string cause = {};          // for people: what that server did, or why none was asked
  Duration origin_time{};          // as Fetched::origin_time()
};

class Fetched;
using FetchResult = std::expected<Fetched, FetchFailure>;

// A response under way: its head is here, its body follows. Holds the connection and the server's accounting.
// Destroy it as soon as the body is done: that returns the connection. Destroying it earlier closes the connection.
// When uploading() says so, `co_await fetched.finish()` comes first. Move-only. One thread only.
class Fetched {
 public:
  Fetched(Fetched&&) noexcept;
  Fetched& operator=(Fetched&&) noexcept;
  ~Fetched();

  // Valid until the Fetched dies.
  const http::ResponseHead& head() const { return *head_; }
  http::BodyLength body_length() const { return connection().body_length(); }

  // A part of the body that is here already, without waiting; empty: none. The fast path.
  net::Buffer take_ready_body();
  // The whole body has been taken.
  bool body_done() const;
  // The next part; empty at the end. Errors: as ClientConnection::read_body(); they count against the server.
  net::Task<Result<net::Buffer>> read_body(TimePoint deadline);
  const http::Headers& trailers() const { return connection().trailers(); }

  // The request's body is still being sent (the server answered early). Never after a safe method or a 101.
  bool uploading() const;
  // Stops sending the request's body after the part under way and waits for that; at most body_timeout.
  net::Task<void> finish();

  // To be asked before the body is passed on at the client's pace, which holds the place at the origin for as long as
  // the client pleases: false if this client holds half of the route's places so already.
  bool hold_for_client();
  // To be asked each second that a body or a tunnel goes on so, with how fast the client takes it (empty: not known):
  // whether it may go on. False once others have more of a right to the place (HeldPlaces::Held::keep()).
  bool keep_hold(std::optional<std::uint64_t> bytes_per_s);
  // Whom to call when others have got more of a right to it, so that keep_hold() is asked at once; told null: nobody.
  void call_when_hold_is_lost(HeldPlaces::Held::Told told, void* owner);

  // For a tunnel after 101: raw() is the stream. The connection ends with the Fetched.
  http::ClientConnection& connection() const { return *lease_.connection(); }
  const Server& server() const { return lease_.server(); }
  const Pool& pool() const { return lease_.pool(); }
  const RouteRef& route() const { return lease_.route(); }  // keeps server() and pool() alive
  std::uint32_t attempts() const { return attempts_; }      // the successful one included
  // What the origins took until the head: connecting and waiting, over all attempts, those that failed included;
  // without the time in which the client sent its request's body.
  Duration origin_time() const { return origin_time_; }
  // A cookie value that the client must be given so that it stays with this server; empty: nothing to set.
  std::string_view new_sticky() const { return new_sticky_; }

 private:
  friend class Flight;
  class Upload;
  Fetched() = default;

  void give_account();

  Claim claim_;
  std::uint64_t target_ = 0;  // for Witnesses, if some of the body is still to come
  HeldPlaces::Hold hold_;
  Lease lease_;
  const http::ResponseHead* head_ = nullptr;
  absl::InlinedVector<net::Buffer, 4> gathered_;
  std::size_t gathered_next_ = 0;
  std::shared_ptr<Upload> upload_;  // null unless the request's body was streamed
  std::string_view new_sticky_;
  Duration origin_time_{};
  std::uint32_t attempts_ = 0;
};

}  // namespace tenfold::origin
