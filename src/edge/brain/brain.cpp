#include "edge/brain/brain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.hpp"
#include "edge/brain/kept_measures.hpp"
#include "edge/identify/standing.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {

using guard::Level;
using guard::judging::Posture;

namespace {

constexpr std::size_t most_heavy = 256;  // of each level, that the judge is told of in a window
constexpr std::size_t most_shown = 50;
constexpr std::size_t most_tried_clients = 4096;  // of one trial
constexpr Duration measures_kept_every = std::chrono::seconds(1);
// Trouble that begins so soon after a restart in the midst of trouble is the same, and began when that did.
constexpr Duration same_trouble = std::chrono::minutes(10);

guard::limit::LimiterOptions limiter_options(std::uint32_t ceiling) {
  guard::limit::LimiterOptions options;
  options.ceiling = std::max(ceiling, options.floor);
  options.initial = std::min(options.initial, options.ceiling);
  return options;
}

// As many as its owner lets be sent there.
std::uint32_t ceiling_of(const origin::Pool& pool) {
  std::uint64_t connections = 0;
  for (const origin::Member& member : pool.members) connections += member.max_connections;
  const std::uint32_t total = pool.settings.max_total_connections;
  if (total != 0) connections = std::min<std::uint64_t>(connections, total);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(connections, UINT32_MAX));
}

guard::Day day_of(WallTime time) { return std::chrono::floor<std::chrono::days>(time); }

std::shared_ptr<const Measures> measures_of(const guard::ladder::Plan& plan) {
  if (plan.measures.empty()) return nullptr;
  auto measures = std::make_shared<Measures>();
  for (const guard::ladder::Measure& each : plan.measures) {
    measures->emplace(each.subject, MeasureOn{.step = each.step,
                                              .elsewhere = each.elsewhere,
                                              .is_tried = each.reach == guard::ladder::Measure::Reach::canary,
                                              .until = each.until});
  }
  return measures;
}

guard::judging::PartyCounts count_of(std::span<const Parties> windows) {
  Parties all;
  for (const Parties& each : windows) all += each;
  return {.answered = all.answered.estimate(), .failed = all.failed.estimate()};
}

void tell(const guard::ladder::Plan& plan) {
  std::string reasons;
  for (const std::string& reason : plan.reasons) reasons += (reasons.empty() ? "" : "; ") + reason;
  const std::string text =
      fmt::format("guard: {}{}{}", guard::judging::name(plan.posture), reasons.empty() ? "" : ": ", reasons);
  if (plan.posture == Posture::besieged) {
    log::warn("{}", text);
  } else {
    log::info("{}", text);
  }
}

}  // namespace

Brain::Brain(Setup setup)
    : setup_(std::move(setup)),
      ledger_({.secret = setup_.meter.secret, .request_us = setup_.meter.request_us}),
      ladder_(guard::ladder::Acting::enforce),
      earlier_days_(setup_.secret),
      kernel_(std::move(setup_.kernel)),
      keys_(std::make_shared<const guard::TokenKeys>(setup_.secret, setup_.clock.wall_now(), setup_.previous_secret)) {}

void Brain::set_rules(std::shared_ptr<const GuardRules> rules, std::uint32_t uploads_per_client) {
  rules_.with([&](Rules& mine) {
    mine.rules = std::move(rules);
    mine.uploads_per_client = uploads_per_client;
    ++mine.revision;
  });
}

void Brain::set_crawlers(std::shared_ptr<const guard::CrawlerVerdicts> crawlers) {
  crawlers_.with([&](auto& mine) { mine = std::move(crawlers); });
}

Result<void> Brain::add(guard::OwnerList list, guard::OwnerEntry entry) {
  return lists_.with([&](guard::OwnerLists& lists) { return lists.add(list, std::move(entry)); });
}

bool Brain::take_out(guard::OwnerList list, const net::IpNetwork& network) {
  return lists_.with([&](guard::OwnerLists& lists) { return lists.remove(list, network); });
}

