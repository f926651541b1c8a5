#include "watch/history/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <system_error>

namespace tenfold::watch {

namespace {

constexpr double buckets_an_octave = 4;

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

int Summary::bucket_of(Duration took) {
  const double milliseconds = std::chrono::duration<double, std::milli>(took).count();
  if (milliseconds <= 1) return 0;
  return std::min(buckets - 1, static_cast<int>(std::ceil(buckets_an_octave * std::log2(milliseconds) - 1e-9)));
}

double Summary::upper_bound_ms(int bucket) { return std::exp2(bucket / buckets_an_octave); }

void Summary::add(Counts counts, std::optional<Duration> took) {
  switch (counts) {
    case Counts::none: return;
    case Counts::good: ++good_; break;
    case Counts::failed: ++failed_; return;
    case Counts::muted: ++muted_; return;
  }
  if (took) count(bucket_of(*took), 1);
}

void Summary::merge(const Summary& other) {
  good_ += other.good_;
  failed_ += other.failed_;
  muted_ += other.muted_;
  for (const auto& [bucket, times] : other.times_) count(bucket, times);
}

void Summary::count(int bucket, std::uint64_t times) {
  const auto place = std::ranges::lower_bound(times_, bucket, {}, [](const auto& entry) { return entry.first; });
  if (place != times_.end() && place->first == bucket) {
    place->second += times;
  } else {
    times_.insert(place, {static_cast<std::uint8_t>(bucket), times});
  }
}

std::uint64_t Summary::timed() const {
  std::uint64_t sum = 0;
  for (const auto& [bucket, times] : times_) sum += times;
  return sum;
}

double Summary::up_share() const {
  return good_ + failed_ == 0 ? -1 : static_cast<double>(good_) / static_cast<double>(good_ + failed_);
}

double Summary::quantile_ms(double share) const {
  const std::uint64_t all = timed();
  if (all == 0) return -1;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (const auto& [bucket, times] : times_) {
    seen += times;
    if (seen >= wanted) return upper_bound_ms(bucket);
  }
  return upper_bound_ms(times_.back().first);
}

std::string Summary::times() const {
  std::string text;
  for (const auto& [bucket, times] : times_) {
    fmt::format_to(std::back_inserter(text), "{}{}:{}", text.empty() ? "" : ",", bucket, times);
  }
  return text;
}

Summary Summary::of(std::uint64_t good, std::uint64_t failed, std::uint64_t muted, std::string_view times) {
  Summary summary;
  summary.good_ = good;
  summary.failed_ = failed;
  summary.muted_ = muted;
  while (!times.empty()) {
    const std::string_view entry = times.substr(0, times.find(','));
    times.remove_prefix(std::min(times.size(), entry.size() + 1));
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos) continue;
    const auto bucket = number_of<int>(entry.substr(0, colon));
    const auto number = number_of<std::uint64_t>(entry.substr(colon + 1));
    if (bucket && number && *bucket >= 0 && *bucket<buckets&& * number> 0) summary.count(*bucket, *number);
  }
  return summary;
}

}  // namespace tenfold::watch
