#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "guard/limit/limiter.hpp"
#include "guard/limit/simulated_pool.hpp"

// For tests: what is compared in the simulation. The two of others are made after their documentation and defaults.
namespace tenfold::guard::limit::simulation {

class Fixed final : public Contender {
 public:
  explicit Fixed(std::uint32_t limit) : limit_(limit) {}
  std::uint32_t limit() const override { return limit_; }
  void answered(const Answer&, TimePoint) override {}
  void step(const Window&, TimePoint) override {}

 private:
  std::uint32_t limit_;
};

class Ours final : public Contender {
 public:
  explicit Ours(const LimiterOptions& options) : limiter_(options) {}
  std::uint32_t limit() const override { return limiter_.limit(); }
  const Limiter& limiter() const { return limiter_; }

  void answered(const Answer& answer, TimePoint) override {
    RouteTimes& times = routes_[answer.route];
    times.route = answer.route;
    Times& mine = answer.asker == Answer::Asker::known ? times.known : times.others;
    if (answer.end == Answer::End::answered) mine.add_answer(answer.time);
    if (answer.end == Answer::End::overdue) mine.add_overdue();
  }
  void step(const Window& window, TimePoint now) override {
    std::vector<RouteTimes> all;
    for (const auto& [route, times] : routes_) all.push_back(times);
    routes_.clear();
    limiter_.step({.routes = all, .active_most = window.active_most, .waited = window.waited}, now);
  }

 private:
  Limiter limiter_;
  std::unordered_map<std::uint64_t, RouteTimes> routes_;
};

// Netflix' concurrency-limits: Gradient2Limit in a WindowedLimit of a second. Its own bounds are 20 to 200.
class Gradient2 final : public Contender {
 public:
  Gradient2(double initial, double floor, double ceiling) : limit_(initial), floor_(floor), ceiling_(ceiling) {}
  std::uint32_t limit() const override { return static_cast<std::uint32_t>(limit_); }

  void answered(const Answer& answer, TimePoint now) override {
    if (answer.end == Answer::End::error) return;
    sum_s_ += std::chrono::duration<double>(answer.time).count();
    most_active_ = std::max(most_active_, answer.active);
    ++count_;
    if (now < window_end_) return;
    window_end_ = now + std::chrono::seconds(1);
    if (count_ >= 10) update(sum_s_ / count_);
    sum_s_ = 0, count_ = 0, most_active_ = 0;
  }
  void step(const Window&, TimePoint) override {}

 private:
  void update(double time) {
    ++updates_;
    if (updates_ <= 10) {
      usual_ += (time - usual_) / updates_;
    } else {
      usual_ += (time - usual_) * 2 / 601;
    }
    if (usual_ / time > 2) usual_ *= 0.95;
    if (most_active_ < limit_ / 2) return;
    const double gradient = std::clamp(1.5 * usual_ / time, 0.5, 1.0);
    limit_ = std::clamp(limit_ * 0.8 + (limit_ * gradient + 4) * 0.2, floor_, ceiling_);
  }

  double limit_;
  double floor_;
  double ceiling_;
  double usual_ = 0;
  int updates_ = 0;
  double sum_s_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t most_active_ = 0;
  TimePoint window_end_{};
};

// Envoy's adaptive concurrency filter: gradient controller with its defaults (p50, buffer 25 %, 50 requests at a limit
// of 3 every 60 s and up to 15 % later), updated every 100 ms.
class MinRtt final : public Contender {
 public:
  MinRtt(double ceiling, std::uint64_t seed) : ceiling_(ceiling), random_(seed) {}
  std::uint32_t limit() const override { return measuring_ ? 3 : static_cast<std::uint32_t>(limit_); }

  void answered(const Answer& answer, TimePoint now) override {
    if (answer.begun < epoch_) return;
    times_.push_back(std::chrono::duration<double>(answer.time).count());
    if (!measuring_ || times_.size() < 50) return;
    least_ = median();
    measuring_ = false;
    next_ = now + std::chrono::seconds(60) + Duration(static_cast<std::int64_t>(9e9 * random_.unit()));
  }
  void step(const Window&, TimePoint now) override {
    if (measuring_) return;
    if (now >= next_ || at_least_ >= 5) {
      measuring_ = true, epoch_ = now, at_least_ = 0;
      times_.clear();
      return;
    }
    if (times_.empty()) return;
    const double gradient = std::clamp(least_ * 1.25 / median(), 0.5, 2.0);
    const double limit = limit_ * gradient;
    limit_ = std::clamp(limit + std::sqrt(limit), 3.0, ceiling_);
    at_least_ = limit_ <= 3 ? at_least_ + 1 : 0;
  }

 private:
  double median() {
    std::nth_element(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(times_.size() / 2), times_.end());
    const double middle = times_[times_.size() / 2];
    times_.clear();
    return middle;
  }

  double limit_ = 3;
  double ceiling_;
  FastRandom random_;
  bool measuring_ = true;
  double least_ = 0;
  TimePoint epoch_{};
  TimePoint next_{};
  int at_least_ = 0;
  std::vector<double> times_;
};

}  // namespace tenfold::guard::limit::simulation