guard::OwnerEntries Brain::entries() const {
  return lists_.with([](const guard::OwnerLists& lists) { return lists.entries(); });
}

void Brain::lift(const guard::Prefix& prefix) {
  to_lift_.with([&](auto& prefixes) { prefixes.push_back(prefix); });
}

std::shared_ptr<const GuardPolicy> Brain::step(std::span<WindowExchange* const> exchanges) {
  const TimePoint now = setup_.clock.now();
  const Rules rules = rules_.with([](const Rules& mine) { return mine; });
  if (rules.rules == nullptr) return nullptr;
  Windows windows;
  std::vector<WindowExchange*> owners;  // of the windows: one that is late has none
  for (WindowExchange* const exchange : exchanges) {
    if (auto window = exchange->take()) {
      windows.push_back(std::move(window));
      owners.push_back(exchange);
    }
  }
  follow_topology();
  const std::vector<GatheredPool> gathered = gather_pools(windows);
  set_limits(gathered, rules.rules->mode, now);
  remember_parties(gathered);
  remember(windows, now);
  look_for_proxies(windows, rules, now);
  const bool knows_more = this->knows_more(day_of(setup_.clock.wall_now()));
  for (const guard::Prefix& prefix : to_lift_.with([](auto& all) { return std::exchange(all, {}); })) {
    kernel_.lift(prefix);
    for (const Level level : {Level::client, Level::network, Level::block}) {
      if (guard::Prefix::of(prefix.base, level) != prefix) continue;
      ladder_.lift(subject_of(level, guard::key_at(level, guard::client_key(prefix.base))), now);
    }
  }
  const auto verdict = judge_.judge(samples_of(windows, gathered, rules.rules->mode, now), now);
  set_room_rate(verdict.signals);
  ladder_.climb(verdict, canaries_of(windows), now);
  const guard::ladder::Plan plan = ladder_.plan();
  forget_trials(plan);
  drop_in_kernel(windows, plan, rules, now);
  show(windows, gathered, verdict, plan, rules, now);
  keep_history(plan, rules.rules->mode, now);
  for (std::size_t i = 0; i < owners.size(); ++i) owners[i]->give_back(std::move(windows[i]));
  last_ = now;

  const bool keys_due = keys_->is_due(setup_.clock.wall_now());
  if (keys_due) keys_ = std::make_shared<const guard::TokenKeys>(keys_->refreshed(setup_.clock.wall_now()));
  const bool changed = state_ == nullptr || keys_due || knows_more || plan.revision != seen_plan_ ||
                       plan.posture != seen_posture_ || rules.revision != seen_rules_;
  if (!changed) return nullptr;
  seen_plan_ = plan.revision;
  seen_posture_ = plan.posture;
  seen_rules_ = rules.revision;
  state_ = new_state(plan, now);
  auto policy = std::make_shared<GuardPolicy>();
  policy->uploads_per_client = rules.uploads_per_client;
  policy->rules = rules.rules;
  policy->state = state_;
  return policy;
}

bool Brain::knows_more(guard::Day today) {
  const bool new_day = earlier_days_.turn_to(today);
  auto crawlers = crawlers_.with([](const auto& mine) { return mine; });
  const auto networks = lists_.with([&](guard::OwnerLists& lists) {
    lists.expire(setup_.clock.wall_now());
    return lists.networks();
  });
  return new_day || (state_ != nullptr && (state_->crawlers != crawlers || state_->lists != networks));
}

