// How long a visitor waits for an origin in all, and what is said at the end: the edge in a simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <string>

#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string page_request = "GET /page HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";

class PatienceTest : public EdgeTest {
 protected:
  ~PatienceTest() override {
    world.network.run_until([&] { return visitors.running() == 0; }, 10min);
  }
  Visitor& ask_along() {
    Visitor& visitor = crowd.emplace_back();
    visitors.spawn(visit(people, server->local(), page_request, visitor));
    return visitor;
  }
  void ask_several() {
    for (int i = 0; i < 4; ++i) {
      ask_along();
      world.network.advance(100ms);
    }
  }
  void give_answers(Duration time) {
    auto policy = std::make_shared<Policy>(*site->policy);
    policy->limits.answer_timeout = time;
    site->policy = policy;
  }

  std::list<Visitor> crowd;
};

TEST_F(PatienceTest, WaitingForAnothersFetchIsPartOfTheTimeForAnAnswer) {
  world.add_server(1).behaviour = [](const Asked&) {
    Answer never = cacheable("page");
    never.think = 50s;
    return never;
  };
  start(World::one_pool(1));
  give_answers(12s);
  ask_several();
  world.network.advance(12s);
  for (const Visitor& visitor : crowd) {
    EXPECT_TRUE(visitor.closed);
    EXPECT_THAT(visitor.received, StartsWith("HTTP/1.1 504 "));
  }
}

TEST_F(PatienceTest, AHungServerThatIsTheOnlyOneCostsNobodyMoreThanTenSeconds) {
  world.add_server(1).behaviour = [](const Asked&) { return cacheable("page"); };
  start(World::one_pool(1));
  world.network.stop(origin::testing_world::endpoint_of(1));
  world.network.advance(20s);
  ask_several();
  world.network.advance(10100ms);
  for (const Visitor& visitor : crowd) {
    EXPECT_TRUE(visitor.closed);
    EXPECT_THAT(visitor.received, StartsWith("HTTP/1.1 50"));
  }
}

TEST_F(PatienceTest, AServerThatIsNotThereIsSaidToBeOutOfReach) {
  world.add_server(1);
  start(World::one_pool(1));
  world.network.kill(origin::testing_world::endpoint_of(1));
  world.network.advance(10s);
  const std::string answer = get("/page");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("cannot be reached just now"));
  EXPECT_THAT(answer, Not(HasSubstr("busy")));
}

TEST_F(PatienceTest, ServersWithoutAFreeConnectionAreSaidToBeBusy) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 20s}; };
  auto settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  start(settings);
  ask_along();
  world.network.advance(1s);
  const std::string answer = get("/other");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("very busy"));
}

}  // namespace
}  // namespace tenfold::edge
