#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "rehearse/model/traffic_model.hpp"
#include "rehearse/plan/invented.hpp"

namespace tenfold::rehearse {

struct PlanOptions {
  double times = 1;  // of the visitors: each population's arrivals
  enum class Profile : std::uint8_t {
    peak,  // the log's expected peak, held
    mean,  // the log's mean, held
    log,   // the log's own shape, from its beginning; over and over if it is shorter than the run
  } profile = Profile::peak;
  Duration length = std::chrono::minutes(10);
  Duration ramp{};  // arrivals grow linearly from nothing, at the beginning of `length`
  // Begin as if visitors had been coming all along: sessions that began before the run are joined where they would be.
  // The request rate is then right from the first second, however long sessions are.
  enum class Start : std::uint8_t { stationary, empty } start = Start::stationary;
  std::uint64_t seed = 1;
  // This planner gives every `shards`th session, beginning with `shard`: one for each driver thread; all together are
  // the plan.
  std::uint32_t shard = 0;
  std::uint32_t shards = 1;
};

struct PlannedAsset {
  std::uint32_t template_index = 0;
  std::string_view target;   // in the planner's memory
  Duration after_page{};     // earliest, from the page's request
  bool conditional = false;  // send a validator, if one is known
  Invented invented = Invented::nothing;
};

struct PlannedPage {
  std::uint32_t template_index = 0;
  std::string_view target;  // empty for Template::Kind::elsewhere: nothing is asked, the assets follow
  bool conditional = false;
  Invented invented = Invented::nothing;
  Duration think{};  // from the last of its requests to the next page's planned moment; nothing after the last page
  std::vector<PlannedAsset> assets;  // by after_page
};

// One visitor's walk, made page by page as it is walked. Must not outlive its planner. One thread only.
class Itinerary {
 public:
  virtual ~Itinerary() = default;
  // False at the session's end. `page` is overwritten; its memory is used again.
  virtual bool next(PlannedPage& page) = 0;
};

struct PlannedSession {
  Duration at{};  // after the run's beginning
  std::uint32_t population = 0;
  std::uint64_t number = 0;  // over all shards
  bool joined = false;       // began before the run
  std::string_view user_agent;
  std::unique_ptr<Itinerary> itinerary;
};

// Draws sessions in the order of their beginnings. Low-variance sampling (stratified lengths, paths by error diffusion)
// keeps a short run close to the model: its counts differ from the expected ones far less than independent draws would.
// Equal options give equal plans. Memory does not grow with the run. One thread only.
class Planner {
 public:
  virtual ~Planner() = default;
  virtual std::optional<PlannedSession> next_session() = 0;
};

// `model` must outlive the planner and have no problems_of().
std::unique_ptr<Planner> make_planner(const TrafficModel& model, const PlanOptions& options);

// What the plan comes to once it is stationary, by arithmetic.
struct PlanFigures {
  double sessions_per_s = 0;
  double visitors_per_s = 0;  // of them people's
  double pages_per_s = 0;
  double requests_per_s = 0;
  double mean_session_s = 0;  // from its first request to its last
};
PlanFigures figures_of(const TrafficModel& model, const PlanOptions& options);

}  // namespace tenfold::rehearse
