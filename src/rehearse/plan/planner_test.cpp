#include "rehearse/plan/planner.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "rehearse/model/test_models.hpp"
#include "rehearse/plan/arrival_stream.hpp"
#include "rehearse/plan/fit.hpp"
#include "rehearse/plan/script.hpp"
#include "rehearse/plan/walk.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;
using testing_models::small_shop;

// Plays a plan on no clock at all: answers come at once.
struct Played {
  double sessions = 0;  // that began in the run
  double pages = 0;
  double requests = 0;
  double think_s = 0;
  double thinks = 0;
  std::map<std::uint32_t, double> by_template;
  std::map<std::string, double> by_target;
  std::map<std::string, double> agents;
  double conditional_pictures = 0;
  std::vector<double> per_second;
};

Played play(const TrafficModel& model, const PlanOptions& options) {
  Played played;
  played.per_second.resize(static_cast<std::size_t>(options.length / 1s));
  const auto planner = make_planner(model, options);
  Duration last = Duration::min();
  PlannedPage page;
  while (auto session = planner->next_session()) {
    EXPECT_GE(session->at, last);
    last = session->at;
    EXPECT_LT(session->at, options.length);
    if (!session->joined) ++played.sessions, ++played.agents[std::string(session->user_agent)];
    Duration at = session->at;
    while (at < options.length && session->itinerary->next(page)) {
      const auto count = [&](std::uint32_t index, std::string_view target, Duration when) {
        if (when >= options.length) return;
        ++played.requests;
        ++played.by_template[index];
        ++played.by_target[std::string(target)];
        ++played.per_second[static_cast<std::size_t>(when / 1s)];
      };
      played.pages += page.target.empty() ? 0 : 1;  // else it was there before the run
      if (!page.target.empty()) count(page.template_index, page.target, at);
      for (const PlannedAsset& asset : page.assets) {
        count(asset.template_index, asset.target, at + asset.after_page);
        if (asset.conditional) ++played.conditional_pictures;
      }
      if (page.think > 0s) played.think_s += std::chrono::duration<double>(page.think).count(), ++played.thinks;
      at += page.think;
      if (page.think == 0s) break;
    }
  }
  return played;
}

PlanOptions mean_of(Duration length, double times = 1) {
  return {.times = times, .profile = PlanOptions::Profile::mean, .length = length};
}

TEST(Planner, KeepsTheRatesThatTheArithmeticSays) {
  const TrafficModel model = small_shop();
  const PlanFigures figures = figures_of(model, mean_of(1h));
  const Played played = play(model, mean_of(1h));
  EXPECT_NEAR(played.sessions / 3600, figures.sessions_per_s, 0.001);
  EXPECT_NEAR(played.pages / 3600 / figures.pages_per_s, 1, 0.03);
  EXPECT_NEAR(played.requests / 3600 / figures.requests_per_s, 1, 0.03);
  EXPECT_NEAR(figures.visitors_per_s, 1, 1e-9);
}

TEST(Planner, IsStationaryFromTheFirstSecond) {
  const TrafficModel model = small_shop();
  const PlanFigures figures = figures_of(model, mean_of(2min, 20));
  const Played played = play(model, mean_of(2min, 20));
  double first = 0;
  for (int i = 0; i < 20; ++i) first += played.per_second[static_cast<std::size_t>(i)];
  EXPECT_NEAR(first / 20 / figures.requests_per_s, 1, 0.1);
}

// Pages that visitors are on when the run begins still have pictures to come.
TEST(Planner, IsStationaryThoughAssetsComeLate) {
  TrafficModel model = small_shop();
  for (Population& population : model.populations) {
    for (PageBehaviour& page : population.visits[0].pages) {
      page.think_s = {.points = {}, .mean = 30};
      page.first.gap_s = page.later.gap_s = {.points = {{0, 0}, {1, 12}}, .mean = 6};
    }
  }
  const PlanFigures figures = figures_of(model, mean_of(1min, 40));
  double early = 0;
  PlanOptions options = mean_of(1min, 40);
  for (options.seed = 1; options.seed <= 5; ++options.seed) {
    const Played played = play(model, options);
    for (std::size_t i = 0; i < 5; ++i) early += played.per_second[i];
  }
  EXPECT_NEAR(early / 25 / figures.requests_per_s, 1, 0.05);
}

// Assets follow each other, and the think time begins when the last one has come.
TEST(Planner, AssetsComeOneAfterAnotherBeforeThePageIsThoughtAbout) {
  TrafficModel model = small_shop();
  for (PageBehaviour& page : model.populations[0].visits[0].pages) {
    page.first =
        page.later = {.size = {.points = {}, .mean = 3}, .assets = {{2, 1}}, .gap_s = {.points = {}, .mean = 2}};
    page.think_s = {.points = {}, .mean = 7};
  }
  PlanOptions options = mean_of(5min);
  options.start = PlanOptions::Start::empty;
  const auto planner = make_planner(model, options);
  PlannedPage page;
  int seen = 0;
  while (auto session = planner->next_session()) {
    if (session->population != 0) continue;
    while (session->itinerary->next(page)) {
      // What another server's page fetches begins when that page is known of.
      const Duration first = page.target.empty() ? 0s : 2s;
      ASSERT_EQ(page.assets.size(), 3u);
      for (int i = 0; i < 3; ++i) EXPECT_EQ(page.assets[static_cast<std::size_t>(i)].after_page, first + 2s * i);
      EXPECT_TRUE(page.think == 7s || page.think == 0s);
      ++seen;
    }
  }
  EXPECT_GT(seen, 1000);
}

