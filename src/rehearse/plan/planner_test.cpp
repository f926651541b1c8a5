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
    for (PageBehaviour& page : population.pages) {
      page.think_s = {.points = {}, .mean = 30};
      page.first.offset_s = page.later.offset_s = {.points = {{0, 0}, {1, 25}}, .mean = 12.5};
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

// As many at each moment as without, but those of one view at once.
TEST(Planner, AssetsOfAViewMayComeTogether) {
  const auto moments = [](double together) {
    TrafficModel model = small_shop();
    for (PageBehaviour& page : model.populations[0].pages) page.first.together = page.later.together = together;
    PlanOptions options = mean_of(1h);
    options.start = PlanOptions::Start::empty;
    const auto planner = make_planner(model, options);
    PlannedPage page;
    double sum = 0, assets = 0, different = 0;
    while (auto session = planner->next_session()) {
      while (session->itinerary->next(page)) {
        Duration before{-1};
        for (const PlannedAsset& asset : page.assets) {
          sum += std::chrono::duration<double>(asset.after_page).count();
          assets += 1;
          different += asset.after_page != before;
          before = asset.after_page;
        }
      }
    }
    return std::pair(sum / assets, different / assets);
  };
  const auto [apart_mean, apart] = moments(0);
  const auto [half_mean, half] = moments(0.25);
  const auto [together_mean, together] = moments(1);
  EXPECT_NEAR(half_mean / apart_mean, 1, 0.03);
  EXPECT_NEAR(together_mean / apart_mean, 1, 0.03);
  EXPECT_EQ(apart, 1);
  EXPECT_LT(half, 0.95);
  EXPECT_LT(together, 0.6);
  EXPECT_GT(half, together);
}

// Long sessions are brisker, and all of them together keep the page's think times.
TEST(Planner, ThePaceDependsOnTheSessionsLength) {
  TrafficModel model = small_shop();
  Population& people = model.populations[0];
  people.pages_per_session = {.points = {{0, 3}, {0.5, 3}, {0.5 + 1e-9, 5}, {1, 5}}, .mean = 4};
  people.pace = {{.pages_up_to = 3, .tenths = {0, 0, 0, 0, 0, 0, 1, 2, 2, 2}},
                 {.pages_up_to = 5, .tenths = {2, 2, 2, 2, 2, 2, 1, 0, 0, 0}}};
  PlanOptions options = mean_of(2h);
  options.start = PlanOptions::Start::empty;
  const auto planner = make_planner(model, options);
  std::map<int, std::vector<double>> spent;  // share of the longest think time of their page, by pages
  PlannedPage page;
  while (auto session = planner->next_session()) {
    if (session->population != 0) continue;
    std::vector<double> shares;
    int pages = 0;
    for (; session->itinerary->next(page); ++pages) {
      const double think = std::chrono::duration<double>(page.think).count();
      if (page.template_index == 1 && think > 0) shares.push_back((think - 10) / 40);
    }
    auto& all = spent[pages];
    all.insert(all.end(), shares.begin(), shares.end());
  }
  ASSERT_EQ(spent.size(), 2u);
  for (const double share : spent[3]) EXPECT_GE(share, 0.6 - 1e-9);
  for (const double share : spent[5]) EXPECT_LE(share, 0.7 + 1e-9);
  EXPECT_GT(spent[3].size(), 500u);
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
  const SessionLength length(model.populations[0].pages_per_session);
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
  Population& people = model.populations[0];
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
