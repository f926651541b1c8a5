#include "rehearse/plan/planner.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "rehearse/plan/arrival_stream.hpp"
#include "rehearse/plan/script.hpp"
#include "rehearse/plan/walk.hpp"

namespace tenfold::rehearse {
namespace {

// Sessions that began before the run are looked for at most this far back, and are at most so many of each kind of
// visit: walking them takes a second or two.
constexpr double longest_look_back_s = 24 * 3600;
constexpr double most_looked_back = 400'000;

Duration duration_of_s(double s) { return Duration(static_cast<std::int64_t>(s * 1e9)); }

// From a page's request to its last asset's.
double seconds_of(const Burst& burst) { return burst.assets.empty() ? 0 : burst.size.mean * burst.gap_s.mean; }

// By a wide margin.
double longest_session_s(const VisitKind& visits) {
  double stay = 0.001;
  for (const PageBehaviour& page : visits.pages)
    stay = std::max(stay, page.think_s.mean + std::max(seconds_of(page.first), seconds_of(page.later)));
  return static_cast<double>(SessionLength(visits.pages_per_session).survival().size()) * stay * 2;
}

class ModelPlanner final : public Planner {
 public:
  ModelPlanner(const TrafficModel& model, const PlanOptions& options)
      : options_(options), random_(options.seed * 31 + options.shard) {
    for (const Template& each : model.templates) targets_.emplace_back(each);
    for (std::size_t i = 0; i < model.populations.size(); ++i) {
      // Arrivals are the same for all shards; who walks how is each shard's own.
      const std::uint64_t seed = options.seed * 1'000'003 + i;
      streams_.emplace_back(static_cast<std::uint32_t>(i), model.populations[i], model, targets_, options, seed);
    }
    if (options.start == PlanOptions::Start::stationary) join_those_before();
  }

  std::optional<PlannedSession> next_session() override {
    while (true) {
      Stream* first = nullptr;
      for (Stream& stream : streams_) {
        if (stream.due && (first == nullptr || *stream.due < *first->due)) first = &stream;
      }
      const bool joins = !joined_.empty() && (first == nullptr || joined_.front().at <= duration_of_s(*first->due));
      if (joins) {
        PlannedSession session = std::move(joined_.front());
        joined_.pop_front();
        return session;
      }
      if (first == nullptr) return {};
      PlannedSession session;
      session.at = duration_of_s(*first->due);
      session.population = first->number;
      session.number = number_++;
      first->due = first->arrivals.next();
      if (session.number % options_.shards != options_.shard) continue;
      session.user_agent = first->agent();
      session.itinerary = first->walk();
      return session;
    }
  }

 private:
  // What one population does.
  struct Stream {
    Stream(std::uint32_t its_number, const Population& its_population, const TrafficModel& model,
           std::vector<TargetChoice>& targets, const PlanOptions& options, std::uint64_t seed)
        : number(its_number),
          population(&its_population),
          random(seed * 64 + options.shard),
          arrivals(its_population.arrivals, options, 0, seed),
          due(arrivals.next()) {
      std::vector<double> weights;
      for (const VisitKind& each : its_population.visits) {
        weights.push_back(each.sessions);
        scripts.emplace_back(each, targets, model, random.next());
      }
      visits = Shares(weights);
      weights.clear();
      for (const auto& [agent, weight] : its_population.agents) weights.push_back(weight);
      agents = Shares(weights);
    }
    std::unique_ptr<PlannedWalk> walk() { return std::make_unique<PlannedWalk>(scripts[visits.next(random)]); }
    std::string_view agent() {
      return agents.empty() ? std::string_view() : std::string_view(population->agents[agents.next(random)].first);
    }
    std::uint32_t number;
    const Population* population;
    FastRandom random;
    std::deque<VisitScript> scripts;  // walks point to them
    Shares visits;
    Shares agents;
    ArrivalStream arrivals;
    std::optional<double> due;
  };

  void join_those_before() {
    PlanOptions before = options_;
    before.ramp = Duration::zero();
    for (Stream& stream : streams_) {
      double sessions = 0;
      for (const VisitKind& visits : stream.population->visits) sessions += visits.sessions;
      for (std::size_t kind = 0; kind < stream.scripts.size(); ++kind)
        join_those_before(before, stream, kind, stream.population->visits[kind].sessions / sessions);
    }
    std::sort(joined_.begin(), joined_.end(),
              [](const PlannedSession& a, const PlannedSession& b) { return a.at < b.at; });
  }

