// Watch's prober alone at a constant rate of checks: what one check costs. Not part of Tenfold; `bench/peers/run
// checks` builds and runs it.
//
//   checks_driver URL CHECKS_PER_S SECONDS TEXT [AUTHORITIES.pem]
//
// Prints one JSON object: checks, good, the first failure in words, the CPU time of this process, its resident memory
// at the end, and how long a check took.
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "transfer/poller.hpp"
#include "watch/probe/prober.hpp"

namespace {

using namespace tenfold;

double cpu_s() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

long resident_bytes() {
  long pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

class Driver {
 public:
  Driver(transfer::Poller& poller, watch::Prober& prober, watch::Check check, long rate_per_s, long seconds)
      : poller_(poller),
        prober_(prober),
        check_(std::move(check)),
        every_(std::chrono::nanoseconds(1'000'000'000 / rate_per_s)),
        left_(rate_per_s * seconds),
        begin_(poller.now()) {}

  void run() {
    next();
    poller_.run();
  }

  void print(double cpu) {
    std::sort(milliseconds_.begin(), milliseconds_.end());
    const auto quantile = [&](double share) {
      return milliseconds_[static_cast<std::size_t>(share * static_cast<double>(milliseconds_.size() - 1))];
    };
    const nlohmann::ordered_json found{
        {"checks", milliseconds_.size()}, {"good", good_},           {"failure", failure_},      {"cpu_s", cpu},
        {"rss_bytes", resident_bytes()},  {"p50_ms", quantile(0.5)}, {"p99_ms", quantile(0.99)}, {"late_ms", late_ms_}};
    std::puts(found.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
  }

 private:
  // Each is due at a moment of the plan, however late the one before it was.
  void next() {
    const TimePoint now = poller_.now();
    for (; left_ > 0 && begin_ + started_ * every_ <= now; --left_, ++started_) {
      late_ms_ =
          std::max(late_ms_, std::chrono::duration<double, std::milli>(now - begin_ - started_ * every_).count());
      check_.name = std::to_string(started_ % 30'000);  // as many as there are checks at 30 s each
      prober_.start(check_, watch::CheckResult::Path::usual, [this](watch::CheckResult result) { on_result(result); });
    }
    if (left_ > 0) poller_.at(begin_ + started_ * every_, [this] { next(); });
  }

  void on_result(const watch::CheckResult& result) {
    milliseconds_.push_back(std::chrono::duration<double, std::milli>(result.phases.total).count());
    if (result.outcome == watch::CheckResult::Outcome::good) ++good_;
    if (result.outcome != watch::CheckResult::Outcome::good && failure_.empty()) failure_ = result.what;
    if (left_ == 0 && static_cast<long>(milliseconds_.size()) == started_) poller_.stop();
  }

  transfer::Poller& poller_;
  watch::Prober& prober_;
  watch::Check check_;
  Duration every_;
  long left_;
  long started_ = 0;
  TimePoint begin_;
  std::size_t good_ = 0;
  double late_ms_ = 0;
  std::string failure_;
  std::vector<double> milliseconds_;
};

}  // namespace

int main(int count, char** words) {
  if (count < 5) {
    std::fprintf(stderr, "checks_driver URL CHECKS_PER_S SECONDS TEXT [AUTHORITIES.pem]\n");
    return 2;
  }
  const SystemClock clock;
  const auto poller = transfer::Poller::make(clock);
  if (!poller) return 5;
  auto prober = watch::make_prober(**poller, {.authorities = count > 5 ? words[5] : ""});
  if (!prober) {
    std::fprintf(stderr, "%s\n", prober.error().text().c_str());
    return 5;
  }
  watch::Check check;
  check.probe = watch::HttpProbe{.url = words[1], .expect = {.status_to = 200, .matches = words[4]}};
  Driver driver(**poller, **prober, check, std::atol(words[2]), std::atol(words[3]));
  const double before = cpu_s();
  driver.run();
  driver.print(cpu_s() - before);
  return 0;
}