std::shared_ptr<const GuardState> Brain::new_state(const guard::ladder::Plan& plan, TimePoint now) {
  auto state = std::make_shared<GuardState>();
  const WallTime wall_now = setup_.clock.wall_now();
  state->posture = plan.posture;
  state->strangers = plan.strangers_need;
  if (plan.trouble_began) {
    state->trouble_began = trouble_before_.value_or(wall_now - (now - *plan.trouble_began));
  } else if (now >= trouble_counts_until_) {
    trouble_before_.reset();
  }
  state->measures = measures_of(plan);
  state->keys = keys_;
  state->customers = earlier_days_.known();
  state->crawlers = crawlers_.with([](const auto& mine) { return mine; });
  state->lists = lists_.with([](const guard::OwnerLists& lists) { return lists.networks(); });
  state->today = day_of(state->trouble_began.value_or(wall_now));
  return state;
}

// ---- limits ----

void Brain::follow_topology() {
  if (setup_.directory.version() == topology_version_ && !pools_.empty()) return;
  const auto topology = setup_.directory.topology();
  topology_version_ = topology->version;
  std::vector<PoolState> pools;
  for (const auto& pool : topology->pools) {
    const std::uint32_t ceiling = ceiling_of(*pool);
    const auto known = std::ranges::find_if(
        pools_, [&](const PoolState& each) { return each.load == pool->load && each.ceiling == ceiling; });
    if (known != pools_.end()) {
      pools.push_back(std::move(*known));
    } else {
      pools.push_back({pool->load, pool->settings.name, ceiling, guard::limit::Limiter(limiter_options(ceiling))});
    }
  }
  pools_ = std::move(pools);
}

void Brain::set_limits(std::span<const GatheredPool> gathered, GuardMode mode, TimePoint now) {
  for (PoolState& pool : pools_) {
    const auto found = std::ranges::find(gathered, pool.load, &GatheredPool::load);
    guard::limit::LimiterInput input;
    if (found != gathered.end()) {
      input.routes = found->routes;
      input.waited = found->waited;
    }
    const std::uint32_t working = pool.load->working.load(std::memory_order_relaxed);
    input.active_most = std::max(pool.load->peak.exchange(working, std::memory_order_relaxed), working);
    pool.limiter.step(input, now);
    pool.load->limit.store(mode == GuardMode::enforce ? pool.limiter.limit() : 0, std::memory_order_relaxed);
    pool.load->late_ns.store(pool.limiter.late_by().count(), std::memory_order_relaxed);
  }
}

void Brain::remember_parties(std::span<const GatheredPool> gathered) {
  for (PoolState& pool : pools_) {
    const auto found = std::ranges::find(gathered, pool.load, &GatheredPool::load);
    const std::size_t slot = pool.lately.next++ % pool.lately.known.size();
    pool.lately.known[slot] = found != gathered.end() ? found->known : Parties();
    pool.lately.others[slot] = found != gathered.end() ? found->others : Parties();
  }
}

// As many visitors as the origins can take on besides their customers, and never none: who waits its turn has one.
void Brain::set_room_rate(const guard::judging::Signals& signals) const {
  constexpr double requests_of_a_visit = 8;
  constexpr double least_share = 0.1;  // of what there is
  if (!setup_.set_room_rate) return;
  const double visit_ms = requests_of_a_visit * std::max(signals.stranger_cost_ms, 1.0);
  const double there = std::max(signals.left_ms_per_s, least_share * signals.capacity_ms_per_s);
  setup_.set_room_rate(std::max(there / visit_ms, 1.0));
}

// ---- what judge and ladder are told ----

namespace {

// Who only observes holds nobody back: whoever would wait here waits at the servers.
void see_queue_at_servers(const origin::PoolLoad& load, guard::judging::PoolSample& sample) {
  if (sample.over_usual < guard::judging::DemandPolicy().slow) return;
  const Duration late(load.late_ns.load(std::memory_order_relaxed));
  sample.strangers_wait_median = std::max(sample.strangers_wait_median, late);
}

}  // namespace