  // Each kind by itself: the long ones, which are few, are looked for further back.
  void join_those_before(const PlanOptions& before, Stream& stream, std::size_t kind, double share) {
    Arrivals of_this_kind = stream.population->arrivals;
    of_this_kind.mean_per_s *= share;
    of_this_kind.peak_per_s *= share;
    const double rate = ArrivalStream(of_this_kind, before, 0, 1).rate_at(0);
    const double look_back = std::min({longest_session_s(stream.population->visits[kind]), longest_look_back_s,
                                       most_looked_back / std::max(1e-9, rate)});
    ArrivalStream arrivals(of_this_kind, before, -std::ceil(look_back),
                           options_.seed * 7919 + stream.number * 64 + kind);
    while (const auto at = arrivals.next()) {
      if (*at >= 0) break;
      if (number_++ % options_.shards == options_.shard) join(stream, stream.scripts[kind], -*at);
    }
  }

  void join(Stream& stream, VisitScript& script, double ago) {
    auto walk = std::make_unique<PlannedWalk>(script);
    if (!walk->catch_up(ago)) return;
    // With a ramp they come in one after another, so that the load grows evenly.
    const double ramp_s = std::chrono::duration<double>(options_.ramp).count();
    PlannedSession session;
    session.at = duration_of_s(ramp_s * random_.unit());
    if (session.at >= options_.length) return;
    session.population = stream.number;
    session.number = number_ - 1;
    session.joined = true;
    session.user_agent = stream.agent();
    session.itinerary = std::move(walk);
    joined_.push_back(std::move(session));
  }

  const PlanOptions options_;
  FastRandom random_;
  std::vector<TargetChoice> targets_;
  std::deque<Stream> streams_;  // their scripts are pointed to: they stay where they are
  std::deque<PlannedSession> joined_;
  std::uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<Planner> make_planner(const TrafficModel& model, const PlanOptions& options) {
  return std::make_unique<ModelPlanner>(model, options);
}

namespace {

// Adds what one session of these visits comes to, `rate` times a second; session_seconds likewise.
void add_figures(const TrafficModel& model, const VisitKind& visits, double rate, PlanFigures& figures,
                 double& session_seconds) {
  const SessionLength length(visits.pages_per_session);
  const std::vector<double> views = expected_views(visits, length);
  double entries = 0;
  for (const PageBehaviour& page : visits.pages) entries += page.entry;
  for (std::size_t i = 0; i < views.size(); ++i) {
    const PageBehaviour& page = visits.pages[i];
    const bool asks = model.templates[page.page].kind != Template::Kind::elsewhere;
    const double first = page.entry / entries;
    const double later = std::max(0.0, views[i] - first);
    figures.pages_per_s += rate * views[i];
    figures.requests_per_s +=
        rate * ((asks ? views[i] : 0) + first * (page.first.assets.empty() ? 0 : page.first.size.mean) +
                later * (page.later.assets.empty() ? 0 : page.later.size.mean));
    // Thought about is every page but the last.
    session_seconds += rate * (first * seconds_of(page.first) + later * seconds_of(page.later) +
                               views[i] * page.think_s.mean * (length.mean() - 1) / length.mean());
  }
}

}  // namespace

PlanFigures figures_of(const TrafficModel& model, const PlanOptions& options) {
  PlanFigures figures;
  PlanOptions steady = options;
  steady.ramp = Duration::zero();
  double session_seconds = 0;
  for (const Population& population : model.populations) {
    const ArrivalStream arrivals(population.arrivals, steady, 0, 1);
    double rate = arrivals.rate_at(0);
    if (options.profile == PlanOptions::Profile::log) rate = population.arrivals.mean_per_s * options.times;
    figures.sessions_per_s += rate;
    if (population.kind == Population::Kind::people) figures.visitors_per_s += rate;
    double sessions = 0;
    for (const VisitKind& visits : population.visits) sessions += visits.sessions;
    for (const VisitKind& visits : population.visits)
      add_figures(model, visits, rate * visits.sessions / sessions, figures, session_seconds);
  }
  if (figures.sessions_per_s > 0) figures.mean_session_s = session_seconds / figures.sessions_per_s;
  return figures;
}

}  // namespace tenfold::rehearse
