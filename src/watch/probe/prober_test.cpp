#include "watch/probe/prober.hpp"

#include <fmt/format.h>

#include "watch/probe/test_world.hpp"

namespace tenfold::watch {
namespace {

// The second look, and what bounds looks.
class ProberTest : public ProberWorld {
 protected:
  std::string url_of(const TestServer& server) { return fmt::format("http://shop.test:{}/", server.port()); }
};

TEST_F(ProberTest, OptionsThatAreNotValid) {
  EXPECT_EQ(make_prober(*poller_, {.resolver = "nonsense"}).error().code, Errc::invalid);
  EXPECT_EQ(make_prober(*poller_, {.other_resolver = "192.0.2.1:port"}).error().code, Errc::invalid);
  EXPECT_EQ(make_prober(*poller_, {.source_addresses = {"eth0"}}).error().code, Errc::invalid);
  EXPECT_EQ(make_prober(*poller_, {.authorities = "/nowhere.pem"}).error().code, Errc::not_found);
  EXPECT_TRUE(make_prober(*poller_, {}));
}

TEST_F(ProberTest, TheSecondLookTakesTheOtherFamily) {
  TestServer v4(*poller_, [](const std::string&) { return page("", 503); });
  TestServer v6(*poller_, [](const std::string&) { return page("ok"); }, {.family = AF_INET6, .port = v4.port()});
  names_.add_address("shop.test", "127.0.0.1");
  const HttpProbe probe{.url = url_of(v4)};
  EXPECT_EQ(look(probe).address, "127.0.0.1");
  names_.add_address("shop.test", "::1");
  CheckResult again = look_again(probe);
  expect_good(again);
  EXPECT_EQ(again.path, Path::other);
  EXPECT_EQ(again.address, "::1");
  EXPECT_EQ(again.by, "over IPv6 (::1)");
  EXPECT_EQ(v6.requests().size(), 1u);
  again = look_again(TcpProbe{.host = "shop.test", .port = v4.port()});
  EXPECT_EQ(again.address, "::1");
  EXPECT_EQ(again.by, "over IPv6 (::1)");
}

TEST_F(ProberTest, TheSecondLookAsksAnotherResolver) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  TestNameServer other(*poller_);
  other.add_address("shop.test", "127.0.0.1");
  options_.other_resolver = other.where();
  const HttpProbe probe{.url = url_of(server)};
  EXPECT_EQ(look(probe).cause, Cause::name);
  const CheckResult again = look_again(probe);
  expect_good(again);
  EXPECT_EQ(again.by, "by the resolver " + other.where());
  EXPECT_EQ(other.asked(), 2u);  // A and AAAA
}

TEST_F(ProberTest, AnotherResolverThatFailsDoesNotHideTheUsualOne) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  TestNameServer other(*poller_);
  options_.other_resolver = other.where();
  names_.add_address("shop.test", "127.0.0.1");
  const HttpProbe probe{.url = url_of(server)};
  expect_good(look(probe));
  const CheckResult again = look_again(probe);
  expect_good(again);
  EXPECT_EQ(again.by, "again on a fresh connection");
}

TEST_F(ProberTest, TheSecondLookComesFromAnotherOfOurAddresses) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  options_.source_addresses = {"127.0.0.1", "127.0.0.2"};
  const HttpProbe probe{.url = server.url()};
  expect_good(look(probe));
  CheckResult again = look_again(probe);
  expect_good(again);
  EXPECT_EQ(again.by, "from 127.0.0.2");
  EXPECT_EQ(again.source, "127.0.0.2");
  EXPECT_THAT(server.peers(), ::testing::ElementsAre("127.0.0.1", "127.0.0.2"));
  again = look_again(TcpProbe{.host = "127.0.0.1", .port = server.port()});
  expect_good(again);
  EXPECT_EQ(again.source, "127.0.0.2");
}

TEST_F(ProberTest, WithoutAnotherWayTheSecondLookIsAnew) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  names_.add_address("shop.test", "127.0.0.1");
  expect_good(look(HttpProbe{.url = url_of(server)}));
  const CheckResult again = look_again(HttpProbe{.url = url_of(server)});
  expect_good(again);
  EXPECT_EQ(again.by, "again on a fresh connection");
  EXPECT_EQ(server.accepted(), 2u);
  EXPECT_EQ(names_.asked(), 4u);
  EXPECT_EQ(look_again(HttpProbe{.url = "http://no.test/"}).by, "when asked again");
}

