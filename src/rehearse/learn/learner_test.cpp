#include "rehearse/learn/learner.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "rehearse/plan/fit.hpp"

namespace tenfold::rehearse {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view firefox = "Mozilla/5.0 (X11; Linux) Firefox/120.0";
constexpr std::string_view chrome = "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0";
constexpr std::string_view googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const std::string shop = "https://shop.example";

// A log in the making: requests in any order, taken by time.
class Log {
 public:
  struct Line {
    double at_s;
    std::string client, target, referer;
    std::string_view agent = firefox;
    std::string_view method = "GET";
    int status = 200;
    std::int64_t bytes = 100;
  };
  void add(Line line) { lines_.emplace(line.at_s, std::move(line)); }
  // A page and the assets that a browser fetches for it.
  void page(double at_s, const std::string& client, const std::string& target, int assets,
            const std::string& referer = "") {
    add({at_s, client, target, referer});
    for (int i = 0; i < assets; ++i) add({at_s + 1, client, "/static/a" + std::to_string(i) + ".png", shop + target});
  }
  Learner::Learned learn(LearnOptions options = {}) const {
    Learner learner(options);
    for (const auto& [at, line] : lines_) {
      Entry entry;
      entry.at_ms = 1'700'000'000'000 + std::llround(line.at_s * 1000);
      entry.client = line.client;
      entry.method = line.method;
      entry.target = line.target;
      entry.status = line.status;
      entry.bytes = line.bytes;
      entry.referer = line.referer;
      entry.user_agent = line.agent;
      learner.take(entry);
    }
    return learner.finish();
  }

