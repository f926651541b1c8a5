#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "net/loop.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"

namespace tenfold::siege {

// What "Tenfold-Challenge: v1; seed=<hex>; bits=<n>; path=/.tenfold/clear" asks for.
struct Challenge {
  std::string seed;
  int bits = 0;
  std::string path;
};
std::optional<Challenge> parse_challenge(std::string_view field);

struct Solution {
  std::uint64_t nonce = 0;
  std::uint64_t hashes = 0;
};

// Finds the nonce for which SHA-256("seed:nonce") begins with `bits` zero bits, from 0 on.
// Empty when there is none among the first `most_hashes`.
std::optional<Solution> solve(const Challenge& challenge, std::uint64_t most_hashes);

// Solves on a thread of its own, before the loop where that is allowed: a browser that solved late would be taken for a
// contender's slowness, and that the loop is late is seen. Customers' challenges come first. Past most_waiting of a
// sort nothing more is taken.
class Solver {
 public:
  enum class For : std::uint8_t { customer, attacker };
  static constexpr std::size_t most_waiting = 4'000;
  static constexpr std::uint64_t most_hashes = 1u << 24;  // a browser would have asked its user by then

  explicit Solver(net::Loop& loop);
  ~Solver();

  // Empty when it was not solved by the deadline.
  net::Task<std::optional<Solution>> run(Challenge challenge, For whom, TimePoint deadline);

 private:
  struct Job {
    Challenge challenge;
    std::optional<Solution> solution;
    net::Event done;         // on the loop's thread
    bool abandoned = false;  // under mutex_
  };
  void work();
  std::shared_ptr<Job> next();

  net::Loop& loop_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::shared_ptr<Job>> waiting_[2];  // under mutex_, by For
  bool stopping_ = false;                        // under mutex_
  std::thread thread_;
};

}  // namespace tenfold::siege
