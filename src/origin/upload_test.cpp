// Requests with bodies on their way to a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "origin/test_world.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {
namespace {

using namespace testing_world;

TEST(Upload, AShortBodyIsKeptAndSentAgain) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.then = Answer::Then::close, .raw = " "}; };
  world.add_server(2);
  world.start(World::one_pool(2), World::Checked::no);
  for (int i = 0; i < 10; ++i) {
    PartsBody body(world.loop, {"one ", "two ", "three"});
    Call call{.method = http::Method::put, .body = &body, .body_length = {http::BodyLength::Kind::known, 13}};
    world.run(call);
    EXPECT_EQ(call.status, 200);
    EXPECT_EQ(world.server(2).last_asked.body, "one two three");
  }
}

TEST(Upload, ALongBodyIsStreamedWhileTheAnswerIsAwaited) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  std::vector<std::string> parts(20, std::string(10'000, 'p'));
  PartsBody body(world.loop, parts, 100ms);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 200'000}};
  world.run(call);
  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(world.server(1).last_asked.body.size(), 200'000u);
  // a slow client makes no server suspect
  EXPECT_EQ(world.upstreams->metrics().suspicions.value(), 0u);
  EXPECT_EQ(world.get().status, 200);
}

TEST(Upload, ABodyOfUnknownLengthGoesChunked) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  PartsBody body(world.loop, {"abc", "defg"}, 10ms);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::unknown}};
  world.run(call);
  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(world.server(1).last_asked.body, "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
}

TEST(Upload, WhatIsWrongInTheBeginningOfAChunkedBodyIsFoundBeforeAnyServerHearsOfIt) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  PartsBody body(world.loop, std::vector<std::string>(64, std::string(1024, 'p')));
  body.fails_at_end = true;
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::unknown}};
  world.run(call);
  EXPECT_EQ(call.error.code, Errc::closed);
  EXPECT_EQ(call.side, FetchFailure::Side::client);
  EXPECT_EQ(world.server(1).requests(), 0);
}

TEST(Upload, AChunkedBodyOfMoreIsPassedOnWhileItComes) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.status = 413, .when = Answer::When::head_only}; };
  world.start(World::one_pool(1));
  PartsBody body(world.loop, std::vector<std::string>(1000, std::string(1024, 'p')), 1s);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::unknown}};
  world.run(call);
  EXPECT_EQ(call.status, 413);
  EXPECT_GE(body.taken(), 65u);
  EXPECT_LE(body.taken(), 70u);
}

TEST(Upload, AShortChunkedBodyIsSentAgainWhereTheMethodMayBe) {
  World world;
  int asked = 0;
  for (int i = 1; i <= 2; ++i) {
    world.add_server(i).behaviour = [&asked](const Asked&) { return Answer{.status = ++asked == 1 ? 503 : 200}; };
  }
  world.start(World::one_pool(2));
  PartsBody body(world.loop, {"abc", "defg"});
  Call call{.method = http::Method::put, .body = &body, .body_length = {http::BodyLength::Kind::unknown}};
  world.run(call);
  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(call.attempts, 2u);
}

TEST(Upload, ASlowClientsBodyTakesNoTimeFromTheServers) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 20s}; };
  world.start(World::one_pool(1));
  PartsBody body(world.loop, std::vector<std::string>(10, "p"), 20s);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 10}};
  world.run(call);
  EXPECT_EQ(call.status, 200);
}

TEST(Upload, AnEarlyRefusalReachesTheClientBeforeItsBodyEnds) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.status = 413, .when = Answer::When::head_only}; };
  world.start(World::one_pool(1));
  std::vector<std::string> parts(1000, std::string(1000, 'p'));
  PartsBody body(world.loop, parts, 1s);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 1'000'000}};
  world.run(call);
  EXPECT_EQ(call.status, 413);
  EXPECT_EQ(call.text, "hello");
  EXPECT_LE(body.taken(), 5u);
}

TEST(Upload, AGetsBodyIsNotUnderWayAnyMoreWhenItsAnswerIsGiven) {
  for (const int status : {200, 101}) {
    World world;
    world.add_server(1).behaviour = [=](const Asked&) {
      return Answer{.status = status, .when = Answer::When::head_only};
    };
    world.start(World::one_pool(1));
    PartsBody body(world.loop, std::vector<std::string>(1000, std::string(1000, 'p')), 1s);
    Call call{.method = status == 200 ? http::Method::get : http::Method::post,
              .body = &body,
              .body_length = {http::BodyLength::Kind::known, 1'000'000}};
    world.run(call);
    EXPECT_EQ(call.status, status);
    EXPECT_FALSE(call.was_uploading);
    EXPECT_LE(body.taken(), 3u);
  }
}

