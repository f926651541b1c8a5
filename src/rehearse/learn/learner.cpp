#include "rehearse/learn/learner.hpp"

#include <absl/hash/hash.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "rehearse/learn/arrivals.hpp"
#include "rehearse/learn/classify.hpp"
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
  LogFacts facts;
  Sessions sessions;

  void take(const Entry& entry);
  void note_referer(Session& session, std::string_view referer);
  void use(Session& session, const std::vector<Visit>& visits, Sessions::Why why);
  void meet(Session& session, const std::vector<Visit>& visits);
  bool already_inside(const Session& session, const std::vector<Visit>& visits) const;
  Walk::Referer referer_of(const Visit& visit) const;
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
  rate.add(to_ms);

  const std::uint64_t visitor = absl::HashOf(entry.client, entry.user_agent);
  auto [session, fresh] = sessions.open(visitor, to_ms);
  if (fresh) std::tie(session.agent, session.agent_kind) = agents.find(entry.user_agent);
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

Walk::Referer Learner::State::referer_of(const Visit& visit) const {
  if (visit.host == HostTable::none) return Walk::Referer::none;
  return hosts.own(visit.host) ? Walk::Referer::own : Walk::Referer::other_site;
}

// A visitor of whom the log shows only the rest: the first page came by a link on one of ours; or its requests are so
// even that one would have come just before the log's beginning.
bool Learner::State::already_inside(const Session& session, const std::vector<Visit>& visits) const {
  const double since_s = static_cast<double>(session.began_ms - from_ms) / 1000;
  if (since_s >= options.session_gap_s) return false;
  if (referer_of(visits.front()) == Walk::Referer::own) return true;
  if (session.agent_kind == AgentKind::browser || visits.size() < 3) return false;
  const double between_s =
      (visits.back().offset_ms - visits.front().offset_ms) / 1000.0 / static_cast<double>(visits.size() - 1);
  return since_s <= 2 * between_s;
}

void Learner::State::meet(Session& session, const std::vector<Visit>& visits) {
  const auto agents_told = facts.with_agent < 0.05 * facts.requests ? AgentsInLog::missing : AgentsInLog::told;
  session.population = static_cast<std::uint8_t>(classify(session, visits, shapes, agents_told));
  const std::size_t population = session.population;
  visitors[population].add(session.visitor);
  if (session.agent != 0) {
    agents[session.agent].visitors.add(short_hash(session.visitor));
    agents[session.agent].sessions[population] += 1;
  }
  if (already_inside(session, visits))
    arrivals.add_already_inside(population);
  else
    arrivals.add(population, static_cast<double>(session.began_ms - from_ms) / 1000);
}

void Learner::State::use(Session& session, const std::vector<Visit>& visits, Sessions::Why why) {
  if (session.population == Session::undecided && !visits.empty()) meet(session, visits);
  if (session.population == Session::undecided) return;
  PopulationTally& tally = tallies[session.population];
  // Crawlers and scripts ask for one thing after the other: each is a page.
  const bool person = session.population == static_cast<std::uint8_t>(Population::Kind::people);
  for (const auto& visit : visits) {
    if (!person || shapes.kind(visit.shape) == Kind::page)
      session.walk.page(visit, tally);
    else
      session.walk.asset(visit, referer_of(visit), tally);
  }
  if (why == Sessions::Why::ended) session.walk.end(tally);
}

// Of a log of whole seconds, the last one counts whole.
double Learner::State::seconds() const {
  return std::max(1.0, static_cast<double>(to_ms - from_ms) / 1000 + (whole_seconds ? 1 : 0));
}

Learner::Learner(LearnOptions options) : state_(std::make_unique<State>(options)) {}
Learner::~Learner() = default;
void Learner::take(const Entry& entry) { state_->take(entry); }

Learner::Learned Learner::finish() {
  State& state = *state_;
  state.sessions.end_all();
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
    if (tally.sessions == 0) continue;
    Population population;
    population.kind = static_cast<Population::Kind>(p);
    population.sessions = tally.sessions;
    population.requests = tally.requests;
    population.arrivals = state.arrivals.arrivals(p, model.seconds);
    population.pages_per_session = tally.pages_per_session.distribution();
    add_pages(tally, templates, population);
    state.facts.worst_fit = std::max(state.facts.worst_fit, fit_pages(population));
    population.agents = state.agents.common(p, 32);
    model.populations.push_back(std::move(population));
  }
  model.templates = std::move(templates.all);

  LearnSummary& summary = result.summary;
  summary.requests = static_cast<std::uint64_t>(state.facts.requests);
  summary.visitors = static_cast<std::uint64_t>(state.visitors[0].count());
  for (const auto& tally : state.tallies) summary.sessions += static_cast<std::uint64_t>(tally.sessions);
  summary.seconds = model.seconds;
  summary.peak_sessions_per_s = state.arrivals.peak_per_s(model.seconds);
  summary.peak_requests_per_s = model.peak_requests_per_s;
  summary.busiest_second_requests = state.rate.busiest_second();
  summary.bots_share = 1 - state.tallies[0].requests / model.requests;
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
