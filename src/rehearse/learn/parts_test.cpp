// The learner's small parts.
#include <gmock/gmock.h>

#include "rehearse/learn/agents.hpp"
#include "rehearse/learn/arrivals.hpp"
#include "rehearse/learn/distinct.hpp"
#include "rehearse/learn/log_facts.hpp"
#include "rehearse/learn/path_tree.hpp"
#include "rehearse/learn/privacy.hpp"
#include "rehearse/learn/segments.hpp"
#include "rehearse/learn/tally.hpp"

namespace tenfold::rehearse {
namespace {

double quantile(const Distribution& distribution, double share) {
  for (std::size_t i = 1; i < distribution.points.size(); ++i) {
    const auto &a = distribution.points[i - 1], &b = distribution.points[i];
    if (share <= b.share) return a.value + (b.value - a.value) * (share - a.share) / (b.share - a.share);
  }
  return distribution.points.back().value;
}

TEST(Tally, MeansAreExactAndQuantilesClose) {
  Tally tally;
  double sum = 0;
  for (int i = 1; i <= 100'000; ++i) {
    const double value = 0.01 * i * i / 1000;  // up to 100,000: heavy in the tail
    tally.add(value);
    sum += value;
  }
  const Distribution result = tally.distribution();
  EXPECT_DOUBLE_EQ(result.mean, sum / 100'000);
  EXPECT_LE(result.points.size(), 129U);
  for (std::size_t i = 1; i < result.points.size(); ++i) {
    EXPECT_LT(result.points[i - 1].share, result.points[i].share);
    EXPECT_LE(result.points[i - 1].value, result.points[i].value);
  }
  for (const double share : {0.25, 0.5, 0.9, 0.99})
    EXPECT_NEAR(quantile(result, share) / (1e5 * share * share), 1, 0.05);
}

TEST(Tally, SmallWholeNumbersStayWhole) {
  Tally tally;
  for (int i = 0; i < 100; ++i) tally.add(i < 50 ? 1 : i < 90 ? 2 : 63);
  const Distribution result = tally.distribution();
  EXPECT_EQ(quantile(result, 0.49), 1);
  EXPECT_EQ(quantile(result, 0.51), 2);
  EXPECT_EQ(quantile(result, 0.95), 63);
}

TEST(Tally, LengthsThatAWindowShowsStandForThoseItCuts) {
  Tally lengths;
  for (int i = 0; i < 10; ++i) lengths.add(10);
  lengths.add(50);
  lengths.add(99);
  EXPECT_DOUBLE_EQ(lengths.above(99, 100).count, 0);
  EXPECT_NEAR(lengths.above(49, 100).count, 2 + 4, 1e-9);  // half of 50 s fit; of the longest, four are taken for each
  EXPECT_NEAR(lengths.above(0, 100).count, 10 / 0.9 + 2 + 4, 1e-9);
  EXPECT_NEAR(lengths.above(0, 1e9).count, 12, 1e-3);
  EXPECT_NEAR(lengths.above(0, 1e9).sum, 249, 1e-2);
}

TEST(Tally, TwoAddedAreAsOne) {
  Tally a, b, both;
  for (int i = 0; i < 1000; ++i) {
    (i % 3 == 0 ? a : b).add(i * 0.7);
    both.add(i * 0.7);
  }
  a.add(b);
  EXPECT_EQ(a.count(), 1000);
  EXPECT_NEAR(a.distribution().mean, both.distribution().mean, 1e-9);
  EXPECT_EQ(a.distribution().points.size(), both.distribution().points.size());
}

TEST(DistinctSketch, IsRightWithinAFewPercent) {
  DistinctSketch<12> sketch;
  std::uint64_t hash = 1;
  for (int i = 0; i < 1'000'000; ++i) {
    hash += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = hash;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    sketch.add(mixed ^ (mixed >> 31));
  }
  EXPECT_NEAR(sketch.estimate(), 1e6, 5e4);
}

TEST(Agents, SayWhatTheyAre) {
  EXPECT_EQ(agent_kind("Mozilla/5.0 (Windows NT 10.0) Chrome/71.0 Safari/537.36"), AgentKind::browser);
  EXPECT_EQ(agent_kind("Dalvik/2.1.0 (Linux; U; Android 8.1.0; SM-J701F)"), AgentKind::browser);
  EXPECT_EQ(agent_kind("Mozilla/5.0 (Linux; Android 9; CUBOT X19) Chrome/71.0"), AgentKind::browser);
  EXPECT_EQ(agent_kind("Mozilla/5.0 (compatible; AhrefsBot/6.1; +http://ahrefs.com/robot/)"), AgentKind::crawler);
  EXPECT_EQ(agent_kind("Python-urllib/3.9"), AgentKind::script);
  EXPECT_EQ(agent_kind(""), AgentKind::untold);
}

TEST(Privacy, WhatTellsOfAPersonOrOpensADoor) {
  const auto looks = [](std::string_view target) { return looks_private(target, Secrecy::path_and_query); };
  EXPECT_TRUE(looks("/unsubscribe/anna@mail.example"));
  EXPECT_TRUE(looks("/s?q=%2B49%20170%20123456"));
  EXPECT_TRUE(looks("/s?q=123456789"));
  EXPECT_FALSE(looks("/s?q=12345678"));
  EXPECT_FALSE(looks("/product/123456789"));
  EXPECT_TRUE(looks("/list?filter=orderList867c786e6cef432ca869b634b2118f7f"));
  EXPECT_TRUE(looks("/verify/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"));
  EXPECT_FALSE(looks("/m/browse/home-appliances/%D9%84%D9%88%D8%A7%D8%B2%D9%85-%D8%AE%D8%A7%D9%86%DA%AF%DB%8C"));
  EXPECT_TRUE(looks("/a\xffz"));
  EXPECT_FALSE(looks_private("/app.9f86d081884c7d659a2feaa0c55ad015.js", Secrecy::query_only));
}

TEST(Segments, NumbersAndHexAreIdsAndWordsStay) {
  for (const auto* id : {"31", "150x150", "2019-01-26", "550e8400-e29b-41d4-a716-446655440000", "9f86d081884c7d65"})
    EXPECT_EQ(segment_of(id).kind, Segment::Kind::id) << id;
  for (const auto* word : {"product", "facade", "decade", "p4", "b1,p62", "v2"})
    EXPECT_EQ(segment_of(word).kind, Segment::Kind::word) << word;
  EXPECT_EQ(name_of("31.jpg", segment_of("31.jpg")), "{id}.jpg");
  EXPECT_EQ(segment_of("anna@mail.example").kind, Segment::Kind::name);
}

TEST(Segments, QueriesKeepTheNamesOnly) {
  QueryShape shape;
  query_shape("name=q.jpg&wh=200x200", shape);
  EXPECT_EQ(shape.text, "?name={}&wh={}");
  EXPECT_THAT(shape.values, ::testing::ElementsAre("q.jpg", "200x200"));
  query_shape("1548523&=x", shape);
  EXPECT_EQ(shape.text, "?{}");
}

TEST(Segments, Hints) {
  EXPECT_EQ(hint_of("/static/a.css?v=3"), Hint::file);
  EXPECT_EQ(hint_of("/image/20116?name=q.jpg&wh=200x200"), Hint::file);
  EXPECT_EQ(hint_of("/image/31/brand"), Hint::folder);
  EXPECT_EQ(hint_of("/robots.txt"), Hint::page);
  EXPECT_EQ(hint_of("/product/31"), Hint::none);
}

TEST(PathTree, ManyWordsInOnePlaceBecomeAName) {
  PathTree tree;
  std::vector<std::uint32_t> nodes;
  for (int i = 0; i < 25; ++i)
    nodes.push_back(tree.node_of("/browse/word" + std::string(1, static_cast<char>('a' + i)) + "/new"));
  std::vector<PathTree::Fame> fame(tree.size());
  for (auto& each : fame) each.requests = 1, each.open_to_all = true;
  EXPECT_EQ(tree.names(fame, PathTree::Naming::final)[nodes[3]], "/browse/{name}/new");
  nodes.clear();
  PathTree fewer;
  for (int i = 0; i < 24; ++i)
    nodes.push_back(fewer.node_of("/browse/word" + std::string(1, static_cast<char>('a' + i)) + "/new"));
  fame.assign(fewer.size(), fame[0]);
  EXPECT_EQ(fewer.names(fame, PathTree::Naming::final)[nodes[3]], "/browse/wordd/new");
}

TEST(PathTree, MakesUpTargetsAfterThoseSeen) {
  PathTree tree;
  tree.node_of("/list/523?page=3&q=chair");
  const auto node = tree.node_of("/list/71234?page=14&q=sofa");
  std::vector<PathTree::Fame> fame(tree.size());
  for (auto& each : fame) each.open_to_all = true;
  const auto name = tree.names(fame, PathTree::Naming::final)[node];
  EXPECT_EQ(name, "/list/{id}?page={}&q={}");
  EXPECT_EQ(tree.made_up(node, name), "/list/{number:100-99999}?page={number:1-99}&q={word:3-9}");
}

TEST(PathTree, StaysBoundedAndLosesNoTarget) {
  PathTree tree;
  for (int i = 0; i < 200'000; ++i) {
    const std::string a = std::to_string(i), b = std::to_string(i % 977);
    tree.node_of("/x" + a + "y/z" + b + "w/q" + a + "r?p" + b + "=1");
  }
  EXPECT_LE(tree.size(), PathTree::most_nodes);
}

TEST(Hosts, TheShopsOwnAreThoseWhosePagesWereSeen) {
  HostTable hosts;
  const auto shop = hosts.find("shop.example"), search = hosts.find("search.example");
  EXPECT_EQ(hosts.find("shop.example"), shop);
  for (int i = 0; i < 10; ++i) {
    hosts.saw(shop, i > 2);
    hosts.saw(search, i == 0);
  }
  EXPECT_TRUE(hosts.own(shop));
  EXPECT_FALSE(hosts.own(search));
  for (int i = 0; i < 1000; ++i) hosts.find("host" + std::to_string(i));
  EXPECT_EQ(hosts.find("one-more"), HostTable::further);
}

TEST(Arrivals, PeakIsTheBusiestSlidingMinute) {
  ArrivalBins bins;
  for (int i = 0; i < 600; i += 10) bins.add(0, i);
  for (int i = 0; i < 30; ++i) bins.add(0, 345 + i);  // over the minute's edge
  const Arrivals arrivals = bins.arrivals(0, 600);
  EXPECT_NEAR(arrivals.mean_per_s, 90 / 600.0, 1e-9);
  EXPECT_NEAR(arrivals.peak_per_s, 36 / 60.0, 0.02);
  EXPECT_EQ(arrivals.shape.size(), 10U);
}

TEST(Arrivals, DispersionOfEvenAndOfBurstyArrivals) {
  ArrivalBins even, bursty;
  for (int i = 0; i < 600; ++i) {
    even.add(0, i);
    bursty.add(0, i / 10 * 10);
  }
  EXPECT_NEAR(even.arrivals(0, 600).dispersion, 0, 1e-9);
  EXPECT_NEAR(bursty.arrivals(0, 600).dispersion, 9 * 60 / 59.0, 0.01);
}

TEST(Arrivals, LongLogsHaveAtMost1440Bins) {
  ArrivalBins bins;
  for (int hour = 0; hour < 24 * 60; ++hour) bins.add(0, 3600.0 * hour);
  const Arrivals arrivals = bins.arrivals(0, 24 * 60 * 3600.0);
  EXPECT_LE(arrivals.shape.size(), 1440U);
  EXPECT_EQ(arrivals.shape_bin_s, 3600);
  EXPECT_NEAR(arrivals.shape[700], 1, 0.01);
}

TEST(Rate, PeakOverASlidingMinuteAndTheBusiestSecond) {
  RequestRate rate;
  for (int i = 0; i < 120; ++i) rate.add(i * 1000);
  for (int i = 0; i < 60; ++i) rate.add(200'000);
  EXPECT_EQ(rate.busiest_second(), 60);
  EXPECT_EQ(rate.peak_per_s(201), 1);
}

// A line that comes late is of its own second, and not of the one in which it came.
TEST(Rate, WhatComesLateCountsInItsOwnSecond) {
  RequestRate rate;
  for (int i = 0; i < 100; ++i) rate.add(i * 1000);
  for (int i = 50; i < 100; ++i) rate.add(i * 1000);
  for (int i = 0; i < 10; ++i) rate.add(1000);  // its minute is over
  EXPECT_EQ(rate.busiest_second(), 2);
}

}  // namespace
}  // namespace tenfold::rehearse
