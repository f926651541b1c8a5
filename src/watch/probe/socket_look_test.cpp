#include <fmt/format.h>
#include <poll.h>

#include "watch/probe/test_world.hpp"

namespace tenfold::watch {
namespace {

class TcpLookTest : public ProberWorld {};

TEST_F(TcpLookTest, AnOpenPort) {
  TestServer server(*poller_, nullptr, {.mode = TestServer::Mode::deaf});
  const CheckResult result = look(TcpProbe{.host = "127.0.0.1", .port = server.port()});
  expect_good(result);
  EXPECT_EQ(result.address, "127.0.0.1");
  EXPECT_EQ(result.source, "127.0.0.1");
  EXPECT_GT(result.phases.connect, 0ns);
}

TEST_F(TcpLookTest, AClosedPortAndAnUnknownName) {
  const transfer::DeadPort dead;
  const CheckResult result = look(TcpProbe{.host = "127.0.0.1", .port = dead.port()});
  expect_failed(result, Cause::connect, fmt::format("127.0.0.1:{} refuses the connection", dead.port()));
  EXPECT_EQ(result.address, "127.0.0.1");
  expect_failed(look(TcpProbe{.host = "no.test", .port = 1}), Cause::name, "there is no name no.test");
}

// The kernel completes connections up to the backlog; past it a further one is left without an answer.
TEST_F(TcpLookTest, APortThatDoesNotAnswer) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::vector<int> fill;
  for (int i = 0; i < 4; ++i) {
    fill.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    static_cast<void>(::connect(fill.back(), reinterpret_cast<sockaddr*>(&address), size));
  }
  const std::uint16_t port = ntohs(address.sin_port);
  expect_failed(look(TcpProbe{.host = "127.0.0.1", .port = port}, 60ms), Cause::timeout,
                fmt::format("no answer within 60 ms: no connection to 127.0.0.1:{}", port));
  expect_failed(look(HttpProbe{.url = fmt::format("http://127.0.0.1:{}/", port)}, 60ms), Cause::timeout,
                fmt::format("no answer within 60 ms: no connection to 127.0.0.1:{}", port));
  // A silent address does not keep the next one waiting for longer than Connector::next_after.
  TestServer living(*poller_, nullptr, {.family = AF_INET6, .mode = TestServer::Mode::deaf, .port = port});
  names_.add_address("shop.test", "127.0.0.1");
  names_.add_address("shop.test", "::1");
  const CheckResult result = look(TcpProbe{.host = "shop.test", .port = port});
  expect_good(result);
  EXPECT_EQ(result.address, "::1");
  for (const int descriptor : fill) ::close(descriptor);
  ::close(listener);
}

// It has ended and is not destroyed yet, for that happens in a later turn.
TEST_F(TcpLookTest, AConnectionThatStandsOnlyAfterTheTimeOutIsNotTold) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int fill = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(fill, reinterpret_cast<sockaddr*>(&address), size), 0);

  Check check;
  check.name = "check";
  check.probe = TcpProbe{.host = "127.0.0.1", .port = ntohs(address.sin_port)};
  check.timeout = 60ms;
  std::vector<CheckResult> told;
  prober().start(check, Path::usual, [&](CheckResult result) {
    told.push_back(std::move(result));
    // Makes room. Were the look still waiting, its connection would stand once the kernel asks again, after a second.
    ::close(::accept(listener, nullptr, nullptr));
    pollfd connected{.fd = listener, .events = POLLIN, .revents = 0};
    ::poll(&connected, 1, 1'500);
  });
  wait([&] { return !told.empty() && prober().under_way() == 0; });
  poller_->run_until(poller_->now() + 20ms);
  ASSERT_EQ(told.size(), 1u);
  expect_failed(told.front(), Cause::timeout, HasSubstr("no connection to 127.0.0.1"));
  ::close(fill);
  ::close(listener);
}

TEST_F(TcpLookTest, TakesTheFamilyThatAnswers) {
  TestServer server(*poller_, nullptr, {.family = AF_INET6, .mode = TestServer::Mode::deaf});
  names_.add_address("shop.test", "127.0.0.1");
  names_.add_address("shop.test", "::1");
  const CheckResult result = look(TcpProbe{.host = "shop.test", .port = server.port()});
  expect_good(result);
  EXPECT_EQ(result.address, "::1");
}

