#pragma once

#include <absl/container/inlined_vector.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/scope.hpp"
#include "net/timers.hpp"
#include "origin/admission.hpp"
#include "origin/fetch.hpp"
#include "origin/lane.hpp"
#include "origin/lease.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {

// A request's body on its way from the client to a server, while the answer is awaited and even after it came.
// One thread only.
class Fetched::Upload {
 public:
  // A body must come at least as fast as this, on average, once its first body_timeout is over: what trickles holds a
  // place at the origin.
  static constexpr std::uint64_t least_bytes_per_s = 1024;

  // hold: of the place at the member's server; null: nobody's.
  Upload(RequestBody& body, Upstreams& owner, HeldPlaces::Held* hold, const Member& member, const Claim& claim)
      : body_(body), owner_(owner), loop_(owner.loop()), hold_(hold), member_(member), claim_(claim) {}

  // Sends parts until the body's end, a failure or stop(). All that it is given outlives it.
  static net::Task<void> run(std::shared_ptr<Upload> self, http::ClientConnection& connection, Duration timeout);

  bool running() const { return running_; }
  // Ends it, at once where the client is waited for. What becomes of the client's body from here on is no
  // client_error().
  void stop();
  // When a part was last taken by the server, or the upload ended.
  TimePoint last_progress() const { return last_progress_; }
  // Whether the server took something since the last call.
  bool has_moved(const net::Stream& stream);
  // What reading the client's body gave, if that failed before stop().
  const std::optional<Error>& client_error() const { return client_error_; }
  net::Task<void> wait_end(net::Loop& loop);

 private:
  static constexpr Duration look_every = std::chrono::seconds(1);
  static constexpr Duration known_after = std::chrono::seconds(2);  // of waiting for the client

  static void on_time(void* self) { static_cast<Upload*>(self)->on_second(); }
  void on_second();
  net::Task<Result<net::Buffer>> read(TimePoint deadline);

  RequestBody& body_;
  Upstreams& owner_;
  net::Loop& loop_;
  HeldPlaces::Held* const hold_;
  const Member& member_;
  const Claim claim_;
  net::Timer look_{&on_time, this};
  bool running_ = true;
  bool stopping_ = false;
  bool lost_ = false;  // the place, to others
  TimePoint began_{};
  std::optional<TimePoint> reading_since_;
  Duration client_took_{};
  std::uint64_t received_ = 0;
  TimePoint last_progress_{};
  std::uint64_t taken_ = 0;  // net::Stream::bytes_taken(), when last looked at
  std::optional<Error> client_error_;
  net::Event ended_;
};

// Parts of a body that are kept for later. Small ones are copied together: each part received may hold a whole buffer
// of the loop, however little is in it.
class KeptParts {
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
//
//   keep_body → hold → take_place ─────────→ connect → attempt ──→ land
//                        ↑  └→ wait_for_place ↗           │
//                        └──── after_failure ←────────────┤
//                              move_from_bad_answer ←─────┘
//
// fetching.cpp has its way from one step to the next; attempt.cpp one attempt; verdict.cpp what follows from how an
// attempt ended.
class Flight {
 public:
  static net::Task<FetchResult> fly(Upstreams& upstreams, FetchRequest request);
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

 private:
  Flight(Upstreams& upstreams, FetchRequest wanted);

  // A request's body up to this is read before a place is asked for, and kept, so that the request can be sent again.
  // So is the beginning of a longer one: what is wrong with its framing up to here is found before any server hears of
  // the request, and no place is held for a body that does not come.
  static constexpr std::uint64_t keep_bytes = 64 * 1024;
  static constexpr std::size_t most_attempts = 8;
  // Interim responses in one attempt; past it the server's answer is invalid.
  static constexpr std::uint32_t most_interims = 32;

  enum class Body : std::uint8_t {
    none,
    kept,      // whole
    streamed,  // its beginning is kept
    spent,     // streamed, and some of it is gone: not to be sent again
  };
  enum class Again : std::uint8_t { yes, no };

  // ---- fetching.cpp ----
  void begin_attempt();
  bool goes_on_uploading(int status) const;
  void put_off_deadlines(Duration by);
  net::Task<Result<void>> keep_body();
  Result<void> hold();
  Result<void> begin_hold();
  std::unexpected<Error> deny_hold(std::string why);
  enum class Followed : std::uint8_t { yes, no };
  Followed follow_names();
  Result<void> set_deadline();
  bool at_last_resort() const;
  TimePoint deadline_by_marks() const;
  Choice::Shortage take_place();
  void find_idle();
  net::Task<Choice::Shortage> wait_for_place();
  net::Task<Choice::Shortage> wait_in_turn(Ticket& ticket);
  void count_waiting(int change);
  static void on_left(void* self, const Claim& claim) { static_cast<Flight*>(self)->inherit(claim); }
  void inherit(const Claim& claim);
  void ask_for_way(const Ticket& ticket);
  net::Task<Result<void>> connect();
  std::unexpected<FetchFailure> fail_for_good();
  OriginUse use_so_far() const;
  OriginUse answered_use(const http::ResponseHead& head) const;