TEST_F(ProberTest, PastTheBoundLooksWaitAndTheirTimeOutsRunFromTheirBeginning) {
  options_.most_under_way = 2;
  TestServer server(*poller_, [](const std::string& request) {
    return request.starts_with("GET /silent") ? TestReply{} : page("ok");
  });
  std::vector<CheckResult> silent;
  std::optional<CheckResult> quick;
  const auto start = [&](const std::string& path, Duration timeout) {
    Check check;
    check.name = path;
    check.timeout = timeout;
    check.probe = HttpProbe{.url = server.url(path)};
    prober().start(check, Path::usual, [&, path](CheckResult result) {
      if (path == "/quick") {
        quick = std::move(result);
      } else {
        silent.push_back(std::move(result));
      }
    });
  };
  start("/silent", 1s);
  start("/silent", 1s);
  start("/quick", 900ms);  // waits longer than its own time-out
  EXPECT_EQ(prober().under_way(), 3u);
  wait([&] { return silent.size() == 2 && quick; });
  ASSERT_TRUE(quick);
  for (const CheckResult& result : silent) EXPECT_EQ(result.cause, Cause::timeout);
  expect_good(*quick);
  EXPECT_LT(quick->phases.total, 900ms);
  EXPECT_EQ(prober().under_way(), 0u);
}

TEST_F(ProberTest, PastTheSecondBoundALookFailsAtOnceAndSaysWhy) {
  options_.most_under_way = 1;
  options_.most_waiting = 1;
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  std::vector<CheckResult> results;
  Check check;
  check.name = "check";
  check.probe = HttpProbe{.url = server.url()};
  for (int i = 0; i < 2; ++i) {
    prober().start(check, Path::usual, [&](CheckResult result) { results.push_back(std::move(result)); });
  }
  EXPECT_TRUE(results.empty());
  wait([&] { return results.size() == 2; });
  EXPECT_EQ(results[0].outcome, CheckResult::Outcome::failed);
  EXPECT_EQ(results[0].what, "not looked: 1 checks wait already");
  expect_good(results[1]);
}

TEST_F(ProberTest, StartsTheNextFromWithinDone) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  Check check;
  check.name = "check";
  check.probe = HttpProbe{.url = server.url()};
  int left = 20;
  std::function<void(CheckResult)> next = [&](CheckResult result) {
    expect_good(result);
    if (--left > 0) prober().start(check, left % 2 == 0 ? Path::usual : Path::other, next);
  };
  prober().start(check, Path::usual, next);
  wait([&] { return left == 0; });
}

TEST_F(ProberTest, CanEndWithLooksOfAllKindsUnderWay) {
  TestServer silent(*poller_, [](const std::string&) { return TestReply{}; });
  TestServer deaf(*poller_, nullptr, {.mode = TestServer::Mode::deaf});
  names_.set(TestNameServer::Answer::silence);
  const std::vector<Probe> probes{
      HttpProbe{.url = silent.url()},
      HttpProbe{.url = "http://shop.test/"},
      HttpProbe{.url = fmt::format("https://127.0.0.1:{}/", deaf.port())},
      JourneyProbe{.steps = {{.name = "one", .http = {.url = silent.url()}}}},
      TcpProbe{.host = "shop.test", .port = 1},
      TlsProbe{.host = "127.0.0.1", .port = deaf.port()},
      DnsProbe{.name = "shop.test"},
  };
  for (const Probe& probe : probes) {
    Check check;
    check.name = fmt::format("check {}", probe.index());
    check.probe = probe;
    prober().start(check, Path::usual, [](CheckResult) { ADD_FAILURE(); });
  }
  wait([&] { return silent.requests().size() == 2 && deaf.open() == 2 && names_.asked() >= 3; });
  EXPECT_EQ(prober().under_way(), probes.size());
  prober_.reset();
  wait([&] { return silent.open() == 0; });
}

TEST_F(ProberTest, AThousandLooksAtOnce) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  Check check;
  check.probe = HttpProbe{.url = server.url(), .expect = {.text = "ok"}};
  int good = 0;
  for (int i = 0; i < 1000; ++i) {
    check.name = fmt::format("check {}", i);
    prober().start(check, Path::usual,
                   [&](CheckResult result) { good += result.outcome == CheckResult::Outcome::good ? 1 : 0; });
  }
  wait([&] { return prober().under_way() == 0; });
  EXPECT_EQ(good, 1000);
}

}  // namespace
}  // namespace tenfold::watch
