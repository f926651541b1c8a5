#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

#include "base/clock.hpp"
#include "base/guarded.hpp"

namespace tenfold::origin {

// Whether a failed request speaks against its server, or against who sent it (docs/decisions/0012-whose-500.md). Some
// requests fail on every server; whoever knows one could otherwise have servers ejected, one after the other.
//
//   the same target failed on another server lately, and nobody answered it well → not the server's fault
//   another server answered it well lately                → the server's, but from one client only `most_of_one` times
//   neither is known                                      → the server's once for each client and once for each target
//
// One for all workers. Bounded: 64 targets, and 64 failures of each server; the oldest go. Thread-safe.
class Witnesses {
 public:
  static constexpr Duration memory = std::chrono::minutes(1);
  static constexpr std::uint32_t most_of_one = 8;

  enum class Blame : std::uint8_t { server, request };
  // A request of this client (0: of nobody in particular) for this target (a hash) failed on the server.
  Blame hear(std::uint32_t server, std::uint64_t client, std::uint64_t target, TimePoint now);

  // Whether it matters what is answered well: nothing but a load as long as nothing fails.
  bool any() const { return in_question_.load(std::memory_order_relaxed) != 0; }
  bool in_question(std::uint64_t target) const {
    return (in_question_.load(std::memory_order_relaxed) >> (target & 63) & 1) != 0;
  }
  void answered_well(std::uint32_t server, std::uint64_t target, TimePoint now);

 private:
  static constexpr std::size_t most_kept = 64;
  struct Target {
    std::uint64_t hash = 0;
    std::uint32_t failed_on = 0;  // the server on which it failed first
    bool failed_elsewhere = false;
    std::uint32_t good_on = none;  // a server that answered it well
    TimePoint last{};
  };
  struct Failure {
    std::uint64_t client = 0;
    std::uint64_t target = 0;
    TimePoint at{};
  };
  static constexpr std::uint32_t none = UINT32_MAX;
  struct Kept {
    std::deque<Target> targets;
    std::map<std::uint32_t, std::deque<Failure>> failures;  // by Server::id()
    TimePoint tidied{};
  };

  void tidy(Kept& kept, TimePoint now);
  static Target& target_of(Kept& kept, std::uint32_t server, std::uint64_t hash);

  Guarded<Kept> kept_;
  std::atomic<std::uint64_t> in_question_{0};  // a bit for each of 64 classes of targets
};

}  // namespace tenfold::origin
