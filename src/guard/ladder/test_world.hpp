#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "guard/judge/judge.hpp"
#include "guard/ladder/ladder.hpp"
#include "guard/ladder/measure_table.hpp"

// A shop and its visitors in windows of 100 ms, for tests: who asks, who is served by the plan of the window before,
// and what of it the workers count.
namespace tenfold::guard::ladder {

using judging::HeavySubject;
using judging::SubjectId;
using judging::SubjectLevel;

inline constexpr Duration world_window = std::chrono::milliseconds(100);
// Who is shown a challenge has so long to solve it before it ignores one by asking again (edge's ShownChallenges).
inline constexpr Duration time_to_solve = std::chrono::seconds(2);

// Visitors that are alike.
struct Crowd {
  enum class Who : std::uint8_t { known, stranger } who = Who::stranger;
  double pages_per_s = 0;     // all together; each needs an origin
  std::uint64_t clients = 1;  // that ask in turn; 0: each request comes from an address of its own
  double cost_ms = 20;        // of a page at the origin
  double assets_per_page = 0;
  double solve_share = 0;                  // of the clients solve a challenge when they meet one
  double in_known_networks = 0;            // share of the requests
  double half_sent_per_s = 0;              // all together
  std::uint64_t first_client = 1;          // their ids follow each other
  std::optional<std::uint64_t> network{};  // that they all are in; else each is in one of its own

  // Kept by the world.
  double due = 0;
  double half_due = 0;
  std::uint64_t next = 0;
  std::vector<TimePoint> cleared_at{};        // by client: when its challenge is solved
  std::vector<TimePoint> challenged_since{};  // by client; the greatest: it is not
  double asked = 0;
  double served = 0;
  double challenged_pages = 0;
  double refused = 0;  // or dropped
};

class World {
 public:
  explicit World(Acting acting = Acting::enforce, std::uint64_t seed = 1) : random_(seed), ladder_(acting) {
    for (std::uint64_t i = 0; i < 1000; ++i) remember(1'000'000 + i);
    plan_ = ladder_.plan();
  }

  // A known customer's visit from that client.
  void remember(std::uint64_t client, std::uint64_t network = 0) {
    const std::uint64_t in = network != 0 ? network : client + network_ids;
    ladder_.remember({.visitor = client, .of = {.client = SubjectId{client}, .network = SubjectId{in}}}, clock_.now());
  }

  std::size_t add(const Crowd& crowd) {
    crowds.push_back(crowd);
    Crowd& added = crowds.back();
    added.cleared_at.assign(added.clients, TimePoint::max());
    added.challenged_since.assign(added.clients, TimePoint::max());
    return crowds.size() - 1;
  }

  // The same, of another visitor each time.
  void remember_behind(std::uint64_t client, std::uint64_t visitor) {
    ladder_.remember(
        {.visitor = visitor, .of = {.client = SubjectId{client}, .network = SubjectId{client + network_ids}}},
        clock_.now());
  }

  // One window passes.
  void step() {
    clock_.advance(world_window);
    begin_window();
    for (Crowd& crowd : crowds) arrive(crowd);
    serve();
    count_heavy();
    verdict = judge_.judge(samples, clock_.now());
    ladder_.climb(verdict, canaries_, clock_.now());
    if (ladder_.revision() != plan_.revision || plan_.posture != verdict.posture) {
      plan_ = ladder_.plan();
      table_ = MeasureTable(plan_.measures);
    }
  }
  void run(Duration time) {
    for (Duration passed{}; passed < time; passed += world_window) step();
  }
  // The time until it holds; at most `most`.
  template <class Condition>
  Duration until(Condition holds, Duration most) {
    Duration passed{};
    while (!holds() && passed < most) step(), passed += world_window;
    return passed;
  }

  Step step_of(SubjectLevel level, std::uint64_t id) const {
    for (const Measure& measure : plan_.measures) {
      if (measure.subject == judging::Subject{level, SubjectId{id}}) return measure.step;
    }
    return Step::serve;
  }
  Step client_step(std::uint64_t id) const { return step_of(SubjectLevel::client, id); }

  const Plan& plan() const { return plan_; }
  Ladder& ladder() { return ladder_; }
  const judging::Judge& judge() const { return judge_; }
  TimePoint now() const { return clock_.now(); }

  std::vector<Crowd> crowds;
  double workers = 20;
  double slowness = 1;  // of the origins: a fault of the shop's own
  judging::Samples samples;
  judging::Verdict verdict;

