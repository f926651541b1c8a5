// Constant rates and closed loops over real loopback sockets.
#include "rehearse/drive/drive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <tuple>

#include "base/guarded.hpp"
#include "http/rehearsal_credential.hpp"
#include "rehearse/drive/run.hpp"
#include "rehearse/drive/test_server.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Watching final : public DriveObserver {
 public:
  Proceed second(const RunRecord& record) override {
    ++seconds;
    last_total = record.total;
    return seconds >= stop_after ? Proceed::stop : Proceed::on;
  }
  int seconds = 0;
  int stop_after = 1'000'000;
  Counts last_total;
};

// Answers 200 with a short text; notes what came.
class Plain final : public http::Handler {
 public:
  net::Task<void> handle(http::ServerExchange& exchange) override {
    ++requests;
    const TimePoint stall = stall_from;
    if (stall > TimePoint() && exchange.loop().now() >= stall && exchange.loop().now() < stall + 1s) {
      co_await exchange.loop().sleep_until(stall + 1s);
    }
    if (never) {
      co_await exchange.loop().sleep_until(exchange.loop().now() + 1h, exchange.client_left());
      co_return;
    }
    if (!secret.empty()) {
      const auto field = exchange.request().headers.find(http::Field::tenfold_rehearsal).value_or("");
      if (http::verify_rehearsal_credential(field, secret, test_clock.wall_now())) ++verified;
    }
    sources.with([&](auto& seen) { ++seen[exchange.client().address.text()]; });
    http::ResponseHead head;
    head.status = status;
    if (!field.empty()) head.headers.add(field, "v1");
    if (close) exchange.close_after();
    [[maybe_unused]] auto sent = co_await exchange.send(head, "hello", http::BodyEnd::last, no_deadline);
  }
  std::atomic<int> requests = 0;
  std::atomic<int> verified = 0;
  int status = 200;
  std::string field;  // one more in the answer
  bool close = false;
  bool never = false;
  std::atomic<TimePoint> stall_from = TimePoint();
  std::string secret;
  Guarded<std::map<std::string, int>> sources;
};

DriveOptions options_for(const std::string& url) {
  DriveOptions options;
  options.target = *parse_target(url);
  options.key = "key";
  options.threads = 1;
  return options;
}

RunRecord must(Result<RunRecord> record) {
  if (!record) {
    ADD_FAILURE() << record.error().text();
    return {};
  }
  return std::move(*record);
}

// planned = answered + failed + unsent.
void expect_accounted(const Counts& counts) {
  const auto failed_without_answer = counts.failed_all() - counts.failed[static_cast<std::size_t>(Failure::status)];
  EXPECT_EQ(counts.planned, counts.answered + failed_without_answer + counts.unsent);
}
std::uint64_t failed(const Counts& counts, Failure why) { return counts.failed[static_cast<std::size_t>(why)]; }

RunRecord constant(const DriveOptions& options, double per_s, Duration length, DriveObserver& observer) {
  const Load load = ConstantLoad{.per_s = per_s, .length = length};
  return must(run_load(load, options, observer, {}));
}
RunRecord constant(const DriveOptions& options, double per_s, Duration length) {
  Watching watching;
  return constant(options, per_s, length, watching);
}

TEST(DriveTest, ConstantRateSendsExactlyWhatIsPlanned) {
  Plain plain;
  TestServer server(plain);
  DriveOptions options = options_for(server.url("/a?b=c"));
  options.threads = 2;
  Watching watching;

  const RunRecord record = constant(options, 500, 1200ms, watching);

  EXPECT_EQ(record.mode, RunRecord::Mode::constant_rate);
  EXPECT_EQ(record.total.planned, 600u);
  EXPECT_EQ(record.total.sent, 600u);
  EXPECT_EQ(record.total.answered, 600u);
  EXPECT_EQ(record.total.statuses[2], 600u);
  EXPECT_EQ(record.total.failed_all(), 0u);
  EXPECT_EQ(plain.requests, 600);
  EXPECT_EQ(record.response.count(), 600u);
  EXPECT_EQ(record.arrival_error.count(), 600u);
  EXPECT_GT(record.total.bytes, 600u * 50);
  // Never more than was planned; on a machine that is busy with other work the last answer may be late.
  EXPECT_LE(record.achieved_per_s(), 502);
  EXPECT_NEAR(record.achieved_per_s() * std::chrono::duration<double>(record.lasted).count(), 600, 0.1);
  ASSERT_EQ(record.templates.size(), 1u);
  EXPECT_EQ(record.templates[0].name, "GET /a?b=c");
  EXPECT_EQ(record.templates[0].planned, 600u);
  EXPECT_EQ(record.ended, RunRecord::Ended::planned);
  EXPECT_EQ(record.threads, 2);
  EXPECT_GE(watching.seconds, 1);
  EXPECT_EQ(watching.last_total.planned, 600u);
  ASSERT_FALSE(record.windows.empty());
  EXPECT_NEAR(record.windows[0].planned_per_s, 500, 1);
  std::uint64_t in_windows = 0;
  for (const Window& window : record.windows) in_windows += window.counts.answered;
  EXPECT_EQ(in_windows, 600u);
  ASSERT_EQ(record.judged.size(), 1u);
  EXPECT_EQ(record.judged[0].counts.answered, 600u);
  EXPECT_EQ(record.judged[0].response.count(), 600u);
  EXPECT_GT(record.driver_cpu_s, 0);
  EXPECT_GT(record.busiest_thread, 0);
}