 private:
  std::multimap<double, Line> lines_;
};

const Population* population(const TrafficModel& model, Population::Kind kind) {
  for (const auto& each : model.populations)
    if (each.kind == kind) return &each;
  return nullptr;
}

const Template* template_named(const TrafficModel& model, std::string_view name) {
  for (const auto& each : model.templates)
    if (each.name == name) return &each;
  return nullptr;
}

const PageBehaviour* behaviour(const TrafficModel& model, Population::Kind kind, std::string_view name) {
  const Population* all = population(model, kind);
  if (all == nullptr) return nullptr;
  for (const auto& visits : all->visits)
    for (const auto& page : visits.pages)
      if (model.templates[page.page].name == name) return &page;
  return nullptr;
}

// What the populations ask for, by template, against what the log had.
void expect_conserved(const TrafficModel& model) {
  EXPECT_THAT(problems_of(model), IsEmpty());
  std::vector<double> asked(model.templates.size());
  double requests = 0;
  for (const auto& each : model.populations) {
    requests += each.requests;
    double all_entries = 0;
    for (const auto& visits : each.visits) {
      double views = 0, entries = 0;
      for (const auto& page : visits.pages) {
        views += page.views;
        entries += page.entry;
        if (model.templates[page.page].kind != Template::Kind::elsewhere) asked[page.page] += page.views;
        // First views are as many as entries: mean sizes times views are the assets.
        for (const auto& [burst, times] :
             {std::pair{&page.first, page.entry}, {&page.later, page.views - page.entry}}) {
          double weights = 0;
          for (const auto& asset : burst->assets) weights += asset.weight;
          EXPECT_NEAR(burst->size.mean * times, weights, 1e-6 * (1 + weights));
          for (const auto& asset : burst->assets)
            asked[asset.index] += burst->size.mean * times * asset.weight / weights;
        }
      }
      EXPECT_NEAR(visits.sessions * visits.pages_per_session.mean, views, 1e-6 * views);
      EXPECT_NEAR(visits.sessions, entries, 1e-9);
      all_entries += entries;
    }
    EXPECT_NEAR(each.arrivals.mean_per_s * model.seconds, all_entries, 1e-6 * all_entries);
    EXPECT_LE(all_entries, each.sessions);
  }
  EXPECT_NEAR(requests, model.requests, 1e-6);
  for (std::size_t i = 0; i < asked.size(); ++i)
    EXPECT_NEAR(asked[i], model.templates[i].requests, 1e-6 * (1 + asked[i])) << model.templates[i].name;
}

// Forty visitors, five seconds apart: the front page, a product, the basket; 20 s and 40 s in between.
Log forty_visitors() {
  Log log;
  for (int i = 0; i < 40; ++i) {
    const std::string client = "10.0.0." + std::to_string(i);
    const std::string product = "/product/" + std::to_string(1000 + i % 8);
    log.page(5.0 * i, client, "/", 6);
    log.page(5.0 * i + 20, client, product, 3, shop + "/");
    log.page(5.0 * i + 60, client, "/basket", 1, shop + product);
  }
  return log;
}

TEST(Learner, FindsTheSessionsThinkTimesAndBurstsThatAreThere) {
  const auto [model, summary] = forty_visitors().learn();
  ASSERT_EQ(model.populations.size(), 1U);
  EXPECT_EQ(summary.sessions, 40U);
  EXPECT_EQ(summary.visitors, 40U);
  EXPECT_EQ(model.populations[0].visits[0].pages_per_session.mean, 3);
  const auto* front = behaviour(model, Population::Kind::people, "/");
  const auto* product = behaviour(model, Population::Kind::people, "/product/{id}");
  const auto* basket = behaviour(model, Population::Kind::people, "/basket");
  ASSERT_TRUE(front && product && basket);
  EXPECT_EQ(front->views, 40);
  EXPECT_EQ(front->entry, 40);
  // From the last picture on, which comes a second after its page.
  EXPECT_DOUBLE_EQ(front->think_s.mean, 19);
  EXPECT_DOUBLE_EQ(product->think_s.mean, 39);
  EXPECT_EQ(front->first.size.mean, 6);
  EXPECT_EQ(product->later.size.mean, 3);
  EXPECT_DOUBLE_EQ(product->later.gap_s.mean, 1.0 / 3);
  EXPECT_EQ(basket->exit_share, 1);
  ASSERT_EQ(front->next.size(), 1U);
  EXPECT_EQ(model.templates[front->next[0].index].name, "/product/{id}");
  EXPECT_NEAR(summary.assets_per_page, 10.0 / 3, 1e-9);
  EXPECT_EQ(summary.bots_share, 0);
  expect_conserved(model);
}

TEST(Learner, KeepsThePopularityOfIds) {
  Log log;
  for (int i = 0; i < 60; ++i)
    log.page(i, "10.0.0." + std::to_string(i), "/product/" + std::to_string(i < 40 ? 7 : i < 57 ? 8 : 9), 1);
  const auto model = log.learn().model;
  const auto* product = template_named(model, "/product/{id}");
  ASSERT_NE(product, nullptr);
  EXPECT_EQ(product->distinct_targets, 3U);
  ASSERT_EQ(product->targets.size(), 3U);
  EXPECT_EQ(product->targets[0], (KnownTarget{"/product/7", 40}));
  EXPECT_EQ(product->targets[2], (KnownTarget{"/product/9", 3}));
  EXPECT_EQ(product->rare_share, 0);
}

TEST(Learner, EndsASessionAfterTheGapAndNotBefore) {
  Log just_under, just_over;
  for (auto* log : {&just_under, &just_over}) log->page(0, "10.0.0.1", "/", 2);
  just_under.page(1 + 1800, "10.0.0.1", "/", 2);
  just_over.page(1 + 1801, "10.0.0.1", "/", 2);
  EXPECT_EQ(just_under.learn().summary.sessions, 1U);
  EXPECT_EQ(just_over.learn().summary.sessions, 2U);
  EXPECT_EQ(just_over.learn().summary.visitors, 1U);
}

TEST(Learner, TellsPeopleCrawlersAndScriptsApart) {
  Log log = forty_visitors();
  for (int i = 0; i < 30; ++i) log.add({3.0 * i, "66.0.0.1", "/product/" + std::to_string(i), "", googlebot});
  for (int i = 0; i < 20; ++i) log.add({7.0 * i, "10.1.0.1", "/health", "", "curl/7.88.1"});
  log.add({4, "10.1.0.2", "/robots.txt", "", chrome});
  log.add({9, "10.1.0.2", "/product/1", "", chrome});
  // A browser by its name that reads 30 pages in 30 s and fetches nothing for them.
  for (int i = 0; i < 30; ++i) log.add({50.0 + i, "10.1.0.3", "/product/" + std::to_string(i), "", chrome});
  // A browser's few pages out of a full cache: a person.
  for (int i = 0; i < 5; ++i) log.add({60.0 + 9 * i, "10.1.0.4", "/product/" + std::to_string(i), "", chrome});
  const auto [model, summary] = log.learn();
  ASSERT_EQ(model.populations.size(), 3U);
  EXPECT_EQ(model.populations[0].kind, Population::Kind::people);
  EXPECT_EQ(model.populations[0].sessions, 41);
  EXPECT_EQ(population(model, Population::Kind::crawlers)->requests, 32);
  EXPECT_EQ(population(model, Population::Kind::scripts)->requests, 50);
  EXPECT_NEAR(summary.bots_share, 82 / model.requests, 1e-9);
  expect_conserved(model);
}

TEST(Learner, AssetsOfPagesThatOthersServeArePeoplesViewsElsewhere) {
  Log log = forty_visitors();
  for (int i = 0; i < 10; ++i) {
    const std::string client = "10.2.0." + std::to_string(i);
    for (const auto* image : {"/image/1/brand.png", "/image/2/brand.png"})
      log.add({30.0 + i, client, image, "https://shop-example.cdn.ampproject.example/v/s/page"});
    log.add({90.0 + i, client, "/image/3?name=a.jpg", ""});
  }
  const auto model = log.learn().model;
  EXPECT_EQ(model.populations.size(), 1U);
  const auto* site = behaviour(model, Population::Kind::people, "(elsewhere: another site)");
  const auto* app = behaviour(model, Population::Kind::people, "(elsewhere: no referer)");
  ASSERT_TRUE(site && app);
  EXPECT_EQ(site->views, 10);
  EXPECT_EQ(site->first.size.mean, 2);
  EXPECT_DOUBLE_EQ(site->think_s.mean, 60);
  EXPECT_EQ(app->later.size.mean, 1);
  expect_conserved(model);
}

TEST(Learner, CallsRightAfterAPageAreItsAssetsAndLaterOnesPages) {
  Log log;
  for (int i = 0; i < 20; ++i) {
    const std::string client = "10.0.0." + std::to_string(i);
    log.page(10.0 * i, client, "/product/5", 2);
    log.add({10.0 * i + 1, client, "/price/5", shop + "/product/5"});
    log.add({10.0 * i + 45, client, "/cart", shop + "/product/5", firefox, "POST", 302});
  }
  const auto model = log.learn().model;
  ASSERT_NE(template_named(model, "/price/{id}"), nullptr);
  EXPECT_EQ(template_named(model, "/price/{id}")->kind, Template::Kind::asset);
  const auto* cart = template_named(model, "POST /cart");
  ASSERT_NE(cart, nullptr);
  EXPECT_EQ(cart->kind, Template::Kind::page);
  EXPECT_EQ(cart->method, "POST");
  EXPECT_EQ(cart->statuses.at(302), 1);
  EXPECT_DOUBLE_EQ(behaviour(model, Population::Kind::people, "/product/{id}")->think_s.mean,
                   44);  // after the last of its assets
  expect_conserved(model);
}

TEST(Learner, CountsConditionalRequestsStatusesAndBytes) {
  Log log = forty_visitors();
  log.add({1, "10.0.0.0", "/static/a0.png", shop + "/", firefox, "GET", 304, 0});
  log.add({2, "10.0.0.0", "/static/a0.png", shop + "/", firefox, "GET", 304, 0});
  const auto model = log.learn().model;
  double conditional = 0;
  for (const auto& each : model.templates) {
    conditional += each.conditional_share * each.requests;
    if (each.requests > 0) {
      EXPECT_EQ(each.mean_bytes, 100);
    }
  }
  EXPECT_NEAR(conditional, 2, 1e-9);
}

TEST(Learner, NamesOnlyWhatThreeVisitorsOrACrawlerAskedFor) {
  Log log = forty_visitors();
  const auto asked_by = [&](const std::string& target, int visitors) {
    for (int i = 0; i < visitors; ++i) log.add({30.0 + i, "10.3.0." + std::to_string(i), target, ""});
  };
  asked_by("/search?q=chair", 3);
  asked_by("/search?q=my-rare-illness", 2);
  asked_by("/search?q=anna%40mail.example", 5);
  asked_by("/search?q=0912-345-6789", 5);
  asked_by("/reset?token=Xy7Kp2Qm9Lr4Tz8Wn3Vb", 5);
  asked_by("/people/anna-schmidt", 2);
  log.add({70, "66.0.0.1", "/search?q=sofa", "", googlebot});
  const auto model = log.learn().model;
  const auto* search = template_named(model, "/search?q={}");
  ASSERT_NE(search, nullptr);
  ASSERT_EQ(search->targets.size(), 2U);
  EXPECT_EQ(search->targets[0].target, "/search?q=chair");
  EXPECT_EQ(search->targets[1].target, "/search?q=sofa");
  EXPECT_NEAR(search->rare_share, 12.0 / 16, 1e-9);
  EXPECT_EQ(search->rare_like, (std::vector<KnownTarget>{{"/search?q={word:3-9}", 12}}));
  for (const auto& each : model.templates) {
    EXPECT_THAT(each.name, Not(HasSubstr("anna")));
    for (const auto& target : each.targets) {
      EXPECT_THAT(target.target, Not(HasSubstr("Xy7Kp2Qm9Lr4Tz8Wn3Vb")));
      EXPECT_THAT(target.target, Not(HasSubstr("rare")));
    }
  }
}

// Advertisements' marks make every target one of a kind: the product stays, and only what nobody shares goes.
TEST(Learner, KeepsKnownPathsAndDropsValues) {
  Log log = forty_visitors();
  const std::vector<std::string> names{"blue-chair", "red-sofa", "oak-table"};
  for (int i = 0; i < 60; ++i) {
    const std::string mark = "?gclid=Cj0K" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i) +
                             "&colour=" + (i % 2 == 0 ? "green" : "of-visitor-" + std::to_string(i));
    log.add({30.0 + i, "10.4.0." + std::to_string(i), "/product/" + names[static_cast<std::size_t>(i % 3)] + mark, ""});
  }
  log.add({100, "10.5.0.1", "/product/seen-by-one?gclid=x1&colour=green", ""});
  const auto model = log.learn().model;
  double made_up = 0;
  for (const auto& each : model.templates) {
    if (!each.name.starts_with("/product/") || each.name.find('?') == std::string::npos) continue;
    EXPECT_THAT(each.targets, IsEmpty());
    for (const auto& pattern : each.rare_like) {
      made_up += pattern.weight;
      const auto path = pattern.target.substr(9, pattern.target.find('?') - 9);
      // The forty visitors' products have numbers.
      EXPECT_TRUE(path.starts_with("10") || std::ranges::find(names, path) != names.end()) << pattern.target;
      EXPECT_THAT(pattern.target,
                  ::testing::ContainsRegex("[?](gclid=[{]word:3-9[}]&colour=)?(green|[{]word:3-9[}])$"));
    }
  }
  EXPECT_NEAR(made_up, 61, 1e-6);
}