TEST(Upload, AClientThatLeavesInMidBodyIsNotTheServersFault) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  PartsBody body(world.loop, {std::string(1000, 'p')}, 100ms);
  body.fails_at_end = true;
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 1'000'000}};
  world.run(call);
  EXPECT_EQ(call.error.code, Errc::closed);
  EXPECT_EQ(call.side, FetchFailure::Side::client);
  EXPECT_EQ(world.snapshot_of(1).totals.failures(), 0u);
  EXPECT_EQ(world.snapshot_of(1).active, 0u);
}

TEST(Upload, ABodyHalfSentIsNotSentAgain) {
  World world;
  for (int i = 1; i <= 2; ++i) {
    world.add_server(i).behaviour = [](const Asked&) {
      return Answer{.then = Answer::Then::close, .when = Answer::When::head_only, .raw = "H"};
    };
  }
  world.start(World::one_pool(2), World::Checked::no);
  PartsBody body(world.loop, std::vector<std::string>(100, std::string(1000, 'p')), 10ms);
  Call call{.method = http::Method::put, .body = &body, .body_length = {http::BodyLength::Kind::known, 100'000}};
  world.run(call);
  EXPECT_EQ(call.status, 0);
  EXPECT_EQ(call.attempts, 1u);
}

// A server that refuses may close over what it has not read, and the system then resets the connection (RFC
// 2525, 2.17).
TEST(Upload, ARefusalIsHeardHoweverTheServerCloses) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    for (const std::uint64_t bytes : {20'000u, 60'000u, 1'000'000u}) {
      World world(seed);
      world.network.set_faults(endpoint_of(1), {.latency = std::chrono::milliseconds(seed % 5), .largest_piece = 700});
      world.add_server(1).behaviour = [](const Asked&) {
        return Answer{.status = 413, .then = Answer::Then::close, .when = Answer::When::head_only};
      };
      world.start(World::one_pool(1));
      PartsBody body(world.loop, std::vector<std::string>(bytes / 1000, std::string(1000, 'p')), 100us * (seed % 3));
      Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, bytes}};
      world.run(call);
      EXPECT_EQ(call.status, 413) << seed << " " << bytes << " " << call.error.text();
      EXPECT_EQ(call.text, "hello");
      EXPECT_EQ(world.snapshot_of(1).totals.failures(), 0u);
    }
  }
}

TEST(Upload, ASmallBodyThatIsAwaitedIsNotReadBeforeTheServerWantsIt) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.status = 401, .when = Answer::When::head_only}; };
  world.start(World::one_pool(1));
  PartsBody body(world.loop, {"short"});
  Call call{.method = http::Method::post,
            .body = &body,
            .body_length = {http::BodyLength::Kind::known, 5},
            .extra_field = "expect"};
  world.run(call);
  EXPECT_EQ(call.status, 401);
  EXPECT_EQ(body.taken(), 0u);
}

TEST(Upload, ExpectationsAreWaitedFor) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.status = 417, .when = Answer::When::head_only}; };
  world.start(World::one_pool(1));
  PartsBody body(world.loop, std::vector<std::string>(100, std::string(1000, 'p')));
  Call call{.method = http::Method::post,
            .body = &body,
            .body_length = {http::BodyLength::Kind::known, 100'000},
            .extra_field = "expect"};
  world.run(call);
  EXPECT_EQ(call.status, 417);
  EXPECT_EQ(body.taken(), 0u);
  // a server that says nothing gets the body after a second
  world.server(1).behaviour = [](const Asked&) { return Answer(); };
  PartsBody second(world.loop, std::vector<std::string>(100, std::string(1000, 'p')));
  Call patient{.method = http::Method::post,
               .body = &second,
               .body_length = {http::BodyLength::Kind::known, 100'000},
               .extra_field = "expect"};
  world.run(patient);
  EXPECT_EQ(patient.status, 200);
  EXPECT_GE(patient.took, 1s);
}

}  // namespace
}  // namespace tenfold::origin