 private:
  static constexpr std::uint64_t network_ids = std::uint64_t{1} << 40;
  static constexpr std::size_t most_heavy = 512;  // as a table of fixed size has
  struct Ask {
    Crowd* crowd;
    std::uint64_t client;
    int priority;  // less is served first
  };

  void begin_window() {
    samples = {};
    samples.window = world_window;
    asks_.clear();
    heavy_.clear();
    heavy_at_.clear();
    canaries_.clear();
  }

  void arrive(Crowd& crowd) {
    const double mean = crowd.pages_per_s * 0.1;
    crowd.due += mean * (0.8 + 0.4 * random_.unit());
    crowd.half_due += crowd.half_sent_per_s * 0.1;
    for (; crowd.due >= 1; --crowd.due) {
      const std::uint64_t number = crowd.next++;
      ask(crowd, crowd.clients == 0 ? number : number % crowd.clients);
    }
    for (; crowd.half_due >= 1; --crowd.half_due) {
      ++samples.totals.half_sent;
      heavy(crowd, crowd.first_client).counts.half_sent += 1;
    }
  }

  void ask(Crowd& crowd, std::uint64_t index) {
    const std::uint64_t client = crowd.first_client + index;
    const bool known = crowd.who == Crowd::Who::known;
    const bool cleared = !known && index < crowd.cleared_at.size() && clock_.now() >= crowd.cleared_at[index];
    const auto found = table_.strictest(subjects(crowd, client));
    const Step measured = plan_.acts() ? found.step : Step::serve;
    ++crowd.asked;
    if (measured == Step::drop) return void(++crowd.refused);  // the kernel tells nobody of it
    judging::StandingUse& use = known     ? samples.totals.known
                                : cleared ? samples.totals.cleared
                                          : samples.totals.stranger;
    use.requests += 1 + static_cast<std::uint64_t>(crowd.assets_per_page);
    ++use.asked;
    if (known) {
      heavy(crowd, client).counts.known += 1;
      asks_.push_back({&crowd, client, 0});
      return;
    }
    count_page(crowd, client, measured);
    if (measured == Step::refuse) return void(++crowd.refused);  // it is shown no challenge that it could ignore
    const bool all_challenged = plan_.acts() && plan_.strangers_need == StrangersNeed::challenge;
    if (!cleared && (measured == Step::challenge || all_challenged)) return challenge(crowd, index);
    asks_.push_back({&crowd, client, measured == Step::behind ? 3 : cleared ? 1 : 2});
  }

  void count_page(Crowd& crowd, std::uint64_t client, Step measured) {
    judging::Totals& totals = samples.totals;
    ++totals.pages;
    totals.assets += static_cast<std::uint64_t>(crowd.assets_per_page);
    if (random_.unit() < crowd.in_known_networks) {
      totals.in_known_networks += 1 + static_cast<std::uint64_t>(crowd.assets_per_page);
    }
    judging::SubjectCounts& counts = heavy(crowd, client).counts;
    counts.requests += 1 + crowd.assets_per_page;
    counts.asked += 1;
    counts.pages += 1;
    counts.assets += crowd.assets_per_page;
    if (measured < Step::challenge) return;
    for (const Measure& measure : plan_.measures) {
      if (measure.reach == Measure::Reach::canary) meet_canary(measure, crowd, client);
    }
  }

  void meet_canary(const Measure& measure, const Crowd& crowd, std::uint64_t client) {
    const judging::RequestSubjects of = subjects(crowd, client);
    if (std::ranges::count(of.all(), measure.subject) == 0) return;
    if (!in_canary(measure.subject, of.client)) return;
    if (!met_.emplace(measure.subject, measure.since, of.client).second) return;
    canaries_.push_back({.subject = measure.subject, .hit = 1, .people = is_person(crowd, client) ? 1u : 0u});
  }

  static bool is_person(const Crowd& crowd, std::uint64_t client) {
    return static_cast<double>(client - crowd.first_client) <
           crowd.solve_share * static_cast<double>(crowd.cleared_at.size());
  }

  void challenge(Crowd& crowd, std::uint64_t index) {
    ++crowd.challenged_pages;
    ++samples.totals.challenges_shown;
    const std::uint64_t client = crowd.first_client + index;
    judging::SubjectCounts& counts = heavy(crowd, client).counts;
    counts.challenges_shown += 1;
    if (is_person(crowd, client)) {
      if (crowd.cleared_at[index] != TimePoint::max()) return;
      crowd.cleared_at[index] = clock_.now() + std::chrono::milliseconds(500);
      counts.challenges_solved += 1;
      ++samples.totals.challenges_solved;
      return;
    }
    if (index >= crowd.challenged_since.size()) return;  // an address that asks once
    TimePoint& since = crowd.challenged_since[index];
    since = std::min(since, clock_.now());
    if (clock_.now() - since < time_to_solve) return;
    counts.challenges_ignored += 1;
    ++samples.totals.challenges_ignored;
  }

