// Servers that answer badly: what is said of them, for how long they are listened to, and what it took.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "origin/test_world.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {
namespace {

using namespace testing_world;
using testing::HasSubstr;

std::string many(int count, std::string_view head) {
  std::string text;
  for (int i = 0; i < count; ++i) text += head;
  return text;
}
constexpr std::string_view early_hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";

// ---- interim responses ----

// Sends an interim response every so often and never a final one.
class Teaser {
 public:
  Teaser(net::sim::SimLoop& loop, Duration every) : loop_(loop), every_(every) {
    listener_ = std::move(*loop.listen(endpoint_of(1), {}));
    scope_.spawn(accept_all());
  }
  ~Teaser() { TENFOLD_ASSERT(scope_.running() == 0); }
  void shut_down() { listener_->stop(); }

 private:
  net::Task<void> accept_all() {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      scope_.spawn(tease(std::move(*stream)));
    }
  }
  net::Task<void> tease(std::unique_ptr<net::Stream> stream) {
    for (;;) {
      auto wrote = co_await stream->write(early_hints, no_deadline);
      if (!wrote) co_return;
      auto slept = co_await loop_.sleep_for(every_);
    }
  }

  net::sim::SimLoop& loop_;
  Duration every_;
  std::unique_ptr<net::Listener> listener_;
  net::Scope scope_;
};

TEST(Interims, PutNoDeadlineOff) {
  World world;
  Teaser teaser(world.server_loop, 900ms);
  Settings settings = World::one_pool(1);
  settings.pools[0].timeouts.first_byte = 5s;
  settings.retry.attempts = 1;
  world.start(settings, World::Checked::no);
  const Call call = world.get();
  EXPECT_EQ(call.error.code, Errc::timed_out);
  EXPECT_LE(call.took, 6s);
  EXPECT_GE(call.interims.size(), 5u);
  Call impatient{.patience = 2s};
  world.run(impatient);
  EXPECT_EQ(impatient.error.code, Errc::timed_out);
  EXPECT_LE(impatient.took, 3s);
  teaser.shut_down();
  world.network.advance(10s);
}

TEST(Interims, AFloodOfThemIsNoAnswer) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.before = many(1000, early_hints)}; };
  world.start(World::one_pool(1), World::Checked::no);
  const Call call = world.get();
  EXPECT_EQ(call.error.code, Errc::invalid);
  EXPECT_LE(call.interims.size(), 32u * call.attempts);
  // those of 100 count as well
  world.server(1).behaviour = [](const Asked&) {
    return Answer{.before = many(1000, "HTTP/1.1 100 Continue\r\n\r\n")};
  };
  EXPECT_EQ(world.get().error.code, Errc::invalid);
  // a few are passed on
  world.server(1).behaviour = [](const Asked&) { return Answer{.before = many(8, early_hints)}; };
  EXPECT_EQ(world.get().status, 200);
}

TEST(Interims, NeitherHelpInAHealthCheck) {
  {
    World world;
    world.add_server(1).health_answer.before = many(1000, early_hints);
    world.start(World::one_pool(1));
    EXPECT_EQ(world.snapshot_of(1).state, ServerState::down);
    EXPECT_THAT(world.snapshot_of(1).checks.why, HasSubstr("interim"));
  }
  World world;
  Teaser teaser(world.server_loop, 100ms);
  Settings settings = World::one_pool(1);
  settings.health.timeout = 1s;
  world.start(settings);
  world.network.advance(1s);
  EXPECT_EQ(world.snapshot_of(1).state, ServerState::down);
  net::sim::run_task(world.network, world.checks_loop, world.checks->stop());
  world.checks.reset();
  teaser.shut_down();
  world.network.advance(10s);
}

// ---- what is said ----

Call failing_call(const Answer& answer) {
  World world;
  world.add_server(1).behaviour = [&](const Asked&) { return answer; };
  Settings settings = World::one_pool(1);
  settings.pools[0].timeouts.first_byte = 5s;
  settings.retry.attempts = 1;
  world.start(settings, World::Checked::no);
  Call call = world.get();
  world.network.advance(2h);
  EXPECT_EQ(call.server, "10.0.0.1:80");
  EXPECT_EQ(call.attempts, 1u);
  return call;
}

