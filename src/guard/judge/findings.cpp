#include "guard/judge/findings.hpp"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <tuple>
#include <utility>

#include "guard/judge/shares.hpp"

namespace tenfold::guard::judging {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
// A bucket holds so many bursts: who stops is no longer found after some time, however much it took.
constexpr double most_bursts = 10;
// A share among fewer requests of known customers than this says nothing.
constexpr double least_known = 20;

std::size_t place(SubjectLevel level) { return static_cast<std::size_t>(level); }

Finding finding(const Watched& watched, Charge charge, double fair_ms_per_s) {
  const auto number = [](double value) { return static_cast<float>(value); };
  const SubjectCounts& lately = watched.lately;
  return {.subject = watched.subject,
          .charge = charge,
          .evidence = {.asks_ms_per_s = number(watched.ask_ms_per_s()),
                       .fair_ms_per_s = fair_ms_per_s == infinite ? 0 : number(fair_ms_per_s),
                       .asked_per_s = number(watched.asked_per_s()),
                       .requests = number(lately.requests),
                       .errors = number(lately.errors),
                       .challenges_ignored = number(lately.challenges_ignored),
                       .challenges_solved = number(lately.challenges_solved),
                       .pages = number(lately.pages),
                       .assets = number(lately.assets),
                       .half_sent = number(lately.half_sent),
                       .known = number(lately.known),
                       .spread = watched.spread}};
}

// What the clients and networks that were found took, of the networks and blocks that they are in.
class Explained {
 public:
  double of(const Watched& watched) const {
    const auto found = ms_.find(watched.subject);
    return found == ms_.end() ? 0 : found->second;
  }
  void add(const Watched& watched, double ms) {
    if (watched.subject.level == SubjectLevel::client && watched.network != nobody) {
      ms_[{SubjectLevel::network, watched.network}] += ms;
    }
    if (watched.subject.level <= SubjectLevel::network && watched.block != nobody) {
      ms_[{SubjectLevel::block, watched.block}] += ms;
    }
  }

 private:
  absl::flat_hash_map<Subject, double> ms_;  // only looked up: its order decides nothing
};

}  // namespace

std::vector<Finding> Findings::take(const Samples& samples, const Signals& signals, Posture posture) {
  if (samples.window <= Duration::zero()) return {};
  known_.add(static_cast<double>(samples.totals.known.requests), samples.window);
  watched_.take(samples.heavy, signals.stranger_cost_ms, samples.window);
  const Measuring measuring = this->measuring(samples.totals, signals, posture);

  std::vector<Finding> findings;
  Explained explained;
  for (Watched& watched : watched_.all()) {  // clients come before networks, these before blocks
    const std::size_t level = place(watched.subject.level);
    if (level >= counted_levels) continue;
    const double own_ms = std::max(0.0, watched.window_ask_ms - explained.of(watched));
    const double allowed_ms = measuring.allowed_ms_per_s[level] * in_seconds(samples.window);
    const double most_ms = most_bursts * policy_.shares[level].burst_ms;
    watched.excess_ms = std::clamp(watched.excess_ms + own_ms - allowed_ms, 0.0, most_ms);
    const auto charge = this->charge(watched, measuring, signals);
    if (!charge) continue;
    explained.add(watched, own_ms);
    findings.push_back(finding(watched, *charge, measuring.fair_ms_per_s[level]));
  }

  std::ranges::sort(findings, std::ranges::greater{}, [](const Finding& one) {
    return std::tuple(one.charge, one.evidence.asks_ms_per_s, one.evidence.half_sent, one.subject);
  });
  if (findings.size() > policy_.most_findings) findings.resize(policy_.most_findings);
  return findings;
}

Findings::Measuring Findings::measuring(const Totals& totals, const Signals& signals, Posture posture) {
  Measuring measuring;
  measuring.fair_ms_per_s.fill(infinite);
  measuring.allowed_ms_per_s.fill(infinite);
  if (signals.fault || (posture == Posture::calm && !signals.overloaded)) return measuring;
  const bool besieged = posture == Posture::besieged;
  const double less = signals.suffering ? 0.5 : 1;
  // An overload that has not lasted yet only fills the buckets.
  if (posture != Posture::calm) measuring.what = Measuring::What::everything;
  measuring.burst = less;
  measuring.half_sent = 0.5;
  measuring.ignored = less * (besieged ? policy_.besieged_ignored : policy_.strained_ignored);
  set_shares(measuring, totals, signals, less * (besieged ? policy_.besieged_shares : policy_.strained_shares));
  return measuring;
}

