#include "edge/brain/gather.hpp"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>

#include "edge/identify/standing.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {

using guard::Level;
using guard::Standing;
using guard::judging::HeavySubject;

namespace {

void add(GatheredPool& to, const PoolWindow& from) {
  to.answered += from.answered;
  to.shed += from.shed;
  to.timeouts += from.timeouts;
  to.errors += from.errors;
  to.most_waiting = std::max(to.most_waiting, from.most_waiting);
  to.waited = std::max(to.waited, from.waited);
  to.stranger_waits += from.stranger_waits;
  to.known += from.known;
  to.others += from.others;
  for (const auto& [kind, times] : from.routes) {
    const auto found = std::ranges::find(to.routes, kind, &guard::limit::RouteTimes::route);
    if (found == to.routes.end()) {
      to.routes.push_back(times);
    } else {
      found->known += times.known;
      found->others += times.others;
    }
  }
}

guard::judging::StandingUse use_of(const Windows& windows, Standing standing) {
  guard::judging::StandingUse use;
  for (const auto& window : windows) {
    const StandingWindow& from = window->of(standing);
    use.requests += from.requests;
    use.asked += from.asked;
    use.answered += from.answered;
    use.origin_ms += static_cast<double>(from.origin_us) / 1000;
    use.priced += from.priced;
    use.priced_ms += static_cast<double>(from.priced_us) / 1000;
  }
  return use;
}

guard::judging::SubjectCounts counts_of(const guard::Usage& usage) {
  return {.requests = static_cast<double>(usage.requests),
          .asked = static_cast<double>(usage.asked),
          .answered = static_cast<double>(usage.misses),
          .origin_ms = static_cast<double>(usage.origin_us) / 1000,
          .errors = static_cast<double>(usage.errors),
          .challenges_shown = static_cast<double>(usage.challenges_shown),
          .challenges_ignored = static_cast<double>(usage.challenges_ignored),
          .challenges_solved = static_cast<double>(usage.challenges_solved),
          .pages = static_cast<double>(usage.pages),
          .assets = static_cast<double>(usage.assets),
          .half_sent = static_cast<double>(usage.half_sent),
          .known = static_cast<double>(usage.known)};
}

using ByKey = absl::flat_hash_map<std::uint64_t, std::pair<guard::Usage, guard::Spread>>;

ByKey clients_of(const Windows& windows) {
  ByKey all;
  for (const auto& window : windows) {
    for (const auto& entry : window->meter.clients().entries()) all[entry.key].first += entry.note;
  }
  return all;
}

ByKey groups_of(const Windows& windows, Level level) {
  ByKey all;
  for (const auto& window : windows) {
    const auto& groups = level == Level::network ? window->meter.networks() : window->meter.blocks();
    for (const auto& entry : groups.entries()) {
      auto& [usage, spread] = all[entry.key];
      usage += entry.note.usage;
      spread.merge(entry.note.spread);
    }
  }
  return all;
}

void add_heaviest(const ByKey& all, Level level, std::size_t most, std::vector<HeavySubject>& heavy) {
  std::vector<std::pair<double, std::uint64_t>> order;
  order.reserve(all.size());
  // By what they want of the origins, got or not; a request that got none, or was never sent whole, counts as a cheap
  // one.
  constexpr double request_us = 5000;
  for (const auto& [key, counted] : all) {
    if (counted.first.origin_us + counted.first.requests + counted.first.half_sent == 0) continue;
    order.emplace_back(
        static_cast<double>(counted.first.origin_us) + request_us * (counted.first.requests + counted.first.half_sent),
        key);
  }
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
  std::partial_sort(order.begin(), end, order.end(), std::greater<>());
  for (auto each = order.begin(); each != end; ++each) {
    const std::uint64_t key = each->second;
    const auto& [usage, spread] = all.at(key);
    HeavySubject& subject = heavy.emplace_back();
    subject.subject = subject_of(level, key);
    if (level == Level::client) subject.network = subject_of(Level::network, guard::key_at(Level::network, key)).id;
    if (level != Level::block) subject.block = subject_of(Level::block, guard::key_at(Level::block, key)).id;
    subject.counts = counts_of(usage);
    if (level != Level::client) subject.spread = std::max(1u, static_cast<std::uint32_t>(spread.estimate()));
  }
}

}  // namespace

std::vector<GatheredPool> gather_pools(const Windows& windows) {
  std::vector<GatheredPool> pools;
  for (const auto& window : windows) {
    for (const PoolWindow& from : window->pools) {
      auto found = std::ranges::find(pools, from.load, &GatheredPool::load);
      if (found == pools.end()) {
        found = pools.emplace(pools.end());
        found->load = from.load;
      }
      add(*found, from);
    }
  }
  return pools;
}

guard::judging::Totals gather_totals(const Windows& windows) {
  guard::judging::Totals totals;
  totals.allowed = use_of(windows, Standing::allowed);
  totals.known = use_of(windows, Standing::known);
  totals.cleared = use_of(windows, Standing::cleared);
  totals.stranger = use_of(windows, Standing::stranger);
  totals.suspect = use_of(windows, Standing::suspect);
  for (const auto& window : windows) {
    totals.errors += window->errors;
    totals.half_sent += window->half_sent;
    totals.challenges_shown += window->challenges_shown;
    totals.challenges_solved += window->challenges_solved;
    totals.challenges_ignored += window->challenges_ignored;
    totals.asked_refused += window->asked_refused;
    totals.new_connections += window->new_connections;
    totals.handshakes_unfinished += window->handshakes_unfinished;
    totals.pages += window->stranger_pages;
    totals.assets += window->stranger_assets;
    totals.in_known_networks += window->strangers_in_known_networks;
  }
  return totals;
}

std::vector<HeavySubject> gather_heavy(const Windows& windows, std::size_t most) {
  std::vector<HeavySubject> heavy;
  add_heaviest(clients_of(windows), Level::client, most, heavy);
  for (const Level level : {Level::network, Level::block}) add_heaviest(groups_of(windows, level), level, most, heavy);
  return heavy;
}

}  // namespace tenfold::edge