TEST(Learner, KnowsHowSmallAnswersAre) {
  Log log;
  for (int i = 0; i < 100; ++i)
    log.add({1.0 * i, "10.0.0." + std::to_string(i), "/", "", firefox, "GET", i == 0 ? 404 : 200, i < 20 ? 700 : 9000});
  const auto model = log.learn().model;
  const auto* front = template_named(model, "/");
  ASSERT_NE(front, nullptr);
  EXPECT_EQ(front->least_bytes, 512);
  EXPECT_EQ(front->low_bytes, 512);
}

TEST(Learner, NamesAgentsOfFiveVisitorsOrMore) {
  Log log;
  for (int i = 0; i < 5; ++i) log.add({1.0 * i, "10.0.0." + std::to_string(i), "/", "", firefox});
  for (int i = 0; i < 4; ++i) log.add({1.0 * i, "10.0.0." + std::to_string(i), "/", "", chrome});
  const auto model = log.learn().model;
  ASSERT_EQ(model.populations.size(), 1U);
  ASSERT_EQ(model.populations[0].agents.size(), 1U);
  EXPECT_EQ(model.populations[0].agents[0].first, firefox);
}

// A window of an hour of a shop where a visitor comes every ten seconds, looks at ten pages and is there for 15
// minutes: 90 are inside at any time.
Log window_of_visitors(double every_s, int pages, double between_s) {
  Log log;
  for (int i = 0; i * every_s < 7200; ++i) {
    const std::string client = "10.0." + std::to_string(i / 200) + "." + std::to_string(i % 200);
    for (int page = 0; page < pages; ++page) {
      const double at = i * every_s + page * between_s - 3600;
      if (at >= 0 && at < 3600) log.page(at, client, "/product/1", 2, page == 0 ? "" : shop + "/product/1");
    }
  }
  return log;
}