// Short visits and long ones come as often as in the log, and each keeps to its own pages.
TEST(Planner, EachKindOfVisitHasItsOwnWalk) {
  TrafficModel model = small_shop();
  Population& people = model.populations[0];
  const Distribution think{.points = {}, .mean = 1};
  people.visits = {{.sessions = 3,
                    .pages_per_session = {.points = {}, .mean = 1},
                    .pages = {{.page = 0, .views = 3, .entry = 1, .think_s = think}}},
                   {.sessions = 1,
                    .pages_per_session = {.points = {}, .mean = 5},
                    .pages = {{.page = 1, .views = 5, .entry = 1, .next = {{1, 1}}, .think_s = think}}}};
  ASSERT_TRUE(problems_of(model).empty());
  PlanOptions options = mean_of(10min, 10);
  options.start = PlanOptions::Start::empty;
  const auto planner = make_planner(model, options);
  std::map<std::pair<std::uint32_t, int>, int> seen;  // by page and pages
  PlannedPage page;
  while (auto session = planner->next_session()) {
    if (session->population != 0) continue;
    int pages = 0;
    for (; session->itinerary->next(page); ++pages) EXPECT_NE(page.template_index, pages == 1 ? 0u : 9u);
    ++seen[{page.template_index, pages}];
  }
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_NEAR((seen[{0, 1}]), 4500, 10);
  EXPECT_NEAR((seen[{1, 5}]), 1500, 10);
  EXPECT_NEAR(figures_of(model, options).pages_per_s, 10 * (0.75 * 1 + 0.25 * 5) + 10 * 0.1 * 10, 0.01);
}

// Visits of hours are there from the first second on, too, though they are few and most visits are short.
TEST(Planner, IsStationaryThoughFewStayForHours) {
  TrafficModel model = small_shop();
  const Distribution think{.points = {}, .mean = 30};
  model.populations.resize(1);
  model.populations[0].visits = {
      {.sessions = 999,
       .pages_per_session = {.points = {}, .mean = 1},
       .pages = {{.page = 0, .views = 999, .entry = 1, .think_s = think}}},
      {.sessions = 1,
       .pages_per_session = {.points = {}, .mean = 1000},
       .pages = {{.page = 1, .views = 1000, .entry = 1, .next = {{1, 1}}, .think_s = think}}}};
  const PlanOptions options = mean_of(1min, 50);
  const Played played = play(model, options);
  const double pages_per_s = 50 * 0.999 + 50 * 0.001 * 1000;
  EXPECT_NEAR(figures_of(model, options).pages_per_s / pages_per_s, 1, 0.001);
  EXPECT_NEAR(played.requests / 60 / pages_per_s, 1, 0.05);
}

TEST(Planner, WithoutThatItFillsSlowly) {
  const TrafficModel model = small_shop();
  PlanOptions options = mean_of(2min, 20);
  options.start = PlanOptions::Start::empty;
  const Played played = play(model, options);
  EXPECT_LT(played.requests / 120, 0.9 * figures_of(model, options).requests_per_s);
}

TEST(Planner, TenTimesTheVisitorsWithTheSameThinkTimes) {
  const TrafficModel model = small_shop();
  const Played one = play(model, mean_of(30min));
  const Played ten = play(model, mean_of(30min, 10));
  EXPECT_NEAR(ten.sessions, 10 * one.sessions, 20);
  EXPECT_NEAR(ten.requests / one.requests, 10, 0.3);
  EXPECT_NEAR(ten.think_s / ten.thinks, one.think_s / one.thinks, 0.3);
}

TEST(Planner, ARampGrowsEvenly) {
  const TrafficModel model = small_shop();
  PlanOptions options = mean_of(2min, 50);
  options.ramp = 60s;
  const Played played = play(model, options);
  const double full = figures_of(model, options).requests_per_s;
  const auto around = [&](std::size_t second) {
    double sum = 0;
    for (std::size_t i = second - 5; i < second + 5; ++i) sum += played.per_second[i];
    return sum / 10 / full;
  };
  EXPECT_NEAR(around(15), 0.25, 0.08);
  EXPECT_NEAR(around(30), 0.5, 0.1);
  EXPECT_NEAR(around(100), 1, 0.1);
}