TEST(Failure, NamesTheServerAndWhatItDid) {
  using Then = Answer::Then;
  const Call nothing = failing_call({.then = Then::close, .raw = ""});
  EXPECT_EQ(nothing.status, 200);  // an empty `raw` is an answer: see below for the real thing
  EXPECT_THAT(failing_call({.then = Then::close, .raw = "HTTP/1.1 200 O"}).cause,
              HasSubstr("in the middle of its answer's head"));
  EXPECT_THAT(failing_call({.body = "hello", .body_sent = 2}).cause, HasSubstr("in the middle of its answer's body"));
  EXPECT_THAT(failing_call({.raw = "HTTP/1.1 200 OK\nContent-Length: 0\n\n"}).cause, HasSubstr("not valid HTTP"));
  EXPECT_THAT(failing_call({.fields = "X: " + std::string(70'000, 'x') + "\r\n"}).cause, HasSubstr("too large"));
  EXPECT_THAT(failing_call({.think = 1h}).cause, HasSubstr("no answer in time"));
}

TEST(Failure, NamesTheServerThatClosesOrRefuses) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 1s}; };
  Settings settings = World::one_pool(1);
  settings.retry.attempts = 1;
  world.start(settings, World::Checked::no);
  Call reset;
  world.begin(reset);
  world.network.advance(500ms);
  world.network.kill(endpoint_of(1));
  world.network.settle();
  ASSERT_TRUE(reset.done);
  EXPECT_THAT(reset.cause, HasSubstr("without an answer"));
  EXPECT_EQ(reset.server, "10.0.0.1:80");
  EXPECT_EQ(reset.origin_time, 500ms);
  const Call refused = world.get();
  EXPECT_THAT(refused.cause, HasSubstr("refused"));
  EXPECT_EQ(refused.server, "10.0.0.1:80");
}

TEST(Failure, SaysThatAllAreBusyOrThatNoneIsThere) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 1min}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  settings.pools[0].max_waiting = 1;
  world.start(settings);
  Call first;
  Call second;
  world.begin(first);
  world.network.settle();
  world.begin(second);
  world.network.settle();
  const Call turned_away = world.get();
  EXPECT_THAT(turned_away.cause, HasSubstr("1 requests wait"));
  EXPECT_EQ(turned_away.server, "");
  world.network.run_until([&] { return second.done; });
  EXPECT_THAT(second.cause, HasSubstr("in vain"));
  world.finish();
  world.network.kill(endpoint_of(1));
  world.network.advance(10s);
  EXPECT_EQ(world.get().cause, "no server of eu can be used: 10.0.0.1:80: nobody listens there");
}

TEST(Failure, SaysThatANameDoesNotResolve) {
  World world;
  Settings settings = World::one_pool(1);
  settings.pools[0].servers = {{.host = "shop.internal", .port = 80}};
  world.start(settings);
  EXPECT_EQ(world.get().cause, "no server of eu can be used: shop.internal:80: its name does not resolve");
}

// ---- what it took ----

TEST(OriginTime, IsThatOfAllAttemptsTogether) {
  World world;
  for (int i = 1; i <= 2; ++i) {
    world.add_server(i).behaviour = [](const Asked&) { return Answer{.think = 20s}; };
  }
  Settings settings = World::one_pool(2);
  settings.pools[0].timeouts.first_byte = 3s;
  world.start(settings, World::Checked::no);
  const Call failed = world.get();
  EXPECT_EQ(failed.status, 0);
  EXPECT_EQ(failed.attempts, 3u);
  EXPECT_EQ(failed.origin_time, 9s);
  // one that succeeds in the end
  int asked = 0;
  for (int i = 1; i <= 2; ++i) {
    world.server(i).behaviour = [&](const Asked&) { return Answer{.think = ++asked == 1 ? 20s : 1s}; };
  }
  world.network.advance(1min);
  const Call call = world.get();
  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(call.attempts, 2u);
  EXPECT_EQ(call.origin_time, 4s);
  world.network.advance(1min);
}