class TlsLookTest : public ProberWorld {
 protected:
  CheckResult look_at(const TestIdentity& identity, std::vector<const TestIdentity*> chain = {},
                      const std::string& server_name = "", Duration valid_for = 14 * 24h) {
    const TestContext context = make_test_context(identity, chain);
    TestServer server(*poller_, [](const std::string&) { return page("ok"); }, {.tls = context.get()});
    return look(
        TlsProbe{.host = "127.0.0.1", .port = server.port(), .server_name = server_name, .valid_for = valid_for});
  }
  TestIdentity issue(const TestIdentityOptions& options = {}) { return make_test_identity(&authority_, options); }
};

TEST_F(TlsLookTest, AGoodCertificateSaysHowLong) {
  const CheckResult result = look_at(issue({.until_days = 60}));
  expect_good(result);
  EXPECT_THAT(result.what, MatchesRegex("the certificate ends on 20[0-9]{2}-[0-9]{2}-[0-9]{2}, in 60 days"));
  EXPECT_GT(result.phases.tls, 0ns);
  expect_good(look_at(issue(), {}, "shop.test"));
}

TEST_F(TlsLookTest, ACertificateThatEndsTooSoon) {
  const TestIdentity leaf = issue({.until_days = 14});
  expect_good(look_at(leaf, {}, "", 14 * 24h));
  const CheckResult result = look_at(leaf, {}, "", 14 * 24h + 2min);
  expect_failed(result, Cause::certificate,
                MatchesRegex("the certificate ends on [-0-9]+, in 14 days; at least 15 are expected"));
  expect_failed(look_at(issue({.until_days = 1})), Cause::certificate, HasSubstr(", in 1 day; at least 14"));
}

TEST_F(TlsLookTest, AnAuthorityThatEndsSooner) {
  const TestIdentity middle = make_test_identity(
      &authority_, {.name = "Middle Authority", .until_days = 5, .kind = TestIdentityOptions::Kind::authority});
  expect_failed(look_at(make_test_identity(&middle, {}), {&middle}), Cause::certificate,
                StartsWith("the certificate of \"Middle Authority\" ends on 20"));
}

TEST_F(TlsLookTest, BadCertificatesInWords) {
  expect_failed(look_at(issue({.until_days = -2})), Cause::certificate, StartsWith("the certificate ended on 20"));
  expect_failed(look_at(issue({.from_days = 2})), Cause::certificate, StartsWith("the certificate begins only on 20"));
  expect_failed(look_at(issue(), {}, "other.test"), Cause::certificate,
                "the certificate is not for other.test but for shop.test, 127.0.0.1");
  expect_failed(look_at(issue({.alternatives = "DNS:shop.test"})), Cause::certificate,
                "the certificate is not for 127.0.0.1 but for shop.test");
  expect_failed(look_at(make_test_identity(nullptr, {})), Cause::certificate, HasSubstr("signed by itself"));
  const TestIdentity middle = make_test_authority("Middle Authority", &authority_);
  expect_failed(look_at(make_test_identity(&middle, {})), Cause::certificate, HasSubstr("incomplete or not trusted"));
}

TEST_F(TlsLookTest, ServersThatDoNotSpeakTls) {
  TestServer plain(*poller_, [](const std::string&) { return TestReply{}; },
                   {.mode = TestServer::Mode::lines, .greeting = "220 no TLS here, sorry\r\n"});
  expect_failed(look(TlsProbe{.host = "127.0.0.1", .port = plain.port()}), Cause::tls,
                StartsWith(fmt::format("no TLS with 127.0.0.1:{}: ", plain.port())));
  TestServer deaf(*poller_, nullptr, {.mode = TestServer::Mode::deaf});
  expect_failed(look(TlsProbe{.host = "127.0.0.1", .port = deaf.port()}, 80ms), Cause::timeout,
                MatchesRegex("no answer within 80 ms: connected after .*s, then the TLS handshake did not end"));
  const transfer::DeadPort dead;
  expect_failed(look(TlsProbe{.host = "127.0.0.1", .port = dead.port()}), Cause::connect, HasSubstr("refuses"));
}

}  // namespace
}  // namespace tenfold::watch