TEST(Planner, ShardsShareOnePlan) {
  const TrafficModel model = small_shop();
  PlanOptions options = mean_of(10min, 3);
  const double all = play(model, options).sessions;
  double sum = 0;
  options.shards = 3;
  for (options.shard = 0; options.shard < 3; ++options.shard) sum += play(model, options).sessions;
  EXPECT_EQ(sum, all);
}

TEST(Planner, EqualOptionsGiveEqualPlans) {
  const TrafficModel model = small_shop();
  const Played a = play(model, mean_of(10min));
  EXPECT_EQ(a.by_target, play(model, mean_of(10min)).by_target);
  PlanOptions other = mean_of(10min);
  other.seed = 2;
  EXPECT_NE(a.by_target, play(model, other).by_target);
}

TEST(Planner, PopularityMadeUpTargetsValidatorsAndAgents) {
  const TrafficModel model = small_shop();
  const Played played = play(model, mean_of(1h));
  const double products = played.by_template.at(1);
  double rare = 0;
  for (const auto& [target, count] : played.by_target) {
    if (target.size() == 13 && target.starts_with("/product/1")) rare += count;  // 1000 to 1999
  }
  EXPECT_NEAR(rare / products, 0.1, 0.01);
  EXPECT_NEAR(played.by_target.at("/product/1") / played.by_target.at("/product/10"), 10, 1.5);
  EXPECT_NEAR(played.conditional_pictures / played.by_template.at(2), 0.2, 0.01);
  const double one = played.agents.at("Mozilla/5.0 (One)");
  EXPECT_NEAR(one / played.agents.at("Mozilla/5.0 (Two)"), 3, 0.05);
}

TEST(Planner, TheLogsOwnShape) {
  const TrafficModel model = small_shop();
  PlanOptions options{.profile = PlanOptions::Profile::log, .length = 20min};
  options.start = PlanOptions::Start::empty;
  const auto planner = make_planner(model, options);
  double first = 0;
  double second = 0;
  while (auto session = planner->next_session()) ++(session->at < 10min ? first : second);
  EXPECT_NEAR(first, 600 * 0.5 + 60, 2);
  EXPECT_NEAR(second, 600 * 1.5 + 60, 2);
}

double dispersion_at(double times) {
  const TrafficModel model = small_shop();
  PlanOptions options = mean_of(1h, times);
  ArrivalStream arrivals(model.populations[0].arrivals, options, 0, 5);
  std::vector<double> count(3600);
  while (const auto at = arrivals.next()) ++count[static_cast<std::size_t>(*at)];
  double mean = 0;
  double square = 0;
  for (const double each : count) mean += each / 3600, square += each * each / 3600;
  return (square - mean * mean) / mean;
}

TEST(ArrivalStream, IsAsBurstyAsTheLogAtAnyMultiple) {
  EXPECT_NEAR(dispersion_at(1), 3, 0.4);
  EXPECT_NEAR(dispersion_at(10), 3, 0.4);
}

TEST(SessionLength, KeepsTheMeanAndTheTail) {
  const TrafficModel model = small_shop();
  const SessionLength length(model.populations[0].visits[0].pages_per_session);
  Strata<1024> strata;
  FastRandom random(3);
  double sum = 0;
  double over_40 = 0;
  constexpr int draws = 102'400;
  for (int i = 0; i < draws; ++i) {
    const std::uint32_t pages = length.draw(strata.next(random), random.unit());
    ASSERT_GE(pages, 1u);
    sum += pages;
    over_40 += pages > 41 ? 1 : 0;
  }
  EXPECT_NEAR(sum / draws, 6.88, 0.05);
  EXPECT_NEAR(over_40 / draws, 0.01, 0.003);
  EXPECT_EQ(SessionLength({}).draw(0.5, 0.9), 1u);
}

TEST(FitWalk, ViewsComeOutAsInTheLog) {
  TrafficModel model = small_shop();
  VisitKind& people = model.populations[0].visits[0];
  people.pages[0].next.push_back({3, 0.01});
  people.pages[1].next.push_back({3, 0.01});
  EXPECT_LT(fit_walk(people), 0.01);
  const SessionLength length(people.pages_per_session);
  const auto views = expected_views(people, length);
  const double sum = views[0] + views[1] + views[2];
  EXPECT_NEAR(sum, 6.88, 0.05);
  EXPECT_NEAR(views[1] / sum, 15.0 / 21, 0.01);
  EXPECT_NEAR(views[0] / sum, 5.0 / 21, 0.01);
}

TEST(MadeUp, FillsPatternsIn) {
  FastRandom random(1);
  for (int i = 0; i < 100; ++i) {
    const std::string text = made_up("/p/{number:10-99}/{word:3-5}?s={hex:8}&{other}", random);
    EXPECT_EQ(text.substr(0, 3), "/p/");
    EXPECT_NE(text.find("&{other}"), std::string::npos);
    EXPECT_GE(text.size(), 3u + 2 + 1 + 3 + 3 + 8 + 8);
  }
  EXPECT_EQ(made_up("/a{b", random), "/a{b");
}

}  // namespace
}  // namespace tenfold::rehearse
