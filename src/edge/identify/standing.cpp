#include "edge/identify/standing.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "edge/visit.hpp"
#include "guard/ladder/measure.hpp"
#include "guard/measure/key.hpp"
#include "http/normal_path.hpp"

namespace tenfold::edge {

using guard::Deed;
using guard::Level;
using guard::Prefix;
using guard::Rank;
using guard::Standing;

namespace {

// Each is opened as it comes in the request; the clock is looked at only where there is one.
void open_tokens(Visit& visit, const guard::TokenKeys& keys) {
  const guard::OwnCookies& cookies = visit.own_cookies;
  if (cookies.first_seen.empty() && cookies.clearance.empty()) return;
  const WallTime now = visit.site.loop.clock().wall_now();
  const Prefix network = Prefix::of(visit.client.address, Level::network);
  GuardFacts& facts = visit.guarded;
  const auto open_seen = [&](std::string_view value) -> std::optional<guard::FirstSeen> {
    const auto seen = guard::open_first_seen(keys, value, now);
    if (!seen || visit.site.guard_memory->ids.see(seen->id, network, visit.now()) != guard::IdVerdict::fine) return {};
    return *seen;
  };
  facts.seen = guard::best_good(cookies.first_seen, open_seen, guard::says_more);
  const auto open_clearance = [&](std::string_view value) -> std::optional<guard::Clearance> {
    const auto clearance = guard::open_clearance(keys, value, network, now);
    return clearance ? std::optional(*clearance) : std::nullopt;
  };
  const auto is_newer = [](const guard::Clearance& one, const guard::Clearance& other) {
    return one.issued > other.issued;
  };
  facts.clearance = guard::best_good(cookies.clearance, open_clearance, is_newer);
}

// From before the trouble: what is from after it costs an attacker next to nothing, an order included, which a shop may
// confirm before anybody has paid.
bool is_customer(const GuardFacts& facts, const GuardState& state) {
  if (!facts.seen) return false;
  if (!state.trouble_began) return true;
  const bool was_here = facts.seen->first_seen < *state.trouble_began;
  if (was_here && facts.seen->deeds != guard::Deeds()) return true;
  return facts.seen->first_seen + age_of_a_customer <= *state.trouble_began;
}

// Orders that came from there before the day of the trouble.
guard::Past past_of(const Visit& visit, const GuardState& state) {
  return state.customers != nullptr ? state.customers->past_of(visit.client.address, state.today) : guard::Past();
}

// Whose crawler it is, if it says so and that is proven. Else it is anybody, and its address is looked up.
guard::Crawler crawler_of(const Visit& visit, const GuardState& state) {
  static const guard::CrawlerVerdicts nothing;
  const auto agent = visit.request().headers.find(http::Field::user_agent);
  if (!agent) return guard::Crawler::none;
  const guard::CrawlerVerdicts& verdicts = state.crawlers != nullptr ? *state.crawlers : nothing;
  // Its operator's names lead to the address behind a translator.
  return guard::proven_crawler(*agent, guard::untranslated(visit.client.address), verdicts,
                               visit.site.guard_rooms->crawler_claims, visit.now());
}

// A crawler's requests are one flow, and no customer's wait behind it.
std::uint64_t flow_of_crawler(const GuardMemory& memory, guard::Crawler crawler) {
  return siphash(memory.key, static_cast<std::uint64_t>(crawler));
}

// By whose rule it is let be; empty: nobody's.
std::string_view allowed_by(const Visit& visit, std::string_view path, const GuardRules& rules,
                            const GuardState& state) {
  if (state.lists != nullptr && state.lists->allow.contains(visit.client.address)) return "the owner's list";
  return rules.allow.match(visit.client.address, visit.request(), path).value_or(std::string_view());
}

// Asked by machines alone, in advance of others' visits: a challenge would not be solved, and would shut out those. A
// 5xx for robots.txt keeps a search engine away from the whole shop (RFC 9309, 2.3.1.4); what is well known is
// certificates' and apps' proof of whose the shop is (RFC 8555, 8.3); and a browser asks whether a script of another
// origin may ask without the visitor's cookies (the Fetch standard's "CORS-preflight fetch").
bool is_asked_in_advance(const http::RequestHead& request, std::string_view path) {
  if (request.method == http::Method::options) {
    return request.headers.has(http::Field::origin) && request.headers.find("access-control-request-method");
  }
  const bool is_read = request.method == http::Method::get || request.method == http::Method::head;
  return is_read && (path == "/robots.txt" || path.starts_with("/.well-known/"));
}

// However its path is read: by another spelling nobody gets past the challenge.
bool cannot_solve(const Visit& visit, std::string_view path) {
  const http::RequestHead& request = visit.request();
  const std::string_view spelt = request.path();
  return is_asked_in_advance(request, path) && is_asked_in_advance(request, spelt) && !http::has_more_readings(spelt);
}

// A balancer that asks for itself, as after the health of this edge: challenged, it would take the edge for dead.
bool is_proxys_own(const Visit& visit) {
  if (visit.client.source != ClientSource::connection) return false;
  const net::IpAddress& address = visit.client.address;
  return visit.policy->trusted_proxies.contains(address) ||
         visit.policy->listeners[visit.listener].proxy_protocol_from.contains(address);
}

std::uint8_t weight_of(const GuardFacts& facts) {
  constexpr std::uint8_t precious = 4, worth_something = 2;
  if (facts.precious) return precious;
  return facts.above_rest ? worth_something : 1;
}

// Whether those on whom a measure is tried are people is what it is tried for.
void note_trial(Visit& visit, const guard::judging::Subject& subject, std::uint64_t client) {
  if (!guard::ladder::in_canary(subject, guard::judging::SubjectId{client})) return;
  const bool person = visit.guarded.clearance.has_value() || visit.guarded.standing <= Standing::cleared;
  visit.site.gatekeeper->window().note_trial(subject, client, person);
}

// What is on a group while it is tried is met by a tenth of its clients.
Step step_for(const guard::judging::Subject& subject, const MeasureOn& measure, std::uint64_t client) {
  if (!measure.is_tried) return measure.step;
  const bool tried = guard::ladder::in_canary(subject, guard::judging::SubjectId{client});
  return tried ? measure.step : measure.elsewhere;
}

// The gravest of the measures that are on the client's address and on what that is part of. None is on customers:
// others may have their address, and what they take is bounded by their budget, past which they are customers no more.
Step step_on(Visit& visit, const GuardState& state) {
  if (state.measures == nullptr || state.measures->empty() || visit.guarded.is_customers()) return Step::serve;
  Step gravest = Step::serve;
  const bool cleared = visit.guarded.standing <= Standing::cleared;
  const std::uint64_t client = guard::client_key(visit.client.address);
  for (const Level level : {Level::client, Level::network, Level::block}) {
    const auto subject = subject_of(level, guard::key_at(level, client));
    const auto found = state.measures->find(subject);
    if (found == state.measures->end() || visit.now() >= found->second.until) continue;
    const Step step = step_for(subject, found->second, client);
    TimePoint& until = visit.guarded.step_until;
    if (step >= gravest) until = step > gravest ? found->second.until : std::max(until, found->second.until);
    gravest = std::max(gravest, step);
    if (found->second.is_tried) note_trial(visit, subject, client);
    const bool shut_out = found->second.step >= Step::refuse && !found->second.is_tried;
    if (shut_out && visit.sends_itself && !cleared) {
      visit.site.gatekeeper->window().note_sender(subject, found->second.step);
    }
  }
  // Whoever is cleared has met its challenge, is not the one who ignores them behind that address, and has a budget and
  // a share of the queue by itself: that many are behind its address, and take more together, is not its doing.
  if (cleared && gravest <= Step::challenge) return Step::serve;
  return cleared ? std::min(gravest, Step::behind) : gravest;
}

Rank rank_of(const GuardFacts& facts) {
  const bool has_deeds = facts.seen && facts.seen->deeds != guard::Deeds();
  switch (facts.standing) {
    case Standing::allowed: return facts.crawler != guard::Crawler::none ? Rank::cleared : Rank::basket;
    case Standing::known: return facts.precious && has_deeds ? Rank::basket : Rank::known;
    case Standing::cleared: return facts.precious && has_deeds ? Rank::known : Rank::cleared;
    case Standing::stranger: return Rank::stranger;
    case Standing::suspect: return Rank::last;
  }
  return Rank::last;
}

Standing standing_of(Visit& visit, const GuardRules& rules, const GuardState& state) {
  GuardFacts& facts = visit.guarded;
  if (!facts.allowed_by.empty() || facts.crawler != guard::Crawler::none) return Standing::allowed;
  if (visit.client.credential == Credential::rehearsal) return Standing::cleared;
  const bool lifts = !rules.without.standing;
  bool customer = lifts && is_customer(facts, state);
  if (customer && state.trouble_began && !facts.seen->deeds.has(Deed::order)) {
    GuardMemory& memory = *visit.site.guard_memory;
    facts.age_share = subject_hash(memory.key, visit.client.address, Level::network);
    customer = memory.age_budget.has(facts.age_share, visit.now());
  }
  if (lifts && !customer) facts.past = past_of(visit, state);
  // Whoever has something in the cart is on its way to an order, and is not asked anything in the middle of it.
  const bool buys = lifts && facts.seen && facts.seen->deeds != guard::Deeds();
  // A share of its own, and no more than that: past its budget it is what the next of its tokens says, at last anybody.
  const auto bears = [&](std::uint64_t id) {
    facts.bearer = id;
    return visit.site.guard_memory->budget.has(id, visit.now());
  };
  if (customer && bears(facts.seen->id)) return Standing::known;
  if (facts.clearance && bears(facts.clearance->id)) return Standing::cleared;
  if (buys && !customer && bears(facts.seen->id)) return Standing::cleared;
  // An address is weaker than a cookie, since others may share it: it spares the challenge, in one share for all.
  if ((facts.past.client_days != 0 || is_proxys_own(visit)) &&
      bears(subject_hash(visit.site.guard_memory->key, visit.client.address, Level::client))) {
    return Standing::cleared;
  }
  return Standing::stranger;
}

}  // namespace

guard::judging::Subject subject_of(Level level, std::uint64_t key) {
  constexpr std::array of{guard::judging::SubjectLevel::client, guard::judging::SubjectLevel::network,
                          guard::judging::SubjectLevel::block};
  return {of[static_cast<std::size_t>(level)], guard::judging::SubjectId{key}};
}

std::optional<guard::judging::Subject> dropped_by(const Measures& measures, const net::IpAddress& address,
                                                  TimePoint now) {
  if (measures.empty()) return {};
  const std::uint64_t client = guard::client_key(address);
  for (const Level level : {Level::client, Level::network, Level::block}) {
    const auto subject = subject_of(level, guard::key_at(level, client));
    const auto found = measures.find(subject);
    if (found == measures.end() || found->second.step != Step::drop || found->second.is_tried) continue;
    if (now < found->second.until) return subject;
  }
  return {};
}

bool ShownChallenges::shown_again(const net::IpAddress& client, TimePoint now) {
  if (shown_.size() >= most) shown_.clear();
  Shown& shown = shown_.try_emplace(guard::client_key(client), Shown{now, now}).first->second;
  if (now - shown.last >= forgotten_after) shown.first = now;
  shown.last = now;
  return now - shown.first >= time_to_solve;
}

std::uint64_t CustomersNetworks::key_of(const guard::Prefix& network) const {
  return seen_.key_of(guard::group_key(network));
}

void CustomersNetworks::note(const guard::Prefix& network, TimePoint now) {
  seen_.claim(key_of(network), [](const Seen& other) { return other.last; }).last = now;
}

bool CustomersNetworks::are_in(const guard::Prefix& network, TimePoint now) {
  const Seen* const seen = seen_.find(key_of(network));
  return seen != nullptr && now - seen->last < remembered_for;
}

std::uint64_t subject_hash(const SipKey& key, const net::IpAddress& address, Level level) {
  // A client that is the first of its network is not the network.
  const SipKey of_level{key.low, key.high ^ static_cast<std::uint64_t>(level)};
  return siphash(of_level, guard::key_at(level, guard::client_key(address)));
}

// A cookie that anybody gets who asks for a page says nothing of a network.
guard::Neighbours neighbours_of(const Visit& visit) {
  const GuardFacts& facts = visit.guarded;
  const bool customers =
      facts.standing == Standing::known || facts.past.network_days != 0 ||
      visit.site.guard_memory->customers.are_in(Prefix::of(visit.client.address, Level::network), visit.now());
  return customers ? guard::Neighbours::customers : guard::Neighbours::unknown;
}

void find_standing(Visit& visit, std::string_view path) {
  GuardFacts& facts = visit.guarded;
  if (facts.known_yet) return;
  facts.known_yet = true;
  const GuardRules& rules = *visit.guard->rules;
  const GuardState& state = *visit.guard->state;
  GuardMemory& memory = *visit.site.guard_memory;
  facts.worth = rules.worth.class_of(visit.request(), path);
  facts.above_rest = rules.worth.is_above_rest(facts.worth);
  facts.precious = facts.above_rest && facts.worth == 0;
  facts.is_order = rules.order && rules.order->matches(visit.request().method_name, path);
  facts.cannot_solve = cannot_solve(visit, path);
  facts.kind_of_work = memory.kinds.kind_of(visit.request(), path);
  facts.allowed_by = allowed_by(visit, path, rules, state);
  if (facts.allowed_by.empty()) facts.crawler = crawler_of(visit, state);
  open_tokens(visit, *state.keys);
  facts.standing = standing_of(visit, rules, state);
  facts.is_cleared = facts.standing <= Standing::cleared;
  facts.step = facts.standing == Standing::allowed ? Step::serve : step_on(visit, state);
  if (facts.step != Step::serve) facts.standing = Standing::suspect;
  // A clearance that lifts nobody still opens the door, as the challenge that it was got by.
  if (rules.without.standing && facts.standing == Standing::cleared) facts.standing = Standing::stranger;
  facts.rank = rank_of(facts);
  facts.weight = weight_of(facts);
  // Those of whom nothing is known share what their network gets: a new address gains nothing.
  facts.flow = facts.bearer != 0 && facts.standing <= Standing::cleared
                   ? facts.bearer
                   : subject_hash(memory.key, visit.client.address, Level::network);
  if (facts.standing == Standing::allowed || visit.client.credential == Credential::rehearsal) facts.flow = 0;
  if (facts.crawler != guard::Crawler::none) facts.flow = flow_of_crawler(memory, facts.crawler);
}

}  // namespace tenfold::edge
