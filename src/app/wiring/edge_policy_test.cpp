#include "app/wiring/edge_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

config::Listener listener(std::uint16_t port, std::uint16_t redirect_port = 443) {
  return {.address = {"127.0.0.1", port}, .redirect_port = redirect_port};
}
std::vector<std::uint16_t> ports(const std::vector<config::Listener>& listeners) {
  std::vector<std::uint16_t> all;
  for (const config::Listener& each : listeners) all.push_back(each.address.port);
  return all;
}

TEST(KeepListeners, PutsThemIntoTheOrderOfThoseThatRun) {
  std::vector<config::Listener> next = {listener(81, 1), listener(80, 2)};
  EXPECT_THAT(keep_listeners({listener(80), listener(81)}, next), IsEmpty());
  EXPECT_THAT(ports(next), ElementsAre(80, 81));
  EXPECT_EQ(next[0].redirect_port, 2);
}

TEST(KeepListeners, WhatTheFileNoLongerNamesStaysAndWhatIsNewWaits) {
  std::vector<config::Listener> next = {listener(82, 1), listener(81, 2)};
  EXPECT_THAT(keep_listeners({listener(80, 9), listener(81)}, next), ElementsAre(0));
  EXPECT_THAT(ports(next), ElementsAre(80, 81));
  EXPECT_EQ(next[0].redirect_port, 9);
  EXPECT_EQ(next[1].redirect_port, 2);
}

TEST(KeepListeners, TwoOnAnyPortAreTwo) {
  std::vector<config::Listener> next = {listener(0, 1), listener(0, 2)};
  EXPECT_THAT(keep_listeners({listener(0), listener(0)}, next), IsEmpty());
  EXPECT_EQ(next[0].redirect_port, 1);
  EXPECT_EQ(next[1].redirect_port, 2);
}

TEST(EdgePolicy, AListenerThatTheFileNoLongerNamesGoesOnByThePreviousPolicy) {
  config::Replaceable live;
  live.listen = {listener(80, 1), listener(81, 2)};
  edge::Policy previous;
  previous.listeners.resize(2);
  previous.listeners[0].redirect_port = 9;
  const auto policy = edge_policy(live, &previous, 0, {0});
  ASSERT_TRUE(policy);
  EXPECT_EQ((*policy)->listeners[0].redirect_port, 9);
  EXPECT_EQ((*policy)->listeners[1].redirect_port, 2);
}

TEST(EdgePolicy, ErrorPagesHaveTheShopsColour) {
  config::Replaceable live;
  live.colour = "#000080";
  const auto policy = edge_policy(live, nullptr, 0, {});
  ASSERT_TRUE(policy);
  const auto page = (*policy)->error_pages->find(502, edge::ErrorPages::Format::html, edge::ErrorPages::Language::en);
  EXPECT_THAT(page.body, HasSubstr("--accent:#000080"));
}

}  // namespace
}  // namespace tenfold::app