// A closed loop would send one slow request and never know of the others that would have come.
TEST(DriveTest, AStallIsSeenByAllWhoWouldHaveComeInIt) {
  Plain plain;
  TestServer server(plain);
  plain.stall_from = test_clock.now() + 500ms;

  const RunRecord record = constant(options_for(server.url()), 200, 3s);

  expect_accounted(record.total);
  EXPECT_EQ(record.total.answered, 600u);
  // A third of the run's requests fall into the stall, evenly: response times up to a second.
  EXPECT_LT(record.response.quantile(0.5), 300ms);
  EXPECT_GT(record.response.quantile(0.99), 900ms);
  EXPECT_NEAR(static_cast<double>(record.response.over(500ms)), 100, 25);
  EXPECT_EQ(record.total.unsent, 0u);
  EXPECT_GE(record.total.connections, 100u);
}

TEST(DriveTest, NothingWaitsForAnswersThatNeverCome) {
  Plain plain;
  plain.never = true;
  TestServer server(plain);
  DriveOptions options = options_for(server.url());
  options.timeout = 300ms;

  const RunRecord record = constant(options, 100, 500ms);

  EXPECT_EQ(record.total.sent, 50u);
  EXPECT_EQ(failed(record.total, Failure::timed_out), 50u);
  EXPECT_EQ(record.total.answered, 0u);
  expect_accounted(record.total);
  // Exactly the time-out, from the planned moment.
  EXPECT_EQ(record.response.least(), 300ms);
  EXPECT_EQ(record.response.most(), 300ms);
  EXPECT_GE(record.lasted, 790ms);
}

TEST(DriveTest, TheCapOnRequestsInFlightCountsWhatItHoldsBack) {
  Plain plain;
  plain.never = true;
  TestServer server(plain);
  DriveOptions options = options_for(server.url());
  options.timeout = 1s;
  options.most_in_flight = 10;

  const RunRecord record = constant(options, 100, 500ms);

  EXPECT_EQ(record.total.planned, 50u);
  EXPECT_EQ(record.total.sent, 10u);
  EXPECT_EQ(record.total.unsent, 40u);
  expect_accounted(record.total);
}

TEST(DriveTest, ConnectionsAreKeptAndReused) {
  Plain plain;
  TestServer server(plain);
  DriveOptions options = options_for(server.url());
  const RunRecord as_needed = on_time([&] { return constant(options, 100, 500ms); });
  EXPECT_LE(as_needed.total.connections, 5u);

  options.connections = 8;
  const RunRecord opened = on_time([&] { return constant(options, 100, 500ms); });
  EXPECT_GE(opened.total.connections, 8u);
  EXPECT_LE(opened.total.connections, 12u);
  EXPECT_EQ(opened.total.answered, 50u);
}

TEST(DriveTest, AServerThatClosesAfterEachAnswerGetsAConnectionForEach) {
  Plain plain;
  plain.close = true;
  TestServer server(plain);
  const RunRecord record = constant(options_for(server.url()), 100, 500ms);
  EXPECT_EQ(record.total.answered, 50u);
  EXPECT_EQ(record.total.connections, 50u);
}

TEST(DriveTest, StatusesThatMeanFailure) {
  for (const int status : {500, 503, 404, 429, 408}) {
    Plain plain;
    plain.status = status;
    TestServer server(plain);
    const RunRecord record = constant(options_for(server.url()), 100, 100ms);
    EXPECT_EQ(record.total.answered, 10u) << status;
    EXPECT_EQ(failed(record.total, Failure::status), 10u) << status;
    EXPECT_EQ(record.templates[0].failed, 10u) << status;
    EXPECT_EQ(record.response.count(), 10u) << status;
  }
  Plain plain;
  plain.status = 302;
  TestServer server(plain);
  EXPECT_EQ(constant(options_for(server.url()), 100, 100ms).total.failed_all(), 0u);
}

TEST(DriveTest, TellsTheShieldsAnswersFromTheShops) {
  for (const auto& [status, field, of_shield] : {std::tuple(503, "Tenfold-Challenge", 10u),
                                                 {503, "tenfold-queue", 10u},
                                                 {503, "", 0u},
                                                 {200, "Tenfold-Queue", 0u}}) {
    Plain plain;
    plain.status = status;
    plain.field = field;
    TestServer server(plain);
    const RunRecord record = constant(options_for(server.url()), 100, 100ms);
    EXPECT_EQ(record.total.answered, 10u);
    EXPECT_EQ(record.total.by_shield, of_shield) << status << " " << field;
  }
}