TEST(OriginTime, LeavesOutTheClientsOwn) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 2s}; };
  world.start(World::one_pool(1));
  PartsBody body(world.loop, std::vector<std::string>(100, std::string(1000, 'p')), 100ms);
  Call call{.method = http::Method::post, .body = &body, .body_length = {http::BodyLength::Kind::known, 100'000}};
  world.run(call);
  EXPECT_EQ(call.status, 200);
  // a tenth of a second passes before the client says that this was all
  EXPECT_EQ(call.origin_time, 1900ms);
}

// ---- the seam ----

class Watching final : public Admission {
 public:
  struct Log {
    std::vector<Claim::Kind> asked;
    std::vector<Claim> joined;
    std::vector<Left> left;
    std::vector<OriginUse> answered;
    std::vector<std::pair<Claim, OriginUse>> returned;
  };
  explicit Watching(Log& log) : log_(log) {}

  Turn turn_of(const Ticket& ticket) override {
    log_.asked.push_back(ticket.claim.kind);
    return Turn::now;
  }
  Joined join(Ticket& ticket) override {
    log_.joined.push_back(ticket.claim);
    tickets_.push_back(&ticket);
    return tickets_.size() > 3 ? Joined::full : Joined::waits;
  }
  void leave(Ticket& ticket, Left how) override {
    log_.left.push_back(how);
    std::erase(tickets_, &ticket);
  }
  bool inherit(Ticket&, const Claim&) override { return false; }
  std::uint8_t holds_as(const Claim&) const override { return 0; }
  void held(const Claim&, const Pool&, Duration) override {}
  bool waits_for(const Server&) override { return !tickets_.empty(); }
  // The highest standing first.
  void call_for(const Server&) override {
    const auto next = std::max_element(tickets_.begin(), tickets_.end(), [](const Ticket* a, const Ticket* b) {
      return a->claim.standing < b->claim.standing;
    });
    if (next != tickets_.end()) (*next)->call();
  }
  bool may_look(const Ticket&) override { return true; }
  void answered(const Claim&, const OriginUse& use) override { log_.answered.push_back(use); }
  void returned(const Claim& claim, const OriginUse& use) override { log_.returned.emplace_back(claim, use); }

 private:
  Log& log_;
  std::vector<Ticket*> tickets_;
};

TEST(AdmissionSeam, AnotherOrderIsKeptAndEverythingIsTold) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 50ms}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].max_connections = 1;
  world.start(settings);
  Watching::Log log;
  FastRandom random(3);
  auto& loop = world.network.make_loop();
  auto upstreams = std::make_unique<Upstreams>(*world.directory, loop, random, std::make_unique<Watching>(log));
  Calls calls;
  for (std::uint8_t standing = 0; standing < 4; ++standing) {
    calls.push_back(std::make_shared<Call>(Call{.claim = {.client = 7, .standing = standing}}));
    world.calls.spawn(make_call(*upstreams, *calls.back()));
    world.network.advance(1ms);
  }
  world.finish();
  for (const auto& call : calls) EXPECT_EQ(call->status, 200);
  // the first had a free place; then the last to come was the first to be served
  EXPECT_LT(calls[3]->took, calls[2]->took);
  EXPECT_LT(calls[2]->took, calls[1]->took);
  EXPECT_EQ(log.asked.size(), 4u);
  EXPECT_EQ(log.joined.size(), 3u);
  EXPECT_EQ(log.left, std::vector<Admission::Left>(3, Admission::Left::admitted));
  ASSERT_EQ(log.answered.size(), 4u);
  EXPECT_EQ(log.answered[0].time, 50ms);
  EXPECT_EQ(log.answered[0].pool->settings.name, "eu");
  ASSERT_EQ(log.returned.size(), 4u);
  for (const auto& [claim, use] : log.returned) {
    EXPECT_EQ(claim.client, 7u);
    EXPECT_EQ(use.end, OriginUse::End::answered);
    EXPECT_EQ(use.status, 200);
    EXPECT_EQ(use.time, 50ms);
    EXPECT_EQ(use.held, 50ms);
  }
  EXPECT_EQ(log.returned[1].first.standing, 3u);
  upstreams.reset();
}

TEST(AdmissionSeam, FailuresAreTold) {
  World world;
  world.add_server(1).behaviour = [](const Asked&) { return Answer{.think = 1h}; };
  Settings settings = World::one_pool(1);
  settings.pools[0].timeouts.first_byte = 2s;
  settings.retry.attempts = 2;
  world.start(settings, World::Checked::no);
  Watching::Log log;
  FastRandom random(3);
  auto& loop = world.network.make_loop();
  auto upstreams = std::make_unique<Upstreams>(*world.directory, loop, random, std::make_unique<Watching>(log));
  Call failed;
  world.calls.spawn(make_call(*upstreams, failed));
  world.finish();
  net::CancelSource gone;
  Call left{.cancel = gone.token()};
  world.calls.spawn(make_call(*upstreams, left));
  world.network.advance(1s);
  gone.cancel();
  world.network.settle();
  ASSERT_EQ(log.returned.size(), 2u);
  EXPECT_EQ(log.returned[0].second.end, OriginUse::End::failed);
  EXPECT_EQ(log.returned[0].second.attempts, 2u);
  EXPECT_EQ(log.returned[0].second.time, 4s);
  EXPECT_EQ(log.returned[1].second.end, OriginUse::End::abandoned);
  EXPECT_EQ(log.returned[1].second.time, 1s);
  upstreams.reset();
  world.network.advance(2h);
}

}  // namespace
}  // namespace tenfold::origin
