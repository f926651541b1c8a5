// Measures on a client or its network, as whoever asks from there meets them: the guarded edge in a simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "edge/guarded_fixture.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {
namespace {

using testing::StartsWith;

class GuardMeasuresTest : public GuardedEdgeTest {
 protected:
  // The only one there is, on the address that asks or on what that is part of.
  void set_measure(guard::Level level, Step step, Duration lasts = 10s) {
    const std::uint64_t client = guard::client_key(net::IpAddress::v4(0xc6336407));
    auto measures = std::make_shared<Measures>();
    (*measures)[subject_of(level, guard::key_at(level, client))] = {.step = step, .until = world.loop.now() + lasts};
    state.measures = measures;
    publish();
  }
};

TEST_F(GuardMeasuresTest, MeasuresAreOnClientsAndTheirNetworksButNotOnTheCustomersInThem) {
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.fields = "Content-Type: text/html\r\n"}; };
  start_guarded(World::one_pool(1));
  const std::string seen = "Cookie: " + cookie(get("/a"), "tenfold_seen") + "\r\n";
  auto measures = std::make_shared<Measures>();
  const std::uint64_t client = guard::client_key(net::IpAddress::v4(0xc6336407));
  for (const guard::Level level : {guard::Level::client, guard::Level::network}) {
    (*measures)[subject_of(level, guard::key_at(level, client))] = {.step = Step::refuse,
                                                                    .until = world.loop.now() + 10s};
  }
  state.measures = measures;
  publish();
  EXPECT_THAT(get("/a"), StartsWith("HTTP/1.1 429"));
  EXPECT_THAT(get("/a", seen), StartsWith("HTTP/1.1 200"));
  world.network.advance(10s);  // its time is over, whether or not the brain says so
  EXPECT_THAT(get("/a"), StartsWith("HTTP/1.1 200"));
}

TEST_F(GuardMeasuresTest, AMeasureThatIsLessSparesNobodyTheChallenge) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  set_measure(guard::Level::client, Step::behind);
  const std::string challenged = get("/a");
  EXPECT_THAT(field(challenged, "tenfold-challenge"), StartsWith("v1; seed="));
  const std::string clearance = cookie(clear(challenged), "tenfold_clear");
  EXPECT_THAT(get("/a", "Cookie: " + clearance + "\r\n"), StartsWith("HTTP/1.1 200"));
}

// A mobile operator's address in a rush: all behind it take many times one client's share.
TEST_F(GuardMeasuresTest, WhoIsClearedDoesNotWaitBehindForWhatItsNeighboursTake) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string clearance = "Cookie: " + cookie(clear(get("/a")), "tenfold_clear") + "\r\n";
  set_measure(guard::Level::client, Step::behind);
  gatekeeper->window().clear(world.loop.now());
  EXPECT_THAT(get("/a", clearance), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::cleared).asked, 1u);
  set_measure(guard::Level::client, Step::refuse);  // for what an address is refused, its cleared ones wait behind
  EXPECT_THAT(get("/a", clearance), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::cleared).asked, 1u);
  EXPECT_EQ(gatekeeper->window().of(guard::Standing::suspect).asked, 1u);
}

TEST_F(GuardMeasuresTest, TheKernelIsToldWhoAsksByItselfThoughItIsShutOut) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  const std::uint64_t client = guard::client_key(net::IpAddress::v4(0xc6336407));
  const auto subject = subject_of(guard::Level::client, client);
  const auto measured = [&](Step step) {
    set_measure(guard::Level::client, step);
    return get("/a");
  };
  measured(Step::challenge);
  EXPECT_TRUE(gatekeeper->window().senders.empty());
  EXPECT_THAT(measured(Step::refuse), StartsWith("HTTP/1.1 429"));
  EXPECT_TRUE(gatekeeper->window().senders.contains(subject)) << "the next step finds it known";
  gatekeeper->window().clear(world.loop.now());
  EXPECT_TRUE(gatekeeper->window().senders.empty());
  EXPECT_THAT(measured(Step::drop), StartsWith("HTTP/1.1 429")) << "where the kernel does not drop";
  EXPECT_TRUE(gatekeeper->window().senders.contains(subject));
}

TEST_F(GuardMeasuresTest, ThoseWhoAreOnlyRefusedLeaveRoomForThoseWhoAreDropped) {
  GuardWindow window({});
  const auto subject = [](std::uint64_t id) {
    return guard::judging::Subject{guard::judging::SubjectLevel::client, guard::judging::SubjectId{id}};
  };
  for (std::uint64_t id = 1; id <= GuardWindow::most_senders; ++id) window.note_sender(subject(id), Step::refuse);
  EXPECT_EQ(window.senders.size(), GuardWindow::most_senders / 2);
  for (std::uint64_t id = 1; id <= 2 * GuardWindow::most_senders; ++id) window.note_sender(subject(id), Step::drop);
  EXPECT_EQ(window.senders.size(), GuardWindow::most_senders);
}

TEST_F(GuardMeasuresTest, WhoIsClearedHasMetTheChallengeOfItsNetworkToo) {
  world.add_server(1);
  start_guarded(World::one_pool(1));
  besiege();
  const std::string clearance = "Cookie: " + cookie(clear(get("/a")), "tenfold_clear") + "\r\n";
  set_measure(guard::Level::network, Step::challenge);
  EXPECT_THAT(get("/a", clearance), StartsWith("HTTP/1.1 200"));
  // Nor is it the one there that went on ignoring it.
  set_measure(guard::Level::network, Step::refuse);
  EXPECT_THAT(get("/a", clearance), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/a"), StartsWith("HTTP/1.1 429"));
}

}  // namespace
}  // namespace tenfold::edge
