#include "origin/choice.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tenfold::origin {

bool has_room(const Member& member) {
  const std::uint32_t total = member.pool->settings.max_total_connections;
  if (total != 0 && member.pool->load->active.load(std::memory_order_relaxed) >= total) return false;
  if (!member.pool->load->may_work()) return false;
  return member.server->active() < member.max_connections;
}

namespace {

// A tier with more servers is looked at from a random place on until so many candidates are found.
constexpr std::size_t most_candidates = 64;

enum class Rank : std::uint8_t { good, usable, last_resort };
enum class Tried : std::uint8_t { excluded, allowed };

bool was_tried(const Wish& wish, const Server* server) {
  return std::find(wish.tried.begin(), wish.tried.end(), server) != wish.tried.end();
}

bool fits(Marks marks, Rank rank) {
  switch (rank) {
    case Rank::good: return marks.good();
    case Rank::usable: return marks.usable();
    case Rank::last_resort: return marks.last_resort();
  }
  return false;
}

double effective_weight(const Member& member, Marks marks, TimePoint now) {
  const double weight = member.weight;
  return marks.has(Mark::warming) ? weight * member.server->warmth(now, member.pool->settings.slow_start) : weight;
}

// Requests under way plus an exponential variate, over the weight. Without load the least of these falls on each
// server in proportion to its weight (competing exponentials); under load it is the least loaded.
double jittered_load(const Member& member, double weight, Random& random) {
  const double variate = -std::log(1.0 - random.unit());
  return (static_cast<double>(member.server->active()) + variate) / weight;
}

const Member* less_loaded(const Member& a, const Member& b, TimePoint now, Random& random) {
  const Marks marks_a = a.server->marks();
  const Marks marks_b = b.server->marks();
  const bool alike = a.weight == b.weight && !marks_a.has(Mark::warming) && !marks_b.has(Mark::warming);
  // a was drawn at random, so that it may win a tie.
  if (alike) return b.server->active() < a.server->active() ? &b : &a;
  const double load_a = jittered_load(a, effective_weight(a, marks_a, now), random);
  const double load_b = jittered_load(b, effective_weight(b, marks_b, now), random);
  return load_b < load_a ? &b : &a;
}

struct Candidates {
  std::array<const Member*, most_candidates> members;
  std::size_t count = 0;
  std::size_t without_room = 0;  // fit, but are at their limits
};

void gather(const Tier& tier, const Wish& wish, Rank rank, Tried tried, std::size_t offset, Candidates& into) {
  const std::size_t size = tier.members.size();
  for (std::size_t i = 0; i < size && into.count < most_candidates; ++i) {
    const std::size_t at = i + offset;
    const Member* const member = tier.members[at < size ? at : at - size];
    if (!fits(member->server->marks(), rank)) continue;
    if (tried == Tried::excluded && was_tried(wish, member->server)) continue;
    if (has_room(*member)) {
      into.members[into.count++] = member;
    } else {
      ++into.without_room;
    }
  }
}

const Member* pick(const Candidates& candidates, Tier::Weights weights, TimePoint now, Random& random) {
  const std::size_t count = candidates.count;
  if (count <= 1) return count == 0 ? nullptr : candidates.members[0];
  if (weights == Tier::Weights::equal || count > 16) {
    const std::size_t first = random.below(count);
    std::size_t second = random.below(count - 1);
    if (second >= first) ++second;
    return less_loaded(*candidates.members[first], *candidates.members[second], now, random);
  }
  const Member* best = nullptr;
  double least = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Member* const member = candidates.members[i];
    const double load = jittered_load(*member, effective_weight(*member, member->server->marks(), now), random);
    if (best == nullptr || load < least) best = member, least = load;
  }
  return best;
}

std::size_t good_servers(const Tier& tier) {
  return static_cast<std::size_t>(std::count_if(tier.members.begin(), tier.members.end(),
                                                [](const Member* member) { return member->server->marks().good(); }));
}

std::size_t any_offset(const Tier& tier, Random& random) {
  return tier.members.size() > most_candidates ? random.below(tier.members.size()) : 0;
}