TEST(Learner, SessionsThatTheLogCutsAreNeitherMoreNorShorter) {
  const auto [model, summary] = window_of_visitors(10, 10, 100).learn();
  EXPECT_EQ(summary.sessions, 360u + 90);
  const auto& people = model.populations[0];
  EXPECT_EQ(people.sessions, 450);
  EXPECT_NEAR(people.arrivals.mean_per_s, 0.1, 0.006);
  double sessions = 0, pages = 0;
  for (const auto& visits : people.visits) {
    sessions += visits.sessions;
    pages += visits.sessions * visits.pages_per_session.mean;
  }
  EXPECT_NEAR(pages / sessions, 10, 0.6);
  expect_conserved(model);
}

TEST(Learner, VisitorsWhoWereInsideAlreadyMakeNoPeakInTheFirstMinute) {
  const auto model = window_of_visitors(10, 10, 100).learn().model;
  const auto& arrivals = model.populations[0].arrivals;
  EXPECT_LT(arrivals.shape.front(), 1.5);
  EXPECT_LT(arrivals.peak_per_s, 0.2);
}

// Where nobody pauses, nobody has been there before.
TEST(Learner, SessionsOfOnePageAreNotCut) {
  Log log;
  for (int i = 0; i < 360; ++i)
    log.add({10.0 * i, "10.0." + std::to_string(i / 200) + "." + std::to_string(i % 200), "/", ""});
  const auto model = log.learn().model;
  double sessions = 0;
  for (const auto& visits : model.populations[0].visits) sessions += visits.sessions;
  EXPECT_EQ(sessions, 360);
}

