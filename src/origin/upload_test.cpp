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
  PartsBody body(world.loop, std::vector<std::string>(4, std::string(15'000, 'p')), 14s);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 60'000}};
  world.run(call);
  EXPECT_EQ(call.status, 200);
}

// What is read first is held in memory, and must come at 1 KiB/s on average.
TEST(Upload, AShortBodyThatTricklesIsGivenUp) {
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  PartsBody body(world.loop, std::vector<std::string>(100, "p"), 20s);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 100}};
  const TimePoint began = world.loop.now();
  world.run(call);
  EXPECT_EQ(call.status, 0);
  EXPECT_EQ(world.server(1).requests(), 0);
  EXPECT_LE(world.loop.now() - began, 50s);
}

TEST(Upload, NoPlaceIsTakenForALongBodyThatDoesNotCome) {
  // given a server with two places, and requests that announce a long body
  for (const auto kind : {http::BodyLength::Kind::known, http::BodyLength::Kind::unknown}) {
    World world;
    world.add_server(1);
    Settings settings = World::one_pool(1);
    settings.pools[0].max_connections = 2;
    world.start(settings);
    std::vector<std::unique_ptr<PartsBody>> bodies;
    Calls calls;
    for (int i = 0; i < 10; ++i) {
      bodies.push_back(
          std::make_unique<PartsBody>(world.loop, std::vector<std::string>(70, std::string(1000, 'p')), 1h));
      calls.push_back(std::make_shared<Call>(
          Call{.method = http::Method::post, .body = bodies.back().get(), .body_length = {kind, 70'000}}));
      world.begin(*calls.back());
    }
    world.network.advance(1s);
    // then nobody waits for them
    EXPECT_EQ(world.snapshot_of(1).active, 0u);
    EXPECT_EQ(world.get().status, 200);
    world.finish(100h);
  }
}

// Of 66 KB, whose last does not come for an hour.
class StalledBody final : public RequestBody {
 public:
  StalledBody(net::Loop& loop, net::CancelToken gone) : loop_(loop), token_(gone) { gone_.attach(gone); }
  net::Task<Result<net::Buffer>> read(TimePoint deadline) override {
    if (given_ == 66) {
      auto slept = co_await loop_.sleep_until(deadline, interrupted_.token());
      co_return fail(token_.cancelled() ? Errc::closed : slept ? Errc::timed_out : Errc::cancelled);
    }
    ++given_;
    net::Buffer part = loop_.allocate();
    std::fill_n(part.room().begin(), 1000, 'p');
    part.grow(1000);
    co_return part;
  }
  void interrupt() override { interrupted_.cancel(); }

 private:
  net::Loop& loop_;
  net::CancelToken token_;
  net::CancelSource interrupted_;
  net::CancelHook gone_{[](void* self) { static_cast<StalledBody*>(self)->interrupt(); }, this};
  int given_ = 0;
};

TEST(Upload, OneClientsUploadsLeaveHalfOfThePlacesToOthers) {
  World world;
  world.add_server(1);
  Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 8;
  world.start(settings);
  net::CancelSource gone;
  std::vector<std::unique_ptr<StalledBody>> bodies;
  Calls calls;
  const auto upload = [&](std::uint64_t client, std::uint32_t most) {
    bodies.push_back(std::make_unique<StalledBody>(world.loop, gone.token()));
    calls.push_back(std::make_shared<Call>(Call{.method = http::Method::post,
                                                .body = bodies.back().get(),
                                                .body_length = {http::BodyLength::Kind::known, 70'000},
                                                .claim = {.client = client},
                                                .most_uploads = most}));
    world.begin(*calls.back());
    world.network.settle();
    return calls.back();
  };
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(upload(1, 32)->done);
  // the fifth of the same client is refused, and it is not the origin's fault
  const auto refused = upload(1, 32);
  EXPECT_TRUE(refused->done);
  EXPECT_EQ(refused->error.code, Errc::exhausted);
  EXPECT_EQ(refused->side, FetchFailure::Side::client);
  EXPECT_EQ(world.snapshot_of(1).active, 4u);
  // another client has its own bound, here the smaller one
  EXPECT_FALSE(upload(2, 2)->done);
  EXPECT_FALSE(upload(2, 2)->done);
  EXPECT_TRUE(upload(2, 2)->done);
  EXPECT_EQ(world.get().status, 200);
  // and one that stalls gives way
  world.network.advance(31s);
  for (const auto& call : calls) EXPECT_TRUE(call->done);
  EXPECT_EQ(world.snapshot_of(1).active, 0u);
  EXPECT_EQ(calls[0]->error.code, Errc::timed_out);
  EXPECT_EQ(calls[0]->side, FetchFailure::Side::client);
  // and its client may come again
  EXPECT_FALSE(upload(1, 32)->done);
  gone.cancel();
  world.finish();
}

TEST(Upload, TunnelsOfOneClientLeaveHalfOfThePlacesToo) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 1min}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 4;
  world.start(settings);
  Calls calls;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(
        std::make_shared<Call>(Call{.claim = {.kind = Claim::Kind::upgrade, .client = 1}, .most_uploads = 1}));
    world.begin(*calls.back());
    world.network.settle();
  }
  EXPECT_FALSE(calls[1]->done);
  EXPECT_TRUE(calls[2]->done);
  EXPECT_EQ(calls[2]->error.code, Errc::exhausted);
  world.finish();
}

TEST(Upload, ABodyThatTricklesIsEndedInTheEnd) {
  // given a body of which 1 KB comes every ten seconds: each part in time, but a tenth of the least rate
  World world;
  world.add_server(1);
  world.start(World::one_pool(1));
  PartsBody body(world.loop, std::vector<std::string>(1000, std::string(1000, 'p')), 10s);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 1'000'000}};
  world.begin(call);
  world.network.run_until([&] { return world.snapshot_of(1).active == 1; }, 1h);
  const TimePoint began = world.loop.now();
  world.network.run_until([&] { return call.done; }, 1h);
  EXPECT_TRUE(call.done);
  EXPECT_LT(world.loop.now() - began, 60s);
  EXPECT_EQ(call.side, FetchFailure::Side::client);
  EXPECT_EQ(call.error.code, Errc::timed_out);
  EXPECT_EQ(world.snapshot_of(1).totals.failures(), 0u);
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
  EXPECT_LE(body.taken(), 70u);
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
    EXPECT_LE(body.taken(), 70u);
  }
}

