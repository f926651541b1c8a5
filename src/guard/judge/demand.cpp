#include "guard/judge/demand.hpp"

#include <algorithm>
#include <chrono>

namespace tenfold::guard::judging {

namespace {

constexpr Duration slowness_memory = std::chrono::milliseconds(300);
// A fault is one once it has lasted for so long: demand that rises shows within it.
constexpr Duration fault_proven = std::chrono::seconds(1);
// As of the sums that tell what a request costs.
constexpr Duration price_memory = std::chrono::seconds(3);
constexpr Duration first_minute = std::chrono::minutes(1);
// Whatever customers take, strangers are thought to have this share: there is always an end of the queue.
constexpr double least_left_share = 0.05;

bool in_use(const PoolSample& pool) { return pool.most_active != 0 || pool.most_waiting != 0; }

bool is_overloaded(const PoolSample& pool, const DemandPolicy& policy) {
  if (pool.strangers_wait_median > policy.overload_wait || pool.strangers_wait_p90 > policy.overload_wait_p90)
    return true;
  if (pool.shed != 0) return true;
  return pool.limit != 0 && pool.most_waiting > policy.overload_waiting * pool.limit;
}

double share(double part, double whole) { return whole <= 0 ? 0 : part / whole; }

}  // namespace

void Demand::Usual::learn(double seen, Duration window, Duration rises_in, Duration falls_in) {
  watched = std::min(watched + window, first_minute);
  const Duration follows_in = watched < first_minute ? watched : (seen > value ? rises_in : falls_in);
  value += (seen - value) * (1 - kept_after(window, follows_in));
}

Signals Demand::take(const Samples& samples, Learn learn) {
  Signals signals;
  if (samples.window <= Duration::zero()) return signals;
  count(samples);
  see_pools(samples, signals);
  see_health(samples, signals);
  see_demand(signals, samples.window);
  see_price(signals);
  see_people(signals);
  signals.fault = signals.overloaded && signals.impaired && !has_risen(signals);
  if (!signals.impaired) fault_lasts_ = Duration::zero();
  if (signals.fault) fault_lasts_ += samples.window;
  const bool would_cope = !signals.overloaded && is_coped_with(signals, 1);
  if (signals.fault || (in_fault() && !has_risen(signals)) || would_cope) signals.exceeds = signals.presses = false;
  see_crowding(signals, samples.window);
  if (learn == Learn::usual && !signals.overloaded) learn_usual(signals, samples.window);
  return signals;
}

void Demand::learn_usual(const Signals& signals, Duration window) {
  const auto slowly_upwards = [&](Usual& usual, double seen) {
    usual.learn(seen, window, policy_.usual_rises_in, policy_.usual_falls_in);
  };
  const auto alike = [&](Usual& usual, double seen) {
    usual.learn(seen, window, policy_.usual_falls_in, policy_.usual_falls_in);
  };
  slowly_upwards(usual_asked_, signals.asked_per_s);
  slowly_upwards(usual_price_ms_, signals.usual_price_ms_per_s);
  slowly_upwards(usual_strangers_, strangers_lately_.per_s());
  slowly_upwards(usual_taken_ms_, taken_ms_per_s());
  if (all_answers_.value() >= 1) slowly_upwards(usual_cost_ms_, share(all_ms_.value(), all_answers_.value()));
  if (limit_found_) alike(usual_limit_, limit_);
  if (known_answers_.value() >= policy_.telling_answers) {
    alike(usual_known_cost_ms_, share(known_ms_.value(), known_answers_.value()));
  }
}

void Demand::count(const Samples& samples) {
  const Totals& totals = samples.totals;
  const Duration window = samples.window;
  const auto sum = [&](auto member) {
    return static_cast<double>(totals.allowed.*member + totals.known.*member + totals.cleared.*member +
                               totals.stranger.*member + totals.suspect.*member);
  };
  const auto of_strangers = [&](auto member) {
    return static_cast<double>(totals.stranger.*member + totals.suspect.*member);
  };
  asked_.add(sum(&StandingUse::asked), window);
  const double refused = static_cast<double>(totals.asked_refused);
  const double strangers_asked = std::max(0.0, of_strangers(&StandingUse::asked) - refused);
  strangers_asked_.add(strangers_asked, window);
  strangers_priced_.add(of_strangers(&StandingUse::priced), window);
  strangers_priced_ms_.add(of_strangers(&StandingUse::priced_ms), window);
  strangers_lately_.add(strangers_asked, window);
  owed_ms_.add(totals.allowed.origin_ms + totals.known.origin_ms, window);
  cleared_ms_.add(totals.cleared.origin_ms, window);
  strangers_ms_.add(of_strangers(&StandingUse::origin_ms), window);
  solved_.add(static_cast<double>(totals.challenges_solved), window);
  ignored_.add(static_cast<double>(totals.challenges_ignored), window);
  solved_lately_.add(static_cast<double>(totals.challenges_solved), window);
  ignored_lately_.add(static_cast<double>(totals.challenges_ignored), window);
  known_ms_.add(totals.known.origin_ms, window);
  known_answers_.add(static_cast<double>(totals.known.answered), window);
  stranger_ms_.add(of_strangers(&StandingUse::origin_ms), window);
  stranger_answers_.add(of_strangers(&StandingUse::answered), window);
  all_ms_.add(sum(&StandingUse::origin_ms), window);
  all_answers_.add(sum(&StandingUse::answered), window);
  stranger_requests_.add(of_strangers(&StandingUse::requests), window);
  pages_.add(static_cast<double>(totals.pages), window);
  assets_.add(static_cast<double>(totals.assets), window);
  in_known_networks_.add(static_cast<double>(totals.in_known_networks), window);
}

// A pool that nobody uses, such as one on standby, is nobody's capacity. Where no pool is used at all, as while there
// are only strangers and they are challenged, there is as much as before.
void Demand::see_pools(const Samples& samples, Signals& signals) {
  if (std::ranges::any_of(samples.pools, in_use)) limit_ = 0, limit_found_ = true;
  double slowness = 0;
  double over_usual = 0;
  std::uint64_t shed = 0, served = 0, failed = 0;
  for (const PoolSample& pool : samples.pools) {
    if (!in_use(pool)) continue;
    limit_ += pool.limit;
    limit_found_ = limit_found_ && pool.limit_found;
    shed += pool.shed;
    served += pool.served;
    failed += pool.errors + pool.timeouts;
    signals.strangers_wait = std::max(signals.strangers_wait, pool.strangers_wait_median);
    signals.strangers_wait_p90 = std::max(signals.strangers_wait_p90, pool.strangers_wait_p90);
    if (pool.shed != 0) signals.sheds = true;
    if (pool.served != 0) slowness = std::max({slowness, pool.relative_origin_time, pool.relative_origin_time_mean});
    if (pool.served != 0) over_usual = std::max(over_usual, pool.over_usual);
    if (is_overloaded(pool, policy_)) signals.overloaded = true;
  }
  shed_.add(static_cast<double>(shed), samples.window);
  served_.add(static_cast<double>(served), samples.window);
  failed_.add(static_cast<double>(failed), samples.window);
  const Duration held = over_usual > 0 ? price_memory : policy_.cost_fades_in;
  over_usual_ = std::max({1.0, over_usual, 1 + (over_usual_ - 1) * kept_after(samples.window, held)});
  if (slowness > 0) slowness_ += (slowness - slowness_) * (1 - kept_after(samples.window, slowness_memory));
}

void Demand::see_health(const Samples& samples, Signals& signals) {
  signals.slowness = slowness_;
  const double answers = served_.value() + failed_.value();
  if (failed_.value() >= policy_.least_failures) {
    signals.failing_share = std::min(share(failed_.value(), answers), failing_share(samples));
  }
  const bool limit_known = usual_limit_.watched >= policy_.usual_known_after;
  const bool used = std::ranges::any_of(samples.pools, in_use);
  const bool is_short = used && limit_known && limit_found_ && limit_ < policy_.short_of_limit * usual_limit_.value;
  const bool slow = slowness_ >= policy_.slow;
  signals.suffering = slow || is_short || signals.failing_share >= policy_.suffering_share;
  signals.impaired = slow || is_short || signals.failing_share >= policy_.impaired_share;
}

// By how many different ones meet failures: who asks a thousand times for what fails is one, and where known customers
// fare well the origins do.
double Demand::failing_share(const Samples& samples) const {
  PartyCounts known, all;
  for (const PoolSample& pool : samples.pools) {
    known.answered += pool.known.answered;
    known.failed += pool.known.failed;
    all.answered += pool.known.answered + pool.others.answered;
    all.failed += pool.known.failed + pool.others.failed;
  }
  if (known.answered >= policy_.telling_customers) return share(known.failed, known.answered);
  if (all.answered <= 0) return 1;
  return all.failed + 0.5 >= policy_.least_failing_parties ? share(all.failed, all.answered) : 0;
}

// What a request of strangers costs: as the last of theirs did. Where none has been answered for a while, less and less
// so, down to what anybody's does: a siege in which nobody is answered must have an end, and none while it lasts.
double Demand::stranger_cost_ms(Duration window) {
  if (stranger_answers_.value() >= 1) {
    last_cost_ms_ = share(stranger_ms_.value(), stranger_answers_.value());
    return last_cost_ms_;
  }
  const double usual = usual_cost_ms_.watched > Duration::zero() ? usual_cost_ms_.value : policy_.assumed_cost_ms;
  const double anybodys = all_answers_.value() >= 1 ? share(all_ms_.value(), all_answers_.value()) : usual;
  const bool is_first = last_cost_ms_ <= 0;
  if (is_first && all_answers_.value() < 1) return 0;
  last_cost_ms_ =
      is_first ? anybodys : anybodys + (last_cost_ms_ - anybodys) * kept_after(window, policy_.cost_fades_in);
  return last_cost_ms_;
}

// While none of theirs is answered, newcomers' pages do not cost what a handful of dear requests did before: these
// would keep a siege on for half a minute, by what customers-to-be ask for.
double Demand::pressing_ms_per_s(double cost_ms) const {
  const double asked = strangers_asked_.per_s();
  if (stranger_answers_.value() >= 1) return asked * cost_ms;
  const double priced = std::min(strangers_priced_.per_s(), asked);
  return (asked - priced) * cost_ms + std::min(priced * cost_ms, strangers_priced_ms_.per_s());
}

// Where no limit is known, an overload is taken at its word.
void Demand::see_demand(Signals& signals, Duration window) {
  signals.stranger_cost_ms = stranger_cost_ms(window);
  signals.asked_per_s = asked_.per_s();
  signals.usual_asked_per_s = usual_asked_.value;
  signals.strangers_asked_per_s = strangers_asked_.per_s();
  signals.strangers_ask_ms_per_s = signals.strangers_asked_per_s * signals.stranger_cost_ms;
  signals.strangers_press_ms_per_s = pressing_ms_per_s(signals.stranger_cost_ms);
  signals.unknowns_ask_ms_per_s = signals.strangers_ask_ms_per_s + cleared_ms_.per_s();
  signals.unknowns_got_ms_per_s = strangers_ms_.per_s() + cleared_ms_.per_s();

  signals.capacity_ms_per_s = limit_ * 1000 / crowding_;
  const double least = least_left_share * signals.capacity_ms_per_s;
  signals.unknowns_left_ms_per_s = std::max(least, signals.capacity_ms_per_s - owed_ms_.per_s());
  signals.left_ms_per_s = std::max(least, signals.unknowns_left_ms_per_s - cleared_ms_.per_s());

  const bool shed = shed_.per_s() > policy_.exceeding_shed_share * signals.strangers_asked_per_s;
  const bool asks = signals.strangers_asked_per_s > 0;
  const bool over = limit_ > 0 ? signals.strangers_press_ms_per_s > signals.left_ms_per_s : signals.overloaded;
  signals.exceeds = asks && (over || (signals.overloaded && shed));
  signals.presses = signals.exceeds ||
                    (limit_ > 0 && signals.strangers_press_ms_per_s > policy_.pressing_share * signals.left_ms_per_s);
}

// A limit that is still a guess is no capacity. Where all that it lets in takes eight times as long as usual, the
// servers work on an eighth of it; and a siege has held off what crowded them long before the limiter's trials have
// found that.
void Demand::see_crowding(const Signals& signals, Duration window) {
  if (limit_found_) {
    crowding_ = 1;
    return;
  }
  crowding_ = 1 + (crowding_ - 1) * kept_after(window, policy_.crowding_fades_in);
  if (!signals.overloaded || signals.impaired) return;
  // What is short waits behind what is dear, and takes a hundred times as long where a few search: no shop bears less.
  const double most = std::max(1.0, limit_ / policy_.least_borne);
  crowding_ = std::max(crowding_, std::min(over_usual_, most));
}

void Demand::see_people(Signals& signals) const {
  signals.challenges_solved_per_s = solved_.per_s();
  signals.challenges_ignored_per_s = ignored_.per_s();
  const double ended = solved_lately_.value() + ignored_lately_.value();
  signals.people_solve =
      ended >= policy_.people_solve_of && solved_lately_.value() >= policy_.people_solve_share * ended;
  signals.many_ignore = ignored_.per_s() >= policy_.many_ignored_per_s && ignored_.per_s() > solved_.per_s();
  signals.rush_like = pages_.value() >= 1 && assets_.value() >= policy_.rush_assets_per_page * pages_.value() &&
                      in_known_networks_.value() >= policy_.rush_in_known_networks * stranger_requests_.value();
  signals.bot_like =
      pages_.value() >= policy_.bot_pages && assets_.value() < policy_.bot_assets_per_page * pages_.value();
}

bool Demand::in_fault() const { return fault_lasts_ >= fault_proven; }

// While it is not known what is usual, demand is taken at its word.
bool Demand::has_risen(const Signals& signals) const {
  if (usual_asked_.watched < policy_.usual_known_after) return true;
  const double factor = in_fault() ? policy_.risen_in_fault : policy_.risen;
  return signals.asked_per_s > factor * usual_asked_.value + policy_.risen_by_per_s || has_risen_in_time(factor);
}

// Origins that become slow by themselves make the same demand dearer; it has not risen for that. What kinds usually
// take does not tell a dear request of a kind from a cheap one: so strangers must not ask more often, either.
void Demand::see_price(Signals& signals) const {
  const double strangers_ms_per_s = strangers_lately_.per_s() * signals.stranger_cost_ms;
  signals.usual_price_ms_per_s = (strangers_ms_per_s + cleared_ms_.per_s() + owed_ms_.per_s()) / over_usual_;
  const double factor = in_fault() ? policy_.coped_with_in_fault : policy_.coped_with;
  if (over_usual_ < policy_.slow || !is_coped_with(signals, factor)) return;
  signals.suffering = signals.impaired = true;
  signals.slowness = std::max(signals.slowness, over_usual_);
}

bool Demand::is_coped_with(const Signals& signals, double factor) const {
  if (usual_price_ms_.watched < policy_.coped_with_known_after) return false;
  return signals.usual_price_ms_per_s <= factor * usual_price_ms_.value &&
         strangers_lately_.per_s() <= factor * usual_strangers_.value + policy_.coped_with_by_per_s;
}

double Demand::taken_ms_per_s() const { return owed_ms_.per_s() + cleared_ms_.per_s() + strangers_ms_.per_s(); }

// A few requests may take more than many. Where origins are slow all do, and known customers' tell by how much.
bool Demand::has_risen_in_time(double factor) const {
  if (known_answers_.value() < policy_.telling_answers || usual_known_cost_ms_.value <= 0) return false;
  const double slower = share(known_ms_.value(), known_answers_.value()) / usual_known_cost_ms_.value;
  const double taken = taken_ms_per_s() / std::max({1.0, slower, slowness_});
  return taken > factor * usual_taken_ms_.value + policy_.risen_by_ms_per_s;
}

}  // namespace tenfold::guard::judging