TEST(Learner, AnEmptyLogGivesAnEmptyModelThatSaysSo) {
  const auto [model, summary] = Log().learn();
  EXPECT_TRUE(model.populations.empty());
  EXPECT_THAT(summary.notes, Contains(HasSubstr("no request")));
}

TEST(Learner, OneLineIsOneSessionInOneSecond) {
  Log log;
  log.add({0, "10.0.0.1", "/", ""});
  const auto [model, summary] = log.learn();
  EXPECT_EQ(model.seconds, 1);
  EXPECT_EQ(summary.peak_requests_per_s, 1);
  EXPECT_EQ(summary.peak_sessions_per_s, 1);
  expect_conserved(model);
}

TEST(Learner, ManyRequestsInASingleSecondDivideByNothing) {
  Log log;
  for (int i = 0; i < 50; ++i) log.add({0, "10.0.0." + std::to_string(i % 10), "/product/" + std::to_string(i), ""});
  const auto [model, summary] = log.learn();
  EXPECT_EQ(summary.busiest_second_requests, 50);
  EXPECT_EQ(summary.peak_requests_per_s, 50);
  EXPECT_EQ(model.populations[0].arrivals.dispersion, 1);
  EXPECT_EQ(behaviour(model, Population::Kind::people, "/product/{id}")->think_s.mean, 0);
  expect_conserved(model);
}