guard::judging::Samples Brain::samples_of(const Windows& windows, std::span<const GatheredPool> gathered,
                                          GuardMode mode, TimePoint now) const {
  guard::judging::Samples samples;
  samples.window = last_ ? now - *last_ : Duration(std::chrono::milliseconds(100));
  for (const PoolState& pool : pools_) {
    guard::judging::PoolSample& sample = samples.pools.emplace_back();
    const auto explained = pool.limiter.explain();
    sample.limit = pool.limiter.limit();
    sample.limit_found = explained.borne != 0;
    sample.most_active = pool.load->working.load(std::memory_order_relaxed);
    sample.most_waiting = pool.load->waiting.load(std::memory_order_relaxed);
    sample.relative_origin_time = explained.slowness;
    sample.over_usual = pool.limiter.over_usual();
    sample.known = count_of(pool.lately.known);
    sample.others = count_of(pool.lately.others);
    const auto found = std::ranges::find(gathered, pool.load, &GatheredPool::load);
    if (found == gathered.end()) continue;
    sample.most_active = std::max<std::uint32_t>(sample.most_active, found->answered != 0 ? 1 : 0);
    sample.most_waiting = std::max(sample.most_waiting, found->most_waiting);
    sample.strangers_wait_median = found->stranger_waits.quantile(0.5);
    sample.strangers_wait_p90 = found->stranger_waits.quantile(0.9);
    sample.served = found->answered;
    if (mode == GuardMode::observe) see_queue_at_servers(*pool.load, sample);
    sample.shed = found->shed;
    sample.timeouts = found->timeouts;
    sample.errors = found->errors;
  }
  samples.totals = gather_totals(windows);
  samples.heavy = gather_heavy(windows, most_heavy);
  return samples;
}

void Brain::remember(const Windows& windows, TimePoint now) {
  const guard::Day today = day_of(setup_.clock.wall_now());
  for (const auto& window : windows) {
    earlier_days_.note(window->orders, today);
    for (const GuardWindow::KnownVisit& visit : window->known_visits) {
      const std::uint64_t client = guard::client_key(visit.client);
      ladder_.remember({.visitor = visit.visitor,
                        .of = {.client = guard::judging::SubjectId{client},
                               .network = guard::judging::SubjectId{guard::key_at(Level::network, client)},
                               .block = guard::judging::SubjectId{guard::key_at(Level::block, client)}}},
                       now);
    }
  }
}

void Brain::look_for_proxies(const Windows& windows, const Rules& rules, TimePoint now) {
  if (rules.revision != seen_rules_) unknown_proxies_.forget();
  for (const auto& window : windows) {
    unknown_proxies_.add(window->passed_on);
    for (const StandingWindow& standing : window->standings) unknown_proxies_.add_asked(standing.asked);
  }
  if (!unknown_proxies_.judge(now)) return;
  for (const UnknownProxies::Note& note : unknown_proxies_.notes()) log::warn("guard: {}", note.text());
}

std::vector<guard::ladder::CanarySample> Brain::canaries_of(const Windows& windows) {
  std::vector<guard::ladder::CanarySample> samples;
  for (const auto& window : windows) {
    for (const GuardWindow::Trial& trial : window->trials) {
      auto& clients = tried_[trial.subject];
      guard::ladder::CanarySample& sample = samples.emplace_back();
      sample.subject = trial.subject;
      for (const auto& [client, person] : trial.clients) {
        if (clients.size() >= most_tried_clients) break;
        const auto [place, is_new] = clients.try_emplace(client, false);
        if (is_new) ++sample.hit;
        if (person && !std::exchange(place->second, true)) ++sample.people;
      }
    }
  }
  return samples;
}

void Brain::forget_trials(const guard::ladder::Plan& plan) {
  std::erase_if(tried_, [&](const auto& each) {
    return std::ranges::none_of(plan.measures, [&](const guard::ladder::Measure& measure) {
      return measure.subject == each.first && measure.reach == guard::ladder::Measure::Reach::canary;
    });
  });
}

// ---- over a restart ----