TEST(DriveTest, NobodyListens) {
  std::string url;
  {
    Plain plain;
    TestServer server(plain);
    url = server.url();
  }
  const RunRecord record = constant(options_for(url), 100, 200ms);
  EXPECT_EQ(failed(record.total, Failure::connect), 20u);
  EXPECT_EQ(record.total.sent, 0u);
  expect_accounted(record.total);

  DriveOptions closed = options_for(url);
  closed.connections = 2;
  Watching watching;
  const Load load = ClosedLoad{.length = 250ms};
  const RunRecord loop = must(run_load(load, closed, watching, {}));
  // Asked again after a pause, not at once.
  EXPECT_GE(failed(loop.total, Failure::connect), 4u);
  EXPECT_LE(failed(loop.total, Failure::connect), 8u);
}

TEST(DriveTest, ClosedLoopKeepsEachConnectionBusy) {
  Plain plain;
  TestServer server(plain);
  DriveOptions options = options_for(server.url());
  options.connections = 8;
  options.threads = 2;
  Watching watching;
  const Load load = ClosedLoad{.length = 500ms};

  const RunRecord record = must(run_load(load, options, watching, {}));

  EXPECT_EQ(record.mode, RunRecord::Mode::closed_loop);
  EXPECT_EQ(record.total.connections, 8u);
  EXPECT_GT(record.total.answered, 500u);
  EXPECT_EQ(record.total.answered, static_cast<std::uint64_t>(plain.requests));
  EXPECT_EQ(record.total.sent, record.total.answered);
  EXPECT_EQ(record.arrival_error.count(), 0u);
  EXPECT_NEAR(std::chrono::duration<double>(record.lasted).count(), 0.5, 0.1);
}

TEST(DriveTest, ClosedLoopOverConnectionsThatTheServerEnds) {
  Plain plain;
  plain.close = true;
  TestServer server(plain);
  DriveOptions options = options_for(server.url());
  options.connections = 4;
  Watching watching;
  const Load load = ClosedLoad{.length = 200ms};
  const RunRecord record = must(run_load(load, options, watching, {}));
  EXPECT_GT(record.total.answered, 50u);
  EXPECT_EQ(record.total.failed_all(), 0u);
  EXPECT_EQ(record.total.connections, record.total.answered);
}

TEST(DriveTest, StopsWhenTheObserverSaysSo) {
  Plain plain;
  TestServer server(plain);
  Watching watching;
  watching.stop_after = 1;
  const RunRecord record = constant(options_for(server.url()), 100, 1h, watching);
  EXPECT_EQ(record.ended, RunRecord::Ended::stopped);
  EXPECT_LE(record.total.planned, 150u);
  // What had just fallen due when it was stopped is counted as unsent.
  expect_accounted(record.total);
  EXPECT_LE(record.total.unsent, 20u);
  EXPECT_LT(record.lasted, 3s);
}

TEST(DriveTest, ComesFromTheClientAddresses) {
  Plain plain;
  TestServer server(plain);
  DriveOptions options = options_for(server.url());
  options.connections = 20;
  options.client_addresses = AddressRange{*net::IpAddress::parse("127.2.0.0"), 28};
  const RunRecord record = constant(options, 200, 500ms);
  EXPECT_EQ(record.total.answered, 100u);
  const auto seen = plain.sources.with([](const auto& sources) { return sources; });
  EXPECT_EQ(seen.size(), 14u);
  EXPECT_EQ(seen.begin()->first, "127.2.0.1");

  Watching watching;
  options.client_addresses = AddressRange{*net::IpAddress::parse("10.2.0.0"), 28};
  const Load load = ConstantLoad{.per_s = 10, .length = 1s};
  const auto elsewhere = run_load(load, options, watching, {});
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, Errc::invalid);
}

TEST(DriveTest, SendsTheRehearsalCredential) {
  Plain plain;
  plain.secret = "secret";
  TestServer server(plain);
  DriveOptions options = options_for(server.url());
  options.rehearsal_secret = "secret";
  options.run_id = "run-1";
  EXPECT_EQ(constant(options, 100, 100ms).total.answered, 10u);
  EXPECT_EQ(plain.verified, 10);
}

TEST(DriveTest, RefusesWhatItCannotPlay) {
  Watching watching;
  DriveOptions options = options_for("http://127.0.0.1:1/");
  const auto code = [&](const Load& load) {
    const auto record = run_load(load, options, watching, {});
    return record ? Errc::failed : record.error().code;
  };
  EXPECT_EQ(code(ConstantLoad{.per_s = 0, .length = 1s}), Errc::invalid);
  EXPECT_EQ(code(ConstantLoad{.per_s = 1, .length = 0s}), Errc::invalid);
  EXPECT_EQ(code(ConstantLoad{.per_s = 1, .length = 1s, .ramp = 2s}), Errc::invalid);
  EXPECT_EQ(code(ClosedLoad{.length = 1s}), Errc::invalid);
  options.user_agent = "a\r\nX: y";
  EXPECT_EQ(code(ConstantLoad{.per_s = 1, .length = 1s}), Errc::invalid);
  options.user_agent.clear();
  options.target.path = "/ HTTP/1.1\r\nX: y";
  EXPECT_EQ(code(ConstantLoad{.per_s = 1, .length = 1s}), Errc::invalid);
}

}  // namespace
}  // namespace tenfold::rehearse