// Forty who come in the first minute and stay for the hour.
TEST(Learner, ThePeakAsksForNoMoreThanTheLogsBusiestMinuteSaw) {
  Log log;
  for (int visitor = 0; visitor < 40; ++visitor) {
    for (int view = 0; view < 120; ++view)
      log.page(visitor + 30.0 * view, "10.0.0." + std::to_string(visitor), "/product/" + std::to_string(view), 1);
  }
  const auto [model, summary] = log.learn();
  double at_peak = 0;
  for (const auto& each : model.populations)
    at_peak += each.requests / model.seconds * each.arrivals.peak_per_s / each.arrivals.mean_per_s;
  EXPECT_LE(at_peak, 1.001 * std::max(summary.peak_requests_per_s, model.requests / model.seconds));
  EXPECT_GE(at_peak, model.requests / model.seconds);
}

TEST(Learner, OnlyBotsAreAModelWithoutPeople) {
  Log log;
  for (int i = 0; i < 100; ++i) log.add({2.0 * i, "66.0.0.1", "/product/" + std::to_string(i), "", googlebot});
  const auto [model, summary] = log.learn();
  ASSERT_EQ(model.populations.size(), 1U);
  EXPECT_EQ(model.populations[0].kind, Population::Kind::crawlers);
  EXPECT_EQ(summary.bots_share, 1);
  EXPECT_EQ(summary.visitors, 0U);
  EXPECT_THAT(summary.notes, Contains(HasSubstr("No people")));
  expect_conserved(model);
}

TEST(Learner, WhatIsNoRequestOfAWebPageIsLeftOutAndNoted) {
  Log log = forty_visitors();
  log.add({3, "10.0.0.1", "", "", firefox, ""});
  log.add({3, "10.0.0.1", "*", "", firefox, "OPTIONS"});
  const auto [model, summary] = log.learn();
  EXPECT_EQ(summary.requests, 40U * 13);
  EXPECT_THAT(summary.notes, Contains(HasSubstr("2 lines")));
}

TEST(Learner, AtTheBoundOfOpenSessionsTheOldestAreEndedAndNothingIsLost) {
  LearnOptions options;
  options.most_open_sessions = 5;
  const auto [model, summary] = forty_visitors().learn(options);
  EXPECT_GT(summary.sessions, 40U);
  EXPECT_EQ(model.requests, 40 * 13);
  EXPECT_THAT(summary.notes, Contains(HasSubstr("ended early")));
  expect_conserved(model);
}

TEST(Learner, PastTheBoundOfTemplatesTheRarestAreTakenTogether) {
  Log log = forty_visitors();
  for (int i = 0; i < 90; ++i)
    for (int j = 0; j < 3; ++j)
      log.add(
          {i + 1.0, "10.5.0." + std::to_string(j),
           "/part" + std::string(1, static_cast<char>('a' + i % 26)) + std::string(1, static_cast<char>('a' + i / 26)),
           ""});
  LearnOptions options;
  options.most_templates = 60;
  const auto [model, summary] = log.learn(options);
  EXPECT_LE(model.templates.size(), 60U);
  EXPECT_NE(template_named(model, "(other pages)"), nullptr);
  EXPECT_GT(summary.folded, 0);
  expect_conserved(model);
}

