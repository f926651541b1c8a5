#include "rehearse/learn/learner.hpp"

#include <absl/hash/hash.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>

#include "rehearse/learn/arrivals.hpp"
#include "rehearse/learn/classify.hpp"
#include "rehearse/learn/cut_sessions.hpp"
#include "rehearse/learn/distinct.hpp"
#include "rehearse/learn/log_facts.hpp"
#include "rehearse/learn/model_maker.hpp"
#include "rehearse/learn/notes.hpp"
#include "rehearse/learn/sessions.hpp"
#include "rehearse/learn/shapes.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::size_t populations = 3;
constexpr std::int64_t quick_ms = 2'000;

struct RefererParts {
  std::string_view host, target;
};
// "https://shop.example/a?b#c" -> "shop.example", "/a?b"
RefererParts parts_of(std::string_view referer) {
  if (const auto scheme = referer.find("://"); scheme != std::string_view::npos) referer.remove_prefix(scheme + 3);
  referer = referer.substr(0, referer.find('#'));
  const auto slash = referer.find('/');
  if (slash == std::string_view::npos) return {referer, "/"};
  return {referer.substr(0, slash), referer.substr(slash)};
}

std::uint32_t short_hash(std::uint64_t hash) {
  const auto result = static_cast<std::uint32_t>(hash >> 32);
  return result == 0 ? 1 : result;  // 0: none
}

}  // namespace

struct Learner::State {
  explicit State(const LearnOptions& given)
      : options(given),
        sessions(given.session_gap_s, given.most_open_sessions,
                 [this](Session& session, const std::vector<Visit>& visits, Sessions::Why why) {
                   use(session, visits, why);
                 }) {}

  LearnOptions options;
  Shapes shapes;
  AgentTable agents;
  HostTable hosts;
  RequestRate rate;
  ArrivalBins arrivals;
  std::array<PopulationTally, populations> tallies;
  std::array<DistinctCount, populations> visitors;
  std::int64_t from_ms = 0, to_ms = 0;
  bool whole_seconds = true;
  std::uint64_t first_visitor = 0, last_visitor = 0;
  std::array<double, populations> seen_sessions{};  // cut ones, too
  Silences silences;
  std::array<EvenChoice, Silences::kinds> inside_before, inside_after;
  Rests rests;
  struct Cut {
    Session session;
    std::vector<Visit> visits;
    std::uint32_t silent_ms = 0;
    bool whole = true;  // none of it has been walked yet
  };
  std::vector<Cut> cut;  // by the log's end; at most as many as are open
  LogFacts facts;
  Sessions sessions;

  void take(const Entry& entry);
  void note_referer(Session& session, std::string_view referer);
  void use(Session& session, const std::vector<Visit>& visits, Sessions::Why why);
  void meet(Session& session, const std::vector<Visit>& visits);
  bool was_inside(const Session& session, const std::vector<Visit>& visits);
  bool goes_on(const Session& session);
  void walk(Session& session, const std::vector<Visit>& visits, std::int64_t later_ms);
  VisitSize size_of(const std::vector<Visit>& visits);
  void end(Session& session);
  void join_cut_sessions();
  Trail::Referer referer_by(std::uint8_t host) const;
  Trail::Referer referer_of(const Visit& visit) const;
  double seconds() const;
};

void Learner::State::take(const Entry& entry) {
  const Method method = method_of(entry.method);
  if (method == Method::none || entry.target.empty() || entry.target.front() != '/') {
    facts.unusable += 1;
    return;
  }
  if (facts.requests == 0) from_ms = to_ms = entry.at_ms;
  to_ms = std::max(to_ms, entry.at_ms);
  whole_seconds &= entry.at_ms % 1000 == 0;
  facts.requests += 1;
  facts.with_referer += !entry.referer.empty();
  facts.with_agent += !entry.user_agent.empty();
  rate.add(entry.at_ms);

  const std::uint64_t visitor = absl::HashOf(entry.client, entry.user_agent);
  auto [session, fresh] = sessions.open(visitor, to_ms);
  if (fresh) {
    std::tie(session.agent, session.agent_kind) = agents.find(entry.user_agent);
    // Where the log has no place for it, its absence says nothing of the visitor.
    if (session.agent_kind == AgentKind::untold && !entry.agent_logged) session.agent_kind = AgentKind::browser;
  }
  const auto [index, hash] = shapes.count(entry, method, short_hash(visitor), session.agent_kind == AgentKind::crawler);
  Shape& shape = shapes[index];
  session.robots |= shape.robots;
  if (entry.referer.empty()) {
    session.host = HostTable::none;
    session.referer = 0;
    session.referer_target = 0;
  } else {
    note_referer(session, entry.referer);
    shape.quick += !fresh && to_ms - session.last_ms <= quick_ms;
  }
  const Trail::Referer referer = referer_by(session.host);
  if (fresh)
    silences.came(session.agent_kind, referer);
  else
    silences.paused(session.agent_kind, referer, static_cast<double>(to_ms - session.last_ms) / 1000);
  if (facts.requests == 1) first_visitor = visitor;
  last_visitor = visitor;
  session.last_ms = to_ms;
  sessions.append(session, {static_cast<std::uint32_t>(to_ms - session.began_ms), short_hash(hash),
                            session.referer_target, static_cast<std::uint16_t>(index), session.host});
}