  // ---- attempt.cpp ----
  net::Task<Result<const http::ResponseHead*>> attempt();
  net::Task<Result<const http::ResponseHead*>> await_head();
  net::Task<Result<const http::ResponseHead*>> early_answer(Error closed);
  net::Task<void> pass_interim(const http::ResponseHead& head);
  TimePoint expected_by() const;
  bool upload_moves();
  const http::Headers* trailers() const;
  net::Task<Result<void>> send_kept_body();
  net::Task<Result<void>> gather(const http::ResponseHead& head);
  void start_upload();
  void begin_wait();
  void end_wait();
  TimePoint asked_at() const;
  TimePoint answer_deadline() const;
  Duration silence_allowed() const;
  TimePoint next_look() const;
  void look_at_silence();

  // ---- verdict.cpp ----
  void count_answer(const http::ResponseHead& head);
  void count_failure(Outcome outcome);
  std::uint64_t target() const;
  Witnesses::Blame blame();
  void close_account();
  std::string cause_of_failure(const Error& error) const;
  Again after_failure(Error error);
  bool has_untried();
  Again spend_retry();
  Again move_from_bad_answer(const http::ResponseHead& head);
  bool keeps_sticky() const;
  Fetched land(const http::ResponseHead& head);

  std::span<const Server* const> tried() const { return {tried_servers_.data(), tried_count_}; }
  void add_tried(const Server& server);
  Wish wish() const;
  // Sending it once more, elsewhere, does no harm: RFC 9110, 9.2.2.
  bool repeatable() const { return idempotent_ && body_ != Body::spent; }
  // The worker's end reaches connections in an order of its own: it is known before any of them breaks.
  bool given_up() const { return give_up_.cancelled() || up_.ending_.cancelled(); }
  const Settings& settings() const { return request_.route.topology().settings; }
  static void on_give_up(void* self) { static_cast<Flight*>(self)->give_up_.cancel(); }

  Upstreams& up_;
  net::Loop& loop_;
  FetchRequest request_;
  const bool idempotent_;
  Body body_ = Body::none;
  KeptParts kept_;

  // Cancelled when whoever asked gives up, or the worker ends.
  net::CancelSource give_up_;
  net::CancelHook asker_hook_{&on_give_up, this};
  net::CancelHook ending_hook_{&on_give_up, this};

  HeldPlaces::Hold hold_;  // for a streamed body and for an upgrade
  Lease lease_;
  AnswerWait wait_;
  net::CancelHook wait_hook_{&AnswerWait::on_cancel, &wait_};
  std::shared_ptr<Fetched::Upload> upload_;  // of the present attempt
  KeptParts gathered_;
  enum class ConnectionAge : std::uint8_t { fresh, reused } connection_age_ = ConnectionAge::fresh;
  enum class Sent : std::uint8_t { nothing, something } sent_ = Sent::nothing;  // of the present attempt
  enum class Place : std::uint8_t { unasked, queued } place_ = Place::unasked;
  Ticket* ticket_ = nullptr;    // while it waits for a place
  bool looks_at_once_ = false;  // its turn may have come without a call
  enum class NextConnection : std::uint8_t { any, fresh } next_connection_ = NextConnection::any;
  // Of the present attempt: whether a final head came, and whether its time has been added to origin_time_.
  enum class Answered : std::uint8_t { no, yes } answered_ = Answered::no;
  enum class Account : std::uint8_t { open, closed } account_ = Account::closed;
  std::uint32_t interims_ = 0;  // of the present attempt
  TimePoint began_{};           // the present attempt
  TimePoint deadline_{};        // deadline_by_marks() when last looked, whatever the server's time-outs
  TimePoint sent_at_{};
  Duration origin_time_{};  // of all attempts that have ended

  std::array<const Server*, most_attempts> tried_servers_{};
  std::size_t tried_count_ = 0;
  const Pool* last_pool_ = nullptr;     // of the present or last attempt
  const Server* last_tried_ = nullptr;  // of request_.route's topology
  std::uint32_t attempts_ = 0;
  std::uint32_t stale_attempts_ = 0;  // of those on a kept connection that the server was just closing

  Error error_{Errc::unreachable};
  std::string cause_;
  FetchFailure::Side side_ = FetchFailure::Side::origin;
};

}  // namespace tenfold::origin