TEST(Learner, PagesThatOneLongSessionKeepsToComeOutRightInTheWalk) {
  // 39 visitors of two pages, and one of a hundred, on a page of its own.
  Log log;
  for (int i = 0; i < 39; ++i) {
    log.page(3.0 * i, "10.0.0." + std::to_string(i), "/", 3);
    log.page(3.0 * i + 20, "10.0.0." + std::to_string(i), "/product/1", 3, shop + "/");
  }
  for (int i = 0; i < 100; ++i) log.page(10.0 * i, "10.0.1.1", "/office", 1);
  auto model = log.learn().model;
  EXPECT_LT(fit_walk(model.populations[0].visits[0]), 0.02);
  expect_conserved(model);
}

TEST(Learner, AVeryLongSessionIsUsedUpInPartsAndStaysOne) {
  Log log;
  for (int i = 0; i < 10'000; ++i) log.add({10.0 * i, "66.0.0.1", "/product/" + std::to_string(i), "", googlebot});
  const auto model = log.learn().model;
  EXPECT_EQ(model.populations[0].sessions, 1);
  EXPECT_EQ(model.populations[0].visits[0].pages_per_session.mean, 10'000);
  EXPECT_NEAR(model.populations[0].visits[0].pages[0].think_s.mean, 10, 1e-9);
}

TEST(Learner, VisitsThatAreAlikeAreAKindOfTheirOwn) {
  Log log;
  for (int visitor = 0; visitor < 400; ++visitor) {
    const std::string client = "192.0." + std::to_string(visitor % 2) + "." + std::to_string(visitor / 2);
    const bool stays = visitor % 2 == 0;
    double at = visitor * 7;
    for (int page = 0; page < (stays ? 8 : 1); ++page, at += 20)
      log.page(at, client, stays ? "/p/" + std::to_string(page % 3) : "/landing", stays ? 1 : 0);
  }
  const auto model = log.learn().model;
  const auto& visits = population(model, Population::Kind::people)->visits;
  ASSERT_EQ(visits.size(), 2u);
  EXPECT_EQ(visits[0].pages_per_session.mean, 1);
  ASSERT_EQ(visits[0].pages.size(), 1u);
  EXPECT_EQ(model.templates[visits[0].pages[0].page].name, "/landing");
  EXPECT_NEAR(visits[1].sessions, 200, 10);
  for (const auto& page : visits[1].pages) EXPECT_NE(model.templates[page.page].name, "/landing");
  expect_conserved(model);
}

// HAProxy without captured headers beside a server that logs them: who has no name there is no script for that.
TEST(Learner, WhereTheLogHasNoPlaceForTheBrowserItsAbsenceSaysNothing) {
  Learner learner({});
  for (int i = 0; i < 100; ++i) {
    const std::string client = "192.0.2." + std::to_string(i);
    Entry entry;
    entry.at_ms = 1'700'000'000'000 + i * 1000;
    entry.client = client;
    entry.method = "GET";
    entry.target = "/";
    entry.status = 200;
    if (i % 2 == 0) entry.user_agent = firefox;
    entry.agent_logged = i % 4 != 1;
    learner.take(entry);
  }
  const auto model = learner.finish().model;
  ASSERT_EQ(model.populations.size(), 2U);
  EXPECT_EQ(model.populations[0].kind, Population::Kind::people);
  EXPECT_EQ(model.populations[0].sessions, 75);
  EXPECT_EQ(model.populations[1].kind, Population::Kind::scripts);
}

}  // namespace
}  // namespace tenfold::rehearse