// Requests for one page's assets have the same referer: it is looked at once.
void Learner::State::note_referer(Session& session, std::string_view referer) {
  const std::uint64_t whole = absl::HashOf(referer);
  if (whole == session.referer) return;
  session.referer = whole;
  const RefererParts parts = parts_of(referer);
  const std::uint64_t target = Shapes::hash_of(parts.target, Method::get);
  session.referer_target = short_hash(target);
  session.host = hosts.find(parts.host);
  const std::int64_t shape = shapes.find(target);
  const bool front_page = parts.target == "/";  // every host has one
  if (shape >= 0 && !(front_page && !hosts.own(session.host))) shapes[static_cast<std::uint32_t>(shape)].led_from += 1;
  if (!front_page) hosts.saw(session.host, shape >= 0);
}

Trail::Referer Learner::State::referer_by(std::uint8_t host) const {
  if (host == HostTable::none) return Trail::Referer::none;
  return hosts.own(host) ? Trail::Referer::own : Trail::Referer::other_site;
}

// Whether it is to be taken for one of whom the log shows only the rest. The log begins with somebody's request: that
// one's silence of no time says nothing.
bool Learner::State::was_inside(const Session& session, const std::vector<Visit>& visits) {
  const double silent_s = static_cast<double>(session.began_ms - from_ms) / 1000;
  if (silent_s >= options.session_gap_s || session.visitor == first_visitor) return false;
  const auto referer = referer_by(visits.front().host);
  const double likelihood = silences.before(session.agent_kind, referer, silent_s, seconds());
  return inside_before[static_cast<std::size_t>(session.agent_kind)].next(likelihood);
}

bool Learner::State::goes_on(const Session& session) {
  if (session.visitor == last_visitor) return false;
  const double silent_s = static_cast<double>(to_ms - session.last_ms) / 1000;
  return inside_after[static_cast<std::size_t>(session.agent_kind)].next(
      silences.after(session.agent_kind, silent_s, seconds()));
}

void Learner::State::meet(Session& session, const std::vector<Visit>& visits) {
  const auto agents_told = facts.with_agent < 0.05 * facts.requests ? AgentsInLog::missing : AgentsInLog::told;
  session.population = static_cast<std::uint8_t>(classify(session, visits, shapes, agents_told));
  const std::size_t population = session.population;
  visitors[population].add(session.visitor);
  seen_sessions[population] += 1;
  if (session.agent != 0) {
    agents[session.agent].visitors.add(short_hash(session.visitor));
    agents[session.agent].sessions[population] += 1;
  }
  session.rest = was_inside(session, visits);
  if (!session.rest) arrivals.add(population, static_cast<double>(session.began_ms - from_ms) / 1000);
}

void Learner::State::walk(Session& session, const std::vector<Visit>& visits, std::int64_t later_ms) {
  VisitTally& tally = tallies[session.population].visits[session.size];
  // Crawlers and scripts ask for one thing after the other: each is a page.
  const bool person = session.population == static_cast<std::uint8_t>(Population::Kind::people);
  for (Visit visit : visits) {
    visit.offset_ms += static_cast<std::uint32_t>(later_ms);
    if (!person || shapes.kind(visit.shape) == Kind::page)
      session.trail.page(visit, tally);
    else
      session.trail.asset(visit, referer_by(visit.host), tally);
  }
}

void Learner::State::use(Session& session, const std::vector<Visit>& visits, Sessions::Why why) {
  const bool whole = session.population == Session::undecided;
  if (whole && !visits.empty()) meet(session, visits);
  if (session.population == Session::undecided) return;
  const bool cut_now = why == Sessions::Why::log_over && goes_on(session);
  const auto silent_ms = static_cast<std::uint32_t>(std::min<std::int64_t>(to_ms - session.last_ms, UINT32_MAX / 4));
  if (session.rest && whole && why != Sessions::Why::full) {
    const auto since_ms = static_cast<std::uint32_t>(session.began_ms - from_ms);
    if (rests.keep(session.agent_kind, {visits, session.population, cut_now, since_ms, silent_ms})) return;
  }
  if (session.rest && whole) arrivals.add_already_inside(session.population);
  if (cut_now) {
    cut.push_back({session, visits, silent_ms, whole});
    return;
  }
  if (whole) session.size = size_of(visits).index();
  walk(session, visits, 0);
  if (why != Sessions::Why::full) end(session);
}

VisitSize Learner::State::size_of(const std::vector<Visit>& visits) {
  const auto pages = std::ranges::count_if(visits, [&](const Visit& v) { return shapes.kind(v.shape) == Kind::page; });
  return {.requests = visits.size(), .pages = static_cast<std::size_t>(pages)};
}

void Learner::State::end(Session& session) { session.trail.end(tallies[session.population].visits[session.size]); }