void Brain::restore(const Kept& kept) {
  const TimePoint now = setup_.clock.now();
  const WallTime wall_now = setup_.clock.wall_now();
  const auto told = [](std::string_view what, const Error& error) {
    log::warn("guard: {} of before the start are forgotten: what was kept {}", what, error.detail);
  };
  if (kept.customers) {
    const auto loaded = earlier_days_.load(*kept.customers, day_of(wall_now));
    if (!loaded) told("customers", loaded.error());
  }
  if (kept.lists) lists_.with([&](guard::OwnerLists& lists) { lists.load(*kept.lists); });
  if (!kept.measures) return;
  const auto loaded = load_measures(measures_key(setup_.secret), *kept.measures, now, wall_now);
  if (!loaded) return told("measures", loaded.error());
  ladder_.restore(loaded->measures, now);
  trouble_before_ = loaded->trouble_began;
  trouble_counts_until_ = now + same_trouble;
}

Kept Brain::to_keep() {
  const TimePoint now = setup_.clock.now();
  Kept kept{
      .customers = earlier_days_.to_keep(day_of(setup_.clock.wall_now()), now), .measures = {}, .lists = new_lists()};
  if (ladder_.revision() != kept_plan_ && now >= measures_due_) kept.measures = kept_measures();
  if (!kept.measures) return kept;
  kept_plan_ = ladder_.revision();
  measures_due_ = now + measures_kept_every;
  return kept;
}

Kept Brain::to_keep_last() {
  return {.customers = earlier_days_.to_keep_last(day_of(setup_.clock.wall_now())),
          .measures = kept_measures(),
          .lists = new_lists()};
}

std::optional<guard::OwnerEntries> Brain::new_lists() {
  return lists_.with([&](const guard::OwnerLists& lists) -> std::optional<guard::OwnerEntries> {
    if (std::exchange(kept_lists_, lists.revision()) == lists.revision()) return {};
    return lists.entries();
  });
}

std::string Brain::kept_measures() const {
  const auto trouble_began = state_ != nullptr ? state_->trouble_began : std::optional<WallTime>();
  return save_measures(measures_key(setup_.secret), ladder_.plan().measures, trouble_began, setup_.clock.now(),
                       setup_.clock.wall_now());
}

void Brain::drop_in_kernel(const Windows& windows, const guard::ladder::Plan& plan, const Rules& rules, TimePoint now) {
  const std::uint64_t lists = lists_.with([](const guard::OwnerLists& mine) { return mine.revision(); });
  if (rules.revision != seen_rules_ || lists != allowed_lists_) {
    allowed_lists_ = lists;
    std::vector<net::IpNetwork> networks = rules.rules->never_dropped;
    const auto entries = lists_.with([](const guard::OwnerLists& mine) { return mine.entries(); });
    for (const guard::OwnerEntry& each : entries.allow) networks.push_back(each.network);
    kernel_.allow(std::move(networks));
    deny_in_kernel(*rules.rules, entries, now);
  }
  std::vector<guard::judging::Subject> seen;
  for (const auto& window : windows) seen.insert(seen.end(), window->senders.begin(), window->senders.end());
  kernel_.follow(plan, rules.rules->mode, seen, now);
}

// A key or a path that lets somebody be shows only in a request: while there may be such, whom the owner denies is
// refused by the edge, which reads it.
void Brain::deny_in_kernel(const GuardRules& rules, const guard::OwnerEntries& entries, TimePoint now) {
  std::vector<DeniedNetwork> denied;
  const WallTime wall_now = setup_.clock.wall_now();
  for (const net::IpNetwork& each : rules.denied) denied.push_back({each});
  for (const guard::OwnerEntry& each : entries.deny) denied.push_back({each.network, now + (each.ends - wall_now)});
  const bool may_be_let_be = rules.allow.may_fit_anybody();
  const std::size_t not_for_it = kernel_.deny(may_be_let_be ? std::span<const DeniedNetwork>() : denied);
  const std::size_t left_out = !kernel_.is_there() ? 0 : may_be_let_be ? denied.size() : not_for_it;
  if (std::exchange(denied_by_edge_, left_out) == left_out || left_out == 0) return;
  log::info("guard: {} of the networks that you deny are refused and not dropped in the kernel, since {}", left_out,
            may_be_let_be ? "a key, or a path that guard.allow names from anywhere, shows in a request only"
                          : "it takes neither their lengths nor more than so many");
}

