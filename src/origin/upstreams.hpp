#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"
#include "net/timers.hpp"
#include "origin/choice.hpp"
#include "origin/directory.hpp"
#include "origin/fetch.hpp"
#include "origin/lane.hpp"
#include "origin/lease.hpp"
#include "origin/place_queue.hpp"
#include "origin/retry_budget.hpp"
#include "origin/route.hpp"

namespace tenfold::origin {

// Counted by one worker, read by any thread.
struct UpstreamMetrics {
  Counter fetches;
  Counter failed;    // fetches that gave an error
  Counter attempts;  // requests sent or tried to be, retries included
  Counter retries;
  Counter retries_denied;  // a retry was due, but the budget was spent
  Counter connections;     // made
  Counter reused;          // attempts on a connection that had been idle
  Counter queued;          // fetches that waited for a place at a server
  Counter queue_full;      // of those turned away at once
  Counter gathered;        // responses gathered whole
  Counter suspicions;      // raised by this worker
};

// A worker's connections to the origins: chooses a server, keeps connections, retries. One for each loop; the loop,
// directory and random source must outlive it. No fetch may be under way and no Fetched alive when it is destroyed.
class Upstreams final : private DirectoryObserver {
 public:
  Upstreams(Directory& directory, net::Loop& loop, Random& random);
  Upstreams(const Upstreams&) = delete;
  Upstreams& operator=(const Upstreams&) = delete;
  ~Upstreams();

  // Where a request goes; under 100 ns with few routes. path: without the query.
  RouteRef route(std::string_view method, std::string_view authority, std::string_view path);

  // Sends the request to a server of the route and waits for its final head. Tries again on another server as
  // RetryPolicy says: idempotent requests whose body, if any, has been kept, and any request of which nothing was sent.
  net::Task<FetchResult> fetch(FetchRequest request);

  // Closes idle connections, e.g. when draining.
  void close_idle();
  const UpstreamMetrics& metrics() const { return metrics_; }
  net::Loop& loop() const { return loop_; }

 private:
  friend class Lease;
  friend class Fetched;
  class Parts;
  struct Flight;

  void on_topology() override;
  void on_down(Server& server) override;
  void on_room(Server& server) override;

  void adopt();  // takes the directory's topology if it is a new one
  Lane& lane(const Server& server);
  Result<std::shared_ptr<net::TlsClientContext>> tls_context(const Server& server);
  bool enter(const Member& member);
  void give_back(const Member& member, std::unique_ptr<http::ClientConnection> connection);
  void offer_place(Server& server);
  void sweep_idle();
  static void on_sweep(void* self);

  // The steps of a fetch; see fetching.cpp.
  net::Task<Result<void>> keep_body(Flight& flight);
  Choice::Shortage take_place(Flight& flight);
  void find_idle(Flight& flight);
  net::Task<Choice::Shortage> wait_for_place(Flight& flight);
  net::Task<Result<void>> connect(Flight& flight);
  net::Task<Result<const http::ResponseHead*>> attempt(Flight& flight);
  static const http::Headers* trailers(const Flight& flight);
  net::Task<Result<const http::ResponseHead*>> read_refusal(Flight& flight);
  net::Task<void> pass_interim(Flight& flight, const http::ResponseHead& head);
  TimePoint expected_by(const Flight& flight) const;
  static bool upload_moves(Flight& flight);
  net::Task<Result<void>> send_kept_body(Flight& flight);
  net::Task<Result<void>> gather(Flight& flight, const http::ResponseHead& head);
  void start_upload(Flight& flight);
  void begin_wait(Flight& flight);
  void end_wait(Flight& flight);
  TimePoint asked_at(const Flight& flight) const;
  TimePoint answer_deadline(const Flight& flight) const;
  Duration silence_allowed(const Flight& flight) const;
  TimePoint next_look(const Flight& flight) const;
  void look_at_silence(Flight& flight);
  void count_answer(Flight& flight, const http::ResponseHead& head);
  void count_failure(Flight& flight, Outcome outcome);
  enum class Again : std::uint8_t { yes, no };
  Again after_failure(Flight& flight, Error error);
  bool has_untried(const Flight& flight);
  Again spend_retry(Flight& flight);
  Again move_from_bad_answer(Flight& flight, const http::ResponseHead& head);
  static bool keeps_sticky(const Flight& flight);
  Fetched land(Flight& flight, const http::ResponseHead& head);

  Directory& directory_;
  net::Loop& loop_;
  Random& random_;
  UpstreamMetrics metrics_;
  RetryBudget budget_;
  GenerationRef generation_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // by Server::id(); a removed server's stays, empty
  PlaceQueue queue_;
  net::Scope uploads_;
  net::Timer sweep_timer_;
  Directory::Subscription subscription_;
};

}  // namespace tenfold::origin
