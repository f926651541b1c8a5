#pragma once

#include <absl/container/inlined_vector.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "net/scope.hpp"
#include "origin/fetch.hpp"
#include "origin/lane.hpp"
#include "origin/lease.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {

// A request's body on its way from the client to a server, while the answer is awaited and even after it came.
// One thread only.
class Fetched::Upload {
 public:
  // Sends parts until the body's end, a failure or stop(). All that it is given outlives it.
  static net::Task<void> run(std::shared_ptr<Upload> self, RequestBody& body, http::ClientConnection& connection,
                             Duration timeout);

  bool running() const { return running_; }
  void stop() { stopping_ = true; }
  // When a part was last taken by the server, or the upload ended.
  TimePoint last_progress() const { return last_progress_; }
  // Whether the server took something since the last call.
  bool has_moved(const net::Stream& stream);
  // What reading the client's body gave, if that failed.
  const std::optional<Error>& client_error() const { return client_error_; }
  net::Task<void> wait_end(net::Loop& loop);

 private:
  bool running_ = true;
  bool stopping_ = false;
  TimePoint last_progress_{};
  std::uint64_t taken_ = 0;  // net::Stream::bytes_taken(), when last looked at
  std::optional<Error> client_error_;
  net::Event ended_;
};

// Parts of a body that are kept for later. Small ones are copied together: each part received may hold a whole buffer
// of the loop, however little is in it.
class Upstreams::Parts {
 public:
  void add(net::Buffer part, net::Loop& loop);
  void clear() { parts_.clear(); }
  bool empty() const { return parts_.empty(); }
  std::size_t size() const { return parts_.size(); }
  std::string_view operator[](std::size_t i) const { return parts_[i].view(); }
  absl::InlinedVector<net::Buffer, 4> take() { return std::move(parts_); }

 private:
  absl::InlinedVector<net::Buffer, 4> parts_;
  enum class Last : std::uint8_t { received, ours } last_ = Last::received;
};

// One fetch under way, over all its attempts; lives in its coroutine's frame.
struct Upstreams::Flight {
  // A request's body up to this is read before anything is sent, and kept, so that the request can be sent again. So
  // is the beginning of a chunked body: what is wrong with its framing up to here is found before any server hears of
  // the request.
  static constexpr std::uint64_t keep_bytes = 64 * 1024;
  static constexpr std::size_t most_attempts = 8;

  enum class Body : std::uint8_t {
    none,
    kept,      // whole
    streamed,  // its beginning is kept where its length is not known
    spent,     // streamed, and some of it is gone: not to be sent again
  };

  explicit Flight(FetchRequest wanted);

  std::span<const Server* const> tried() const { return {tried_servers.data(), tried_count}; }
  void add_tried(const Server& server);
  Wish wish(TimePoint now) const;
  // Sending it once more, elsewhere, does no harm: RFC 9110, 9.2.2.
  bool repeatable() const { return idempotent && body != Body::spent; }
  FetchFailure failure() { return {.error = std::move(error), .side = side, .attempts = attempts}; }

  FetchRequest request;
  const bool idempotent;
  Body body = Body::none;
  Parts kept;

  Lease lease;
  AnswerWait wait;
  net::CancelHook cancel_hook;
  std::shared_ptr<Fetched::Upload> upload;  // of the present attempt
  Parts gathered;
  Duration origin_time{};
  TimePoint sent_at{};
  enum class Connection : std::uint8_t { fresh, reused } connection = Connection::fresh;
  enum class Sent : std::uint8_t { nothing, something } sent = Sent::nothing;  // of the present attempt
  enum class Place : std::uint8_t { unasked, queued } place = Place::unasked;
  enum class NextConnection : std::uint8_t { any, fresh } next_connection = NextConnection::any;

  std::array<const Server*, most_attempts> tried_servers{};
  std::size_t tried_count = 0;
  std::uint32_t attempts = 0;
  std::uint32_t stale_attempts = 0;  // of those on a kept connection that the server was just closing

  Error error{Errc::unreachable};
  FetchFailure::Side side = FetchFailure::Side::origin;
};

}  // namespace tenfold::origin