// ---- for people ----

void Brain::show(const Windows& windows, std::span<const GatheredPool> gathered, const guard::judging::Verdict& verdict,
                 const guard::ladder::Plan& plan, const Rules& rules, TimePoint now) {
  std::vector<const guard::Meter*> meters;
  for (const auto& window : windows) meters.push_back(&window->meter);
  ledger_.merge(meters, now);
  std::vector<const guard::LabelTable*> tables;
  for (const auto& window : windows) tables.push_back(&window->labels);
  const std::vector<guard::Heavy> clients = ledger_.heaviest(Level::client, most_shown);
  labels_.follow(clients, tables);
  view_.with([&](GuardView& view) {
    if (view.plan.posture != plan.posture) view.posture_since = setup_.clock.wall_now();
    view.mode = rules.rules->mode;
    view.rules = rules.rules;
    view.plan = rules.rules->without.challenge ? without_challenges(plan) : plan;
    view.signals = verdict.signals;
    view.clients = clients;
    view.labels = labels_.labels();
    view.networks = ledger_.heaviest(Level::network, most_shown);
    view.total = ledger_.total();
    show_lists(view);
    view.crawlers = state_ == nullptr || state_->crawlers == nullptr ? 0 : state_->crawlers->proven();
    view.customers = earlier_days_.customers();
    view.unknown_proxies = unknown_proxies_.notes();
    view.kernel = kernel_.view(now);
    if (view.kernel.words.empty()) view.kernel.why_not = setup_.why_no_kernel;
    view.pools.clear();
    for (const PoolState& pool : pools_) {
      view.pools.push_back({pool.name, pool.limiter.explain(), pool.load->working.load(std::memory_order_relaxed),
                            pool.load->waiting.load(std::memory_order_relaxed)});
    }
    for (const GatheredPool& pool : gathered) view.shed += pool.shed;
    view.busy_workers = 0;
    for (const auto& window : windows) {
      view.burnt_us += window->burnt_us;
      view.burnt_turned_away += window->burnt_turned_away;
      view.burnt_closed += window->burnt_closed;
      view.busy_workers += window->core_was_short ? 1 : 0;
      for (std::size_t i = 0; i < guard::standings; ++i) {
        view.by_standing[i].requests += window->standings[i].requests;
        view.by_standing[i].asked += window->standings[i].asked;
        view.by_standing[i].answered += window->standings[i].answered;
        view.by_standing[i].origin_us += window->standings[i].origin_us;
      }
      view.denied += window->denied;
      view.challenges_shown += window->challenges_shown;
      view.challenges_solved += window->challenges_solved;
      view.challenges_ignored += window->challenges_ignored;
      view.orders_seen += window->orders_seen;
    }
  });
}

void Brain::show_lists(GuardView& view) const {
  lists_.with([&](const guard::OwnerLists& lists) {
    if (std::exchange(view.lists_revision, lists.revision()) != lists.revision()) view.lists = lists.entries();
  });
}

void Brain::keep_history(const guard::ladder::Plan& plan, GuardMode mode, TimePoint now) {
  const guard::ladder::AuditTrail& trail = ladder_.audit();
  const guard::judging::Posture before = std::exchange(told_posture_, plan.posture);
  history_.with([&](History& history) {
    history.follow(trail);
    if (before != plan.posture) history.note(before, plan, now);
  });
  if (before != plan.posture) tell(plan);
  told_steps_.tell(trail.since(std::exchange(told_to_, trail.next_number())), mode, now);
}

}  // namespace tenfold::edge