// As if the log went on with its beginning after its end.
void Learner::State::join_cut_sessions() {
  rests.shuffle();
  for (Cut& each : cut) {
    Session& session = each.session;
    std::vector<Rests::Rest> more;
    VisitSize size = size_of(each.visits);
    for (bool cut_again = true; cut_again;) {
      Rests::Rest rest;
      if (!rests.take(session.population, session.agent_kind, rest)) break;
      cut_again = rest.cut_again;
      size.add(size_of(rest.visits));
      more.push_back(std::move(rest));
    }
    if (each.whole) session.size = size.index();
    walk(session, each.visits, 0);
    std::int64_t until_ms = session.last_ms - session.began_ms;
    std::int64_t silent_ms = each.silent_ms;
    for (const auto& rest : more) {
      const std::int64_t from_then_ms = until_ms + silent_ms + (whole_seconds ? 1000 : 0) + rest.silent_ms;
      until_ms = from_then_ms + rest.visits.back().offset_ms;
      if (until_ms > UINT32_MAX) break;  // offsets are of 32 bits
      walk(session, rest.visits, from_then_ms);
      silent_ms = rest.silent_at_end_ms;
    }
    end(session);
  }
  cut.clear();
  for (auto& rest : rests.take_all()) {
    // What is left over began at a time that nobody knows.
    Session session;
    session.population = rest.population;
    session.size = size_of(rest.visits).index();
    arrivals.add_already_inside(session.population);
    walk(session, rest.visits, 0);
    end(session);
  }
}

// Of a log of whole seconds, the last one counts whole.
double Learner::State::seconds() const {
  return std::max(1.0, static_cast<double>(to_ms - from_ms) / 1000 + (whole_seconds ? 1 : 0));
}

namespace {

// The minute in which most sessions began says little where they last for hours: of forty visitors who stay all day,
// all may have come in one minute. Held, such a peak would ask for more than the log ever saw, so that the busiest
// minute's requests bound it.
void bound_peak(TrafficModel& model) {
  double at_peak = 0;  // requests a second, once sessions that begin so often have filled the shop
  for (const Population& each : model.populations)
    at_peak += each.requests / model.seconds * each.arrivals.peak_per_s / each.arrivals.mean_per_s;
  if (at_peak <= model.peak_requests_per_s) return;
  for (Population& each : model.populations) {
    Arrivals& arrivals = each.arrivals;
    arrivals.peak_per_s = std::max(arrivals.mean_per_s, arrivals.peak_per_s * model.peak_requests_per_s / at_peak);
  }
}

}  // namespace

Learner::Learner(LearnOptions options) : state_(std::make_unique<State>(options)) {}
Learner::~Learner() = default;
void Learner::take(const Entry& entry) { state_->take(entry); }

Learner::Learned Learner::finish() {
  State& state = *state_;
  state.sessions.end_all();
  state.join_cut_sessions();
  Learned result;
  TrafficModel& model = result.model;
  model.made_by = "tenfold";
  model.from_ms = state.from_ms;
  model.requests = state.facts.requests;
  if (model.requests == 0) {
    result.summary.notes = notes_on(state.facts);
    return result;
  }
  model.seconds = state.seconds();
  model.peak_requests_per_s = state.rate.peak_per_s(model.seconds);
  Templates templates = make_templates(state.shapes, state.options);
  for (std::size_t p = 0; p < populations; ++p) {
    const PopulationTally& tally = state.tallies[p];
    model.visitors += state.visitors[p].count();
    if (tally.sessions() == 0) continue;
    Population population;
    population.kind = static_cast<Population::Kind>(p);
    population.sessions = state.seen_sessions[p];
    population.requests = tally.requests();
    population.arrivals = state.arrivals.arrivals(p, model.seconds);
    population.visits = visits_of(tally, templates);
    for (VisitKind& visits : population.visits)
      state.facts.worst_fit = std::max(state.facts.worst_fit, fit_pages(visits));
    population.agents = state.agents.common(p, 32);
    model.populations.push_back(std::move(population));
  }
  model.templates = std::move(templates.all);
  bound_peak(model);

  LearnSummary& summary = result.summary;
  summary.requests = static_cast<std::uint64_t>(state.facts.requests);
  summary.visitors = static_cast<std::uint64_t>(state.visitors[0].count());
  for (const double seen : state.seen_sessions) summary.sessions += static_cast<std::uint64_t>(seen);
  summary.seconds = model.seconds;
  summary.peak_sessions_per_s = state.arrivals.peak_per_s(model.seconds);
  summary.peak_requests_per_s = model.peak_requests_per_s;
  summary.busiest_second_requests = state.rate.busiest_second();
  summary.bots_share = 1 - state.tallies[0].requests() / model.requests;
  summary.assets_per_page = assets_per_page(model);
  summary.folded = templates.folded;
  state.facts.seconds = model.seconds;
  state.facts.cut_short = static_cast<double>(state.sessions.cut_short());
  state.facts.folded = templates.folded;
  state.facts.gap_s = state.options.session_gap_s;
  look_at(model, state.facts);
  summary.notes = notes_on(state.facts);
  return result;
}

}  // namespace tenfold::rehearse
