#include "rehearse/plan/planner.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

#include "rehearse/plan/arrival_stream.hpp"
#include "rehearse/plan/script.hpp"
#include "rehearse/plan/walk.hpp"

namespace tenfold::rehearse {
namespace {

// Sessions that began before the run are looked for at most this far back, and are at most so many: walking them takes
// a second or two.
constexpr double longest_look_back_s = 4 * 3600;
constexpr double most_looked_back = 400'000;

Duration seconds(double s) { return Duration(static_cast<std::int64_t>(s * 1e9)); }

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
      const bool joins = !joined_.empty() && (first == nullptr || joined_.front().at <= seconds(*first->due));
      if (joins) {
        PlannedSession session = std::move(joined_.front());
        joined_.pop_front();
        return session;
      }
      if (first == nullptr) return {};
      PlannedSession session;
      session.at = seconds(*first->due);
      session.population = first->number;
      session.number = number_++;
      first->due = first->arrivals.next();
      if (session.number % options_.shards != options_.shard) continue;
      session.user_agent = first->script.agent();
      session.itinerary = std::make_unique<Walk>(first->script);
      return session;
    }
  }

 private:
  struct Stream {
    Stream(std::uint32_t its_number, const Population& its_population, const TrafficModel& model,
           std::vector<TargetChoice>& targets, const PlanOptions& options, std::uint64_t seed)
        : number(its_number),
          population(&its_population),
          script(its_population, targets, model, seed * 64 + options.shard),
          arrivals(its_population.arrivals, options, 0, seed),
          due(arrivals.next()) {}
    std::uint32_t number;
    const Population* population;
    PopulationScript script;
    ArrivalStream arrivals;
    std::optional<double> due;
  };

  void join_those_before() {
    PlanOptions before = options_;
    before.ramp = Duration::zero();
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      Stream& stream = streams_[i];
      double think = 0;
      for (const PageBehaviour& page : stream.population->pages) think = std::max(think, page.think_s.mean);
      const double longest = static_cast<double>(stream.script.length().survival().size()) * std::max(think, 0.001) * 2;
      const ArrivalStream rate(stream.population->arrivals, before, 0, 1);
      const double look_back =
          std::min({longest, longest_look_back_s, most_looked_back / std::max(1e-9, rate.rate_at(0))});
      ArrivalStream arrivals(stream.population->arrivals, before, -std::ceil(look_back), options_.seed * 7919 + i);
      while (const auto at = arrivals.next()) {
        if (*at >= 0) break;
        if (number_++ % options_.shards == options_.shard) join(stream, static_cast<std::uint32_t>(i), -*at);
      }
    }
    std::sort(joined_.begin(), joined_.end(),
              [](const PlannedSession& a, const PlannedSession& b) { return a.at < b.at; });
  }

  void join(Stream& stream, std::uint32_t population, double ago) {
    auto walk = std::make_unique<Walk>(stream.script);
    if (!walk->catch_up(ago)) return;
    // With a ramp they come in one after another, so that the load grows evenly.
    const double ramp_s = std::chrono::duration<double>(options_.ramp).count();
    PlannedSession session;
    session.at = seconds(ramp_s * random_.unit());
    if (session.at >= options_.length) return;
    session.population = population;
    session.number = number_ - 1;
    session.joined = true;
    session.user_agent = stream.script.agent();
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

PlanFigures figures_of(const TrafficModel& model, const PlanOptions& options) {
  PlanFigures figures;
  PlanOptions steady = options;
  steady.ramp = Duration::zero();
  double session_seconds = 0;
  for (const Population& population : model.populations) {
    const SessionLength length(population.pages_per_session);
    const std::vector<double> views = expected_views(population, length);
    const ArrivalStream arrivals(population.arrivals, steady, 0, 1);
    double rate = arrivals.rate_at(0);
    if (options.profile == PlanOptions::Profile::log) rate = population.arrivals.mean_per_s * options.times;
    double entries = 0;
    for (const PageBehaviour& page : population.pages) entries += page.entry;
    figures.sessions_per_s += rate;
    if (population.kind == Population::Kind::people) figures.visitors_per_s += rate;
    double each_session_s = 0;
    for (std::size_t i = 0; i < views.size(); ++i) {
      const PageBehaviour& page = population.pages[i];
      const bool asks = model.templates[page.page].kind != Template::Kind::elsewhere;
      const double first = page.entry / entries;
      const double later = std::max(0.0, views[i] - first);
      figures.pages_per_s += rate * views[i];
      figures.requests_per_s +=
          rate * ((asks ? views[i] : 0) + first * (page.first.assets.empty() ? 0 : page.first.size.mean) +
                  later * (page.later.assets.empty() ? 0 : page.later.size.mean));
      each_session_s += views[i] * page.think_s.mean;
    }
    session_seconds += rate * each_session_s * (length.mean() - 1) / length.mean();
  }
  if (figures.sessions_per_s > 0) figures.mean_session_s = session_seconds / figures.sessions_per_s;
  return figures;
}

}  // namespace tenfold::rehearse
