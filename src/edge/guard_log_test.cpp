// The access log says what the guard answered, and by which measure: the edge in a simulated network.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "edge/access_log/access_ring.hpp"
#include "edge/guarded_fixture.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {
namespace {

class GuardLogTest : public GuardedEdgeTest {
 protected:
  ~GuardLogTest() override { site->access_log = nullptr; }
  void start_logged(origin::Settings settings = World::one_pool(1), GuardMode mode = GuardMode::enforce) {
    world.add_server(1).behaviour = [](const Asked& asked) {
      const int status = asked.target() == "/broken" ? 500 : asked.target() == "/missing" ? 404 : 200;
      return Answer{.status = status, .think = asked.target() == "/slow" ? 20s : 0s};
    };
    start_guarded(std::move(settings), mode);
    site->access_log = &ring;
  }
  void set_step(Step step, Duration lasts = 1h) {
    auto measures = std::make_shared<Measures>();
    const auto client = guard::client_key(net::IpAddress::v4(0xc6336407));
    (*measures)[subject_of(guard::Level::client, client)] = {.step = step, .until = world.loop.now() + lasts};
    state.measures = std::move(measures);
    publish();
  }
  // What the last line says: the status and the guard's word.
  std::string last_line() {
    std::string line;
    AccessEntry entry;
    while (ring.next(entry)) line = std::to_string(entry.status) + " " + std::string(name(entry.guard));
    ring.release();
    return line;
  }

  AccessRing ring{0};
};

TEST_F(GuardLogTest, WhatIsServedHasNoWord) {
  start_logged();
  get("/a");
  EXPECT_EQ(last_line(), "200 ");
}

TEST_F(GuardLogTest, TheOwnersListDenies) {
  rules.deny = guard::AllowRules(
      {{.name = "scrapers", .networks = {*net::IpNetwork::parse("198.51.100.0/24")}, .paths = {}}}, {});
  start_logged();
  get("/a");
  EXPECT_EQ(last_line(), "403 denied");
}

TEST_F(GuardLogTest, MeasuresRefuseAndDrop) {
  start_logged();
  set_step(Step::refuse);
  get("/a");
  EXPECT_EQ(last_line(), "429 refused");
  set_step(Step::drop);
  get("/a");
  EXPECT_EQ(last_line(), "429 dropped");
}

// The measure's end, and not a time at which it would only be refused again.
TEST_F(GuardLogTest, WhoIsRefusedIsToldForHowLong) {
  start_logged();
  set_step(Step::refuse, 56s);
  const std::string refused = get("/a");
  EXPECT_EQ(field(refused, "retry-after"), "56");
  EXPECT_EQ(refused.find("seconds"), std::string::npos);
  world.network.advance(50s);
  EXPECT_EQ(field(get("/a"), "retry-after"), "6");
  set_step(Step::refuse, 2h);
  EXPECT_EQ(field(get("/a"), "retry-after"), "3600");
  set_step(Step::drop, 100ms);
  EXPECT_EQ(field(get("/a"), "retry-after"), "1");
}

TEST_F(GuardLogTest, AChallengeIsNoQueue) {
  start_logged();
  besiege();
  const std::string challenged = get("/a");
  EXPECT_EQ(last_line(), "503 challenged");
  clear(challenged);
  EXPECT_EQ(last_line(), "303 cleared");
  for (int i = 1; i < 30; ++i) clear(get("/a"));
  get("/a");  // its network has had its clearances
  EXPECT_EQ(last_line(), "503 waiting");
}

TEST_F(GuardLogTest, AFullQueueIsToldFromAPlaceInTheRoom) {
  origin::Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  settings.pools[0].timeouts.queue = 1s;
  start_logged(settings);
  Visitor slow;
  visitors.spawn(
      visit(people, server->local(), "GET /slow HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n", slow));
  world.network.advance(100ms);
  const std::string turned = get("/a");
  EXPECT_EQ(last_line(), "503 queue full");
  get("/.tenfold/wait?to=/a", "Cookie: " + cookie(turned, "tenfold_place") + "\r\n");
  EXPECT_EQ(last_line(), "503 waiting");
}

// Who looks whether the shop fails must not take a siege for that.
TEST_F(GuardLogTest, WhatItAnswersIsCountedByKindAndIsNoFailure) {
  start_logged();
  get("/broken");
  get("/missing");
  EXPECT_EQ(metrics.server_errors.value(), 1u);
  EXPECT_EQ(metrics.client_errors.value(), 1u);
  const auto counted = [&](GuardAnswer answer) {
    return metrics.guard_answers[static_cast<std::size_t>(answer)].value();
  };
  besiege();
  const std::string challenged = get("/a");
  get("/a");
  clear(challenged);
  set_step(Step::refuse);
  get("/a");
  rules.deny = guard::AllowRules(
      {{.name = "scrapers", .networks = {*net::IpNetwork::parse("198.51.100.0/24")}, .paths = {}}}, {});
  publish();
  get("/a");
  EXPECT_EQ(counted(GuardAnswer::denied), 1u);
  EXPECT_EQ(counted(GuardAnswer::challenged), 2u);
  EXPECT_EQ(counted(GuardAnswer::cleared), 1u);
  EXPECT_EQ(counted(GuardAnswer::refused), 1u);
  EXPECT_EQ(counted(GuardAnswer::none), 0u);
  EXPECT_EQ(metrics.server_errors.value(), 1u);
  EXPECT_EQ(metrics.client_errors.value(), 1u);
  EXPECT_EQ(metrics.answers[5].value(), 3u) << "tenfold_requests_total has them all";
  EXPECT_EQ(metrics.answers[4].value(), 3u);
}

TEST_F(GuardLogTest, WhereTheGuardObservesItAnswersNothing) {
  start_logged(World::one_pool(1), GuardMode::observe);
  besiege();
  set_step(Step::refuse);
  get("/a");
  EXPECT_EQ(last_line(), "200 ");
}

}  // namespace
}  // namespace tenfold::edge