// Two draws that both may be taken decide without a look at the others: the usual case.
const Member* quick_pick(const Tier& tier, const Wish& wish, Random& random) {
  const std::size_t size = tier.members.size();
  if (size < 2 || tier.weights != Tier::Weights::equal) return nullptr;
  const std::uint64_t chance = random.next();
  const std::size_t first = ((chance >> 32) * size) >> 32;
  std::size_t second = ((chance & 0xffffffff) * (size - 1)) >> 32;
  if (second >= first) ++second;
  const Member& a = *tier.members[first];
  const Member& b = *tier.members[second];
  if (!a.server->marks().good() || !b.server->marks().good() || !has_room(a) || !has_room(b)) return nullptr;
  if (!wish.tried.empty() && (was_tried(wish, a.server) || was_tried(wish, b.server))) return nullptr;
  return less_loaded(a, b, wish.now, random);
}

const Member* sticky_member(const Wish& wish) {
  if (wish.sticky.empty()) return nullptr;
  for (const Tier& tier : wish.route.tiers) {
    for (const Member* member : tier.members) {
      if (member->sticky != wish.sticky) continue;
      const bool may = member->server->marks().good() && !was_tried(wish, member->server) && has_room(*member);
      return may ? member : nullptr;
    }
  }
  return nullptr;
}

}  // namespace

bool in_panic(const Route& route, const Tier& tier, double threshold) {
  const double least = threshold * static_cast<double>(tier.members.size());
  if (static_cast<double>(good_servers(tier)) >= least) return false;
  return std::none_of(route.tiers.begin(), route.tiers.end(),
                      [&](const Tier& other) { return &other != &tier && good_servers(other) != 0; });
}

const Member* choose_other_good(const Wish& wish, Random& random) {
  for (const Tier& tier : wish.route.tiers) {
    if (const Member* const quick = quick_pick(tier, wish, random)) return quick;
    Candidates found;
    gather(tier, wish, Rank::good, Tried::excluded, any_offset(tier, random), found);
    if (found.count != 0) return pick(found, tier.weights, wish.now, random);
  }
  return nullptr;
}

Choice choose(const Wish& wish, Random& random) {
  if (const Member* const own = sticky_member(wish)) return {own};
  std::size_t good_without_room = 0;
  for (const Tier& tier : wish.route.tiers) {
    if (const Member* const quick = quick_pick(tier, wish, random)) return {quick};
    const std::size_t offset = any_offset(tier, random);
    Candidates found;
    gather(tier, wish, Rank::good, Tried::excluded, offset, found);
    good_without_room += found.without_room;
    if (found.count == 0) continue;
    if (found.count < tier.members.size() && in_panic(wish.route, tier, wish.panic_threshold)) {
      // The marks may have changed since, by another thread: what was found good is kept if nothing else is found.
      Candidates usable;
      gather(tier, wish, Rank::usable, Tried::excluded, offset, usable);
      if (usable.count != 0) found = usable;
    }
    return {pick(found, tier.weights, wish.now, random)};
  }
  if (good_without_room != 0) return {nullptr, Choice::Shortage::full};

  static constexpr struct {
    Rank rank;
    Tried tried;
  } passes[] = {{Rank::usable, Tried::excluded},
                {Rank::good, Tried::allowed},
                {Rank::usable, Tried::allowed},
                {Rank::last_resort, Tried::excluded},
                {Rank::last_resort, Tried::allowed}};
  bool any_without_room = false;
  for (const auto& pass : passes) {
    for (const Tier& tier : wish.route.tiers) {
      Candidates found;
      gather(tier, wish, pass.rank, pass.tried, any_offset(tier, random), found);
      if (found.count != 0) return {pick(found, tier.weights, wish.now, random)};
      any_without_room = any_without_room || found.without_room != 0;
    }
    // A better server that is only busy is worth waiting for.
    if (any_without_room) return {nullptr, Choice::Shortage::full};
  }
  return {nullptr, Choice::Shortage::down};
}

bool leads_to(const Route& route, const Server& server) {
  return std::any_of(route.tiers.begin(), route.tiers.end(), [&](const Tier& tier) {
    return std::any_of(tier.members.begin(), tier.members.end(),
                       [&](const Member* member) { return member->server == &server; });
  });
}

}  // namespace tenfold::origin