// Nobody's excess is what a person may take, nor so many fair shares; but whatever is over the water level is.
void Findings::set_shares(Measuring& measuring, const Totals& totals, const Signals& signals, double shares) {
  const double capacity = signals.capacity_ms_per_s;
  const double left = capacity > 0 ? signals.unknowns_left_ms_per_s : infinite;
  const double there = signals.overloaded ? std::min(left, signals.unknowns_got_ms_per_s) : left;
  const std::array<std::uint64_t, 3> counts{totals.clients, totals.networks, totals.blocks};
  for (std::size_t level = 0; level < counted_levels; ++level) {
    std::vector<double> wanted;
    double named = 0;
    for (const Watched& watched : watched_.all()) {
      if (place(watched.subject.level) != level) continue;
      wanted.push_back(watched.ask_ms_per_s());
      named += wanted.back();
    }
    const double others = std::max(0.0, signals.unknowns_ask_ms_per_s - named);
    const double water = water_level(std::move(wanted), others, there);
    if (water == infinite) continue;
    // Where it is known how many there are, nobody's share is less than that of all.
    const bool counted = level < counts.size() && counts[level] != 0;
    const double each = counted ? there / static_cast<double>(counts[level]) : 0;
    const double fair = std::max(water, each);
    const SharePolicy& policy = policy_.shares[level];
    const double floor =
        capacity > 0 ? std::min(policy.floor_ms_per_s, policy.floor_share * capacity) : policy.floor_ms_per_s;
    measuring.fair_ms_per_s[level] = counted ? each : fair;
    measuring.allowed_ms_per_s[level] = std::max(floor, counted ? std::min(fair, shares * each) : fair);
  }
}

std::optional<Charge> Findings::charge(const Watched& watched, const Measuring& measuring,
                                       const Signals& signals) const {
  if (breaks_protocol(watched, measuring)) return Charge::breaks_protocol;
  if (measuring.what == Measuring::What::protocol_only) return {};
  const bool group = is_group(watched.subject.level);
  if (group && (watched.spread < policy_.least_spread || !looks_like_no_people(watched, measuring))) return {};
  if (!group && ignores(watched, measuring)) return Charge::ignores;
  if (!takes_more(watched, measuring, signals)) return {};
  return ignores(watched, measuring) ? Charge::ignores : Charge::takes_more;
}

bool Findings::takes_more(const Watched& watched, const Measuring& measuring, const Signals& signals) const {
  const std::size_t level = place(watched.subject.level);
  if (watched.excess_ms <= measuring.burst * policy_.shares[level].burst_ms) return false;
  if (watched.subject.level == SubjectLevel::client) return !looks_like_customers(watched);
  if (watched.subject.level <= SubjectLevel::block) return true;
  return is_over_represented(watched, signals);
}

bool Findings::ignores(const Watched& watched, const Measuring& measuring) const {
  const SubjectCounts& lately = watched.lately;
  return lately.challenges_ignored >= measuring.ignored &&
         lately.challenges_solved <= policy_.solved_of_ignored * lately.challenges_ignored;
}

bool Findings::breaks_protocol(const Watched& watched, const Measuring& measuring) const {
  const SubjectCounts& lately = watched.lately;
  const double most = measuring.half_sent * policy_.half_sent[place(watched.subject.level)];
  return lately.half_sent >= most && lately.half_sent >= lately.requests + lately.known;
}

// An address that many customers share. Whoever imitates them behind it has still no more than the address's share of
// the queue.
bool Findings::looks_like_customers(const Watched& watched) const {
  const SubjectCounts& lately = watched.lately;
  return lately.known >= policy_.shared_known_share * (lately.known + lately.requests) &&
         lately.assets >= lately.pages && lately.challenges_ignored <= lately.challenges_solved + 8;
}

bool Findings::looks_like_no_people(const Watched& watched, const Measuring& measuring) const {
  const SubjectCounts& lately = watched.lately;
  if (ignores(watched, measuring)) return true;
  if (lately.requests >= policy_.telling_pages && lately.errors >= lately.requests / 2) return true;
  return lately.pages >= policy_.telling_pages && lately.assets < policy_.people_assets_per_page * lately.pages;
}

bool Findings::is_over_represented(const Watched& watched, const Signals& signals) const {
  if (known_.value() < least_known || signals.strangers_ask_ms_per_s <= 0) return false;
  const double of_strangers = watched.ask_ms_per_s() / signals.strangers_ask_ms_per_s;
  const double of_known = watched.lately.known / known_.value();
  return of_strangers >= policy_.over_represented * of_known;
}

}  // namespace tenfold::guard::judging