// Of 70 KB, whose last do not come.
Call half_sent(RequestBody& body, http::Method method) {
  return {.method = method, .body = &body, .body_length = {http::BodyLength::Kind::known, 70'000}};
}

TEST(Upload, AServerThatBreaksOffIsToBlameAtOnceNotTheClientThatSendsNothingMeanwhile) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) {
    return Answer{.then = Answer::Then::close, .when = Answer::When::head_only, .raw = "H"};
  };
  world.start(World::one_pool(1), World::Checked::no);
  for (const auto method : {http::Method::post, http::Method::put}) {
    StalledBody body(world.loop, {});
    Call call = half_sent(body, method);
    world.run(call);
    EXPECT_EQ(call.side, FetchFailure::Side::origin);
    EXPECT_EQ(call.error.code, Errc::closed);
    EXPECT_LT(call.took, 2s);
  }
}

TEST(Upload, ARefusalIsGivenAtOnceHoweverLittleComesOfTheBody) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.status = 403, .when = Answer::When::head_only}; };
  world.start(World::one_pool(1));
  for (const auto method : {http::Method::get, http::Method::post}) {
    StalledBody body(world.loop, {});
    Call call = half_sent(body, method);
    world.run(call);
    EXPECT_EQ(call.status, 403);
    EXPECT_EQ(call.text, "hello");
    EXPECT_LT(call.took, 1s);
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
