#include "edge/admit/guard_window.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>

namespace tenfold::edge {

void WaitCounts::add(Duration wait) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(wait).count();
  const auto bits = us <= 0 ? 0 : static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(us))) - 1;
  ++of[std::min<std::size_t>(bits, of.size() - 1)];
}

WaitCounts& WaitCounts::operator+=(const WaitCounts& more) {
  for (std::size_t i = 0; i < of.size(); ++i) of[i] += more.of[i];
  return *this;
}

Duration WaitCounts::quantile(double share) const {
  std::uint64_t all = 0;
  for (const std::uint32_t count : of) all += count;
  if (all == 0) return Duration(0);
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    seen += of[i];
    if (seen >= wanted) return std::chrono::microseconds(std::int64_t{2} << i);
  }
  return std::chrono::microseconds(std::int64_t{2} << (of.size() - 1));
}

guard::limit::RouteTimes& PoolWindow::route(std::uint64_t kind) {
  if (routes.size() >= most_routes && !routes.contains(kind)) kind = 0;
  guard::limit::RouteTimes& times = routes[kind];
  times.route = kind;
  return times;
}

void GuardWindow::note_trial(const guard::judging::Subject& subject, std::uint64_t client, bool person) {
  auto found = std::ranges::find(trials, subject, &Trial::subject);
  if (found == trials.end()) {
    if (trials.size() >= most_trials) return;
    found = trials.insert(trials.end(), {subject, {}});
  }
  if (found->clients.size() >= most_in_trial && !found->clients.contains(client)) return;
  bool& is_person = found->clients[client];
  is_person = is_person || person;
}

PoolWindow* GuardWindow::pool(const std::shared_ptr<origin::PoolLoad>& load) {
  const auto found = std::ranges::find(pools, load, &PoolWindow::load);
  if (found != pools.end()) return &*found;
  if (pools.size() >= most_pools) return nullptr;
  pools.emplace_back().load = load;
  return &pools.back();
}

void GuardWindow::clear(TimePoint now) {
  meter.clear();
  labels.clear();
  passed_on.clear();
  pools.clear();
  standings = {};
  static_cast<GuardCounts&>(*this) = {};
  known_visits.clear();
  trials.clear();
  senders.clear();
  orders.clear();
  began = now;
}

WindowExchange::WindowExchange(const guard::Meter::Options& options)
    : filling_(std::make_unique<GuardWindow>(options)), empty_(new GuardWindow(options)) {}

WindowExchange::~WindowExchange() {
  delete full_.load();
  delete empty_.load();
}

bool WindowExchange::hand_over(TimePoint now) {
  GuardWindow* const next = empty_.exchange(nullptr, std::memory_order_acquire);
  if (next == nullptr) return false;
  next->clear(now);
  full_.store(filling_.release(), std::memory_order_release);
  filling_.reset(next);
  return true;
}

std::unique_ptr<GuardWindow> WindowExchange::take() {
  return std::unique_ptr<GuardWindow>(full_.exchange(nullptr, std::memory_order_acquire));
}

// The worker hands over only when it has got this one, so that there is never a second full one.
void WindowExchange::give_back(std::unique_ptr<GuardWindow> window) {
  delete empty_.exchange(window.release(), std::memory_order_release);
}

}  // namespace tenfold::edge