  // Whoever finds no place is sent away.
  void serve() {
    for (std::size_t i = asks_.size(); i > 1; --i) std::swap(asks_[i - 1], asks_[random_.below(i)]);
    std::ranges::stable_sort(asks_, {}, &Ask::priority);
    judging::PoolSample pool{.limit = static_cast<std::uint32_t>(workers),
                             .relative_origin_time = slowness,
                             .relative_origin_time_mean = slowness};
    double left_ms = workers * 100;
    for (const Ask& ask : asks_) {
      const double cost = ask.crowd->cost_ms * slowness;
      if (left_ms < cost) {
        ++pool.shed;
        continue;
      }
      left_ms -= cost;
      ++pool.served;
      ++ask.crowd->served;
      take(ask, cost);
    }
    const double used = 1 - left_ms / (workers * 100);
    pool.most_active = static_cast<std::uint32_t>(std::ceil(used * workers));
    pool.strangers_wait_median = std::chrono::milliseconds(pool.shed != 0 ? 25 : 2);
    samples.pools.push_back(pool);
  }

  // What tables of a fixed size would tell: the heaviest clients, and networks of several.
  void count_heavy() {
    std::map<SubjectId, HeavySubject> networks;
    for (const HeavySubject& client : heavy_) {
      const auto [at, is_new] = networks.try_emplace(client.network, HeavySubject{});
      at->second.subject = {SubjectLevel::network, client.network};
      at->second.counts.add(client.counts);
      at->second.spread = is_new ? 1 : at->second.spread + 1;
    }
    samples.heavy = heavy_;
    for (const auto& [id, network] : networks) {
      if (network.spread > 1) samples.heavy.push_back(network);
    }
    std::ranges::sort(samples.heavy, std::ranges::greater{}, [](const HeavySubject& one) {
      return std::pair(one.counts.requests + one.counts.half_sent, one.subject);
    });
    if (samples.heavy.size() > most_heavy) samples.heavy.resize(most_heavy);
    double clients = 0;
    for (const Crowd& crowd : crowds) {
      clients += crowd.clients != 0 ? static_cast<double>(crowd.clients) : 10 * crowd.pages_per_s;
    }
    samples.totals.clients = static_cast<std::uint64_t>(clients);
  }

  void take(const Ask& ask, double cost) {
    const bool known = ask.crowd->who == Crowd::Who::known;
    judging::StandingUse& use = known               ? samples.totals.known
                                : ask.priority == 1 ? samples.totals.cleared
                                                    : samples.totals.stranger;
    ++use.answered;
    use.origin_ms += cost;
    if (known) return;
    judging::SubjectCounts& counts = heavy(*ask.crowd, ask.client).counts;
    counts.answered += 1;
    counts.origin_ms += cost;
  }

  judging::RequestSubjects subjects(const Crowd& crowd, std::uint64_t client) const {
    return {.client = SubjectId{client}, .network = SubjectId{crowd.network.value_or(client + network_ids)}};
  }

  // Its counts of this window. An address that asks once is below every lower bound.
  HeavySubject& heavy(const Crowd& crowd, std::uint64_t client) {
    if (crowd.clients == 0) return unseen_;
    const judging::RequestSubjects of = subjects(crowd, client);
    const auto [at, is_new] = heavy_at_.try_emplace(of.client, heavy_.size());
    if (!is_new) return heavy_[at->second];
    HeavySubject& added = heavy_.emplace_back();
    added.subject = {SubjectLevel::client, of.client};
    added.network = of.network;
    return added;
  }

  ManualClock clock_;
  FastRandom random_;
  judging::Judge judge_;
  Ladder ladder_;
  Plan plan_;
  MeasureTable table_;
  std::vector<Ask> asks_;
  std::vector<HeavySubject> heavy_;
  absl::flat_hash_map<SubjectId, std::size_t> heavy_at_;
  std::vector<CanarySample> canaries_;
  HeavySubject unseen_;
  std::set<std::tuple<judging::Subject, TimePoint, SubjectId>> met_;  // clients that met a canary
};

}  // namespace tenfold::guard::ladder
