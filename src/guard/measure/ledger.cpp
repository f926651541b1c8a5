#include "guard/measure/ledger.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "base/result.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::guard {

namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Ledger::Ledger(const Options& options)
    : options_(options),
      tables_{Table(options.capacity, options.secret), Table(options.capacity, options.secret),
              Table(options.capacity, options.secret)} {
  TENFOLD_ASSERT(options.half_life > Duration::zero() && options.request_us > 0 && options.heavy_share > 0);
}

void Ledger::merge(std::span<const Meter* const> meters, TimePoint now) {
  decay(now);
  turn_spreads(now);
  const auto grow = [this](double& mine, auto theirs) { mine += growth_ * static_cast<double>(theirs); };
  const auto fold_usage = [&](Tally& mine, const Usage& theirs) {
    for_each_counter(mine.sums, theirs, grow);
    if (mine.since == TimePoint{}) mine.since = now;
  };
  const auto fold_group = [&](Tally& mine, const Meter::Group& theirs) {
    fold_usage(mine, theirs.usage);
    mine.recent.merge(theirs.spread);
  };
  for (const Meter* const meter : meters) {
    TENFOLD_ASSERT(meter->request_us() == options_.request_us);
    tables_[0].merge(meter->clients(), growth_, fold_usage);
    tables_[1].merge(meter->networks(), growth_, fold_group);
    tables_[2].merge(meter->blocks(), growth_, fold_group);
    for_each_counter(sums_, meter->total(), grow);
    weight_ += growth_ * static_cast<double>(meter->weight_us(meter->total()));
  }
  find_heavy();
}

// Long before growth_ leaves the range of numbers all sums are divided by it; by a power of two, which loses nothing.
void Ledger::decay(TimePoint now) {
  constexpr double most_half_lives = 16;
  if (growth_since_ == TimePoint{}) growth_since_ = now;
  double half_lives = seconds(now - growth_since_) / seconds(options_.half_life);
  if (half_lives >= most_half_lives) {
    const double whole = std::floor(half_lives);
    const double factor = std::exp2(-whole);
    for (Table& table : tables_) table.multiply(factor, [factor](Tally& tally) { tally.sums *= factor; });
    sums_ *= factor;
    weight_ *= factor;
    growth_since_ += std::chrono::duration_cast<Duration>(whole * std::chrono::duration<double>(options_.half_life));
    half_lives -= whole;
  }
  growth_ = std::exp2(half_lives);
}

void Ledger::turn_spreads(TimePoint now) {
  if (now - spreads_turned_ < spread_window) return;
  const bool both_are_old = now - spreads_turned_ >= 2 * spread_window;
  for (Table& table : tables_) {
    table.change_notes([both_are_old](Tally& tally) {
      tally.earlier = both_are_old ? Spread{} : tally.recent;
      tally.recent = {};
    });
  }
  spreads_turned_ = now;
}

void Ledger::Explained::add(const Explained& other) {
  weight += other.weight;
  for_each_counter(sums, other.sums, [](double& mine, double theirs) { mine += theirs; });
}

// What the entry's subject can have done before it was followed weighed no more than the error; and each request weighs
// request_us at least.
Ledger::Explained Ledger::most_of(const Table::Entry& entry) const {
  Explained most{.weight = entry.count, .sums = entry.note.sums};
  const double requests = entry.error / static_cast<double>(options_.request_us);
  for_each_counter(most.sums, most.sums, [requests](double& mine, double) { mine += requests; });
  most.sums.origin_us = entry.note.sums.origin_us + entry.error;
  return most;
}

double Ledger::per_s() const { return std::numbers::ln2 / seconds(options_.half_life) / growth_; }

Heavy Ledger::describe(Level level, const Table::Entry& entry, const Explained& explained) const {
  Heavy heavy;
  heavy.prefix = prefix_of(level, entry.key);
  heavy.since = entry.note.since;
  heavy.share = (entry.sure() - explained.weight) / weight_;
  heavy.usage = entry.note.sums;
  for_each_counter(heavy.usage, explained.sums,
                   [](double& mine, double others) { mine = std::max(mine - others, 0.0); });
  heavy.usage *= per_s();
  if (level != Level::client) {
    Spread spread = entry.note.recent;
    spread.merge(entry.note.earlier);
    heavy.spread = spread.estimate();
  }
  return heavy;
}

void Ledger::find_heavy() {
  HeavyEntries found;
  for (const Level level : {Level::client, Level::network, Level::block}) {
    std::vector<Heavy>& described = heavy_[static_cast<std::size_t>(level)];
    described.clear();
    if (weight_ > 0) find_heavy(level, found);
    std::sort(described.begin(), described.end(), [](const Heavy& a, const Heavy& b) {
      return a.share != b.share ? a.share > b.share : a.prefix < b.prefix;
    });
  }
}

void Ledger::find_heavy(Level level, HeavyEntries& found) {
  const auto index = static_cast<std::size_t>(level);
  const double least = options_.heavy_share * weight_;
  const ExplainedByKey explained = explained_by(found, level);
  for (const Table::Entry& entry : tables_[index].entries()) {
    if (entry.sure() < least) continue;
    const auto inside = explained.find(entry.key);
    const Explained others = inside == explained.end() ? Explained{} : inside->second;
    if (entry.sure() - others.weight < least) continue;
    heavy_[index].push_back(describe(level, entry, others));
    found[index].push_back(&entry);
  }
}

// The nearest level first: a network that explains its block stands for all clients in it.
Ledger::ExplainedByKey Ledger::explained_by(const HeavyEntries& found, Level level) const {
  ExplainedByKey explained;
  std::set<std::uint64_t> networks;
  const auto index = static_cast<std::size_t>(level);
  for (std::size_t below = index; below-- > 0;) {
    for (const Table::Entry* const entry : found[below]) {
      if (networks.contains(key_at(Level::network, entry->key))) continue;
      const Table::Entry* const around = tables_[index].find(key_at(level, entry->key));
      if (around == nullptr || entry->count * most_that_explain < around->count) continue;
      explained[around->key].add(most_of(*entry));
      if (static_cast<Level>(below) == Level::network) networks.insert(entry->key);
    }
  }
  return explained;
}

std::vector<Heavy> Ledger::heaviest(Level level, std::size_t most) const {
  const std::vector<Heavy>& all = heavy_[static_cast<std::size_t>(level)];
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()))};
}

UsageRates Ledger::total() const {
  UsageRates rates = sums_;
  return rates *= per_s();
}

std::size_t Ledger::bytes() const {
  std::size_t sum = sizeof(*this);
  for (const Table& table : tables_) sum += table.bytes();
  return sum;
}

}  // namespace tenfold::guard
