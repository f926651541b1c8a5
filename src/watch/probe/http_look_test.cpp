#include <fmt/format.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "watch/probe/test_world.hpp"

namespace tenfold::watch {
namespace {

using ::testing::Not;
using Then = TestReply::Then;

class HttpLookTest : public ProberWorld {
 protected:
  CheckResult look_at(const TestReply& reply, Expectation expect = {}, Duration timeout = 5s) {
    TestServer server(*poller_, [&](const std::string&) { return reply; });
    return look(HttpProbe{.url = server.url(), .expect = std::move(expect)}, timeout);
  }
  std::string back_to_;
};

TEST_F(HttpLookTest, AGoodPage) {
  TestServer server(*poller_, [](const std::string&) { return page("Corner Shop"); });
  const CheckResult result = look(HttpProbe{.url = server.url("/home?a=b")});
  expect_good(result);
  EXPECT_EQ(result.address, "127.0.0.1");
  EXPECT_EQ(result.source, "127.0.0.1");
  EXPECT_EQ(result.path, Path::usual);
  EXPECT_EQ(result.by, "");
  EXPECT_GT(result.phases.connect, 0ns);
  EXPECT_GT(result.phases.first_byte, 0ns);
  EXPECT_EQ(result.phases.tls, 0ns);
  EXPECT_GE(result.phases.total, result.phases.connect + result.phases.first_byte + result.phases.transfer);
  EXPECT_LT(clock_.wall_now() - result.at, 5s);
  EXPECT_TRUE(server.requests().front().starts_with("GET /home?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(server.requests().front(), HasSubstr("User-Agent: Tenfold-Watch/1\r\n"));
}

TEST_F(HttpLookTest, EachLookHasAConnectionOfItsOwn) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  for (int i = 0; i < 3; ++i) expect_good(look(HttpProbe{.url = server.url()}));
  EXPECT_EQ(server.accepted(), 3u);
  wait([&] { return server.open() == 0; });
}

TEST_F(HttpLookTest, AnotherStatusThanExpected) {
  expect_failed(look_at(page("", 503)), Cause::status, "status 503, expected 200-399");
  expect_failed(look_at(page("", 201), {.status_from = 200, .status_to = 200}), Cause::status,
                "status 201, expected 200");
  expect_good(look_at(page("", 404), {.status_from = 404, .status_to = 404}));
}

TEST_F(HttpLookTest, ContentThatIsNotAsExpected) {
  expect_failed(look_at(page("Down for today"), {.text = "Corner Shop"}), Cause::content,
                "the text \"Corner Shop\" is not in the page");
  expect_failed(look_at(page("Fatal error"), {.no_text = "error"}), Cause::content,
                "the text \"error\" is in the page, and must not be");
  expect_good(look_at(page("Corner Shop"), {.text = "Corner Shop", .no_text = "error"}));
}

TEST_F(HttpLookTest, ARefusedConnection) {
  const transfer::DeadPort dead;
  const CheckResult result = look(HttpProbe{.url = fmt::format("http://127.0.0.1:{}/", dead.port())});
  expect_failed(result, Cause::connect, fmt::format("127.0.0.1:{} refuses the connection", dead.port()));
  EXPECT_EQ(result.address, "127.0.0.1");
}

TEST_F(HttpLookTest, SilenceAfterTheConnection) {
  expect_failed(look_at(TestReply{}, {}, 60ms), Cause::timeout,
                MatchesRegex("no answer within 60 ms: connected after .*s, then silence"));
}

TEST_F(HttpLookTest, APageThatDripsUntilTheTimeOut) {
  const CheckResult result = look_at({"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", Then::drip}, {}, 100ms);
  expect_failed(result, Cause::timeout, MatchesRegex("no whole answer within 100 ms: [0-9]+ bytes came, then no end"));
  EXPECT_GE(result.phases.total, 100ms);
  EXPECT_LT(result.phases.total, 5s);
}

TEST_F(HttpLookTest, AHeaderThatDripsUntilTheTimeOut) {
  expect_failed(look_at({"HTTP/1.1 200 OK\r\nX-Long: ", Then::drip}, {}, 100ms), Cause::timeout,
                HasSubstr("within 100 ms"));
}

TEST_F(HttpLookTest, AHugeBodyIsNotReadPastTheBound) {
  const std::string huge(3'000'000, 'x');
  const CheckResult result = look_at(page(huge), {.text = "y", .most_bytes = 1'000'000});
  expect_failed(result, Cause::content, "the page is larger than 1,000,000 bytes");
  expect_good(look_at(page(huge), {.most_bytes = 3'000'000}));
  expect_failed(look_at(page(huge), {.most_bytes = 2'999'999}), Cause::content, HasSubstr("larger than 2,999,999"));
}

TEST_F(HttpLookTest, AnEndlessBodyIsNotReadPastTheBound) {
  const CheckResult result =
      look_at({"HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x'), Then::drip}, {.most_bytes = 4'000});
  expect_failed(result, Cause::content, "the page is larger than 4,000 bytes");
}

TEST_F(HttpLookTest, BrokenAnswers) {
  expect_failed(look_at({"", Then::close}), Cause::protocol, HasSubstr("closed the connection without an answer"));
  expect_failed(look_at({"", Then::reset}), Cause::protocol, HasSubstr("broke the connection off"));
  expect_failed(look_at({"SSH-2.0-OpenSSH_9.2\r\n", Then::close}), Cause::protocol, HasSubstr("does not speak HTTP"));
  expect_failed(look_at({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Then::close}), Cause::protocol,
                "the page broke off after 4 bytes");
}

TEST_F(HttpLookTest, FollowsRedirectsWithTheCookiesThatTheySet) {
  TestServer server(*poller_, [](const std::string& request) {
    if (request.find("Cookie: seen=yes") != std::string::npos) return page("in");
    return page("", 302, "Location: /next\r\nSet-Cookie: seen=yes; Path=/\r\n");
  });
  expect_good(look(HttpProbe{.url = server.url(), .expect = {.text = "in"}}));
  EXPECT_EQ(server.requests().size(), 2u);
  // Another run begins without them.
  expect_good(look(HttpProbe{.url = server.url(), .expect = {.text = "in"}}));
  EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(HttpLookTest, ItsOwnCookieIsAskedForAtEachRequestAndGoesWithThatOneAlone) {
  int made = 0;
  TestServer other(*poller_, [](const std::string&) { return page("elsewhere"); });
  TestServer server(*poller_, [&](const std::string& request) {
    if (request.starts_with("GET /away")) return page("", 302, fmt::format("Location: {}\r\n", other.url()));
    return request.starts_with("GET /set") ? page("", 302, "Location: /end\r\nSet-Cookie: jar=1; Path=/\r\n")
                                           : page("here");
  });
  options_.own_cookie = [&](const Destination& to) {
    return to.port == server.port() ? fmt::format("tenfold_seen={}", ++made) : std::string();
  };
  expect_good(look(HttpProbe{.url = server.url("/set")}));
  EXPECT_THAT(server.requests()[0], HasSubstr("\r\nCookie: tenfold_seen=1\r\n"));
  EXPECT_THAT(server.requests()[1], HasSubstr("\r\nCookie: jar=1; tenfold_seen=2\r\n"));
  expect_good(look(HttpProbe{.url = server.url("/"), .headers = {{"cookie", "theme=dark"}}}));
  EXPECT_THAT(server.requests()[2], HasSubstr("\r\ncookie: theme=dark; tenfold_seen=3\r\n"));
  expect_good(look(HttpProbe{.url = server.url("/away")}));
  EXPECT_THAT(server.requests()[3], HasSubstr("tenfold_seen=4"));
  EXPECT_THAT(other.requests().front(), Not(HasSubstr("tenfold_seen")));
}

TEST_F(HttpLookTest, ItsOwnCookieIsAskedForWithWhereTheRequestGoes) {
  std::vector<std::string> asked;
  options_.own_cookie = [&](const Destination& to) {
    asked.push_back(fmt::format("{} {} {} {}", to.scheme, to.host, to.port, fmt::join(to.addresses, ",")));
    return std::string();
  };
  names_.add_address("shop.test", "127.0.0.1");
  TestServer target(*poller_, [](const std::string&) { return page("there"); });
  TestServer server(*poller_, [&](const std::string&) {
    return page("", 301, fmt::format("Location: http://shop.test:{}/\r\n", target.port()));
  });
  expect_good(look(HttpProbe{.url = fmt::format("http://Shop.Test:{}/", server.port())}));
  EXPECT_THAT(asked, testing::ElementsAre(fmt::format("http shop.test {} 127.0.0.1", server.port()),
                                          fmt::format("http shop.test {} 127.0.0.1", target.port())));
  EXPECT_THAT(server.requests().front(), Not(HasSubstr("Cookie")));
}

TEST_F(HttpLookTest, IsToldWhenWhoeverBroughtItsOwnCookieIsRefused) {
  int refused = 0;
  int status = 200;
  TestServer server(*poller_, [&](const std::string&) { return page("", status); });
  options_.own_cookie = [](const Destination&) { return std::string("tenfold_seen=1"); };
  options_.own_cookie_refused = [&] { ++refused; };
  for (int each : {200, 404, 500}) {
    status = each;
    look(HttpProbe{.url = server.url()});
  }
  EXPECT_EQ(refused, 0);
  for (int each : {503, 429, 403}) {
    status = each;
    look(HttpProbe{.url = server.url()});
  }
  EXPECT_EQ(refused, 3);
}

// A key has whatever name its owner gave it.
TEST_F(HttpLookTest, WhatTheOwnerSaysStaysWithTheOriginItWasWrittenFor) {
  TestServer target(*poller_, [&](const std::string& request) {
    return request.starts_with("GET /back") ? page("", 302, "Location: " + back_to_ + "\r\n") : page("there");
  });
  TestServer server(*poller_, [&](const std::string& request) {
    if (request.starts_with("GET /stay")) return page("", 302, "Location: /end\r\n");
    if (request.starts_with("GET /round")) return page("", 302, "Location: " + target.url("/back") + "\r\n");
    return request.starts_with("GET /end") ? page("here") : page("", 307, "Location: " + target.url() + "\r\n");
  });
  back_to_ = server.url("/end");
  const std::vector<std::pair<std::string, std::string>> headers{
      {"X-Api-Key", "secret"},      {"Authorization", "secret"},       {"cookie", "secret=1"},
      {"X-Shop-Preview", "secret"}, {"Proxy-Authorization", "secret"}, {"Accept-Language", "de"},
      {"User-Agent", "Monitor"}};
  expect_good(look(HttpProbe{.url = server.url("/away"), .headers = headers, .expect = {.text = "there"}}));
  EXPECT_THAT(server.requests().back(), HasSubstr("X-Api-Key: secret"));
  EXPECT_THAT(target.requests().back(), ::testing::Not(HasSubstr("secret")));
  EXPECT_THAT(target.requests().back(), HasSubstr("Accept-Language: de"));
  EXPECT_THAT(target.requests().back(), HasSubstr("User-Agent: Monitor"));
  expect_good(look(HttpProbe{.url = server.url("/stay"), .headers = headers, .expect = {.text = "here"}}));
  EXPECT_THAT(server.requests().back(), HasSubstr("X-Api-Key: secret"));
  expect_good(look(HttpProbe{.url = server.url("/round"), .headers = headers, .expect = {.text = "here"}}));
  EXPECT_THAT(server.requests().back(), ::testing::Not(HasSubstr("secret"))) << "it came by way of another";
}

TEST_F(HttpLookTest, APageIsReadInItsCharset) {
  std::string type = "text/html; charset=ISO-8859-1";
  std::string body =
      "Gr\xf6\xdf"
      "e";
  TestServer server(*poller_, [&](const std::string&) { return page(body, 200, "Content-Type: " + type + "\r\n"); });
  const HttpProbe without{.url = server.url(), .expect = {.no_text = "Größe"}};
  const HttpProbe with{.url = server.url(), .expect = {.text = "Größe", .matches = "^Gr(ö)ße$"}};
  expect_failed(look(without), Cause::content, "the text \"Größe\" is in the page, and must not be");
  expect_good(look(with));
  type = "application/json; charset=utf-16le";
  body = std::string("{\0\"\0g\0\"\0:\0\"\0\xf6\0\"\0}\0", 18);
  expect_good(look(HttpProbe{.url = server.url(), .expect = {.json_pointer = "/g", .json_equals = "ö"}}));
  type = "text/html; charset=klingon";
  body = "Qapla'";
  expect_failed(look(without), Cause::content, "the page is written in \"klingon\", which is not known");
  expect_good(look(HttpProbe{.url = server.url()}));
}

TEST_F(HttpLookTest, APackedPageThatBreaksOffHasFailed) {
  const std::string plain = "<html>" + std::string(5'000, 'x') + "the end</html>";
  std::string packed(plain.size() + 64, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                     plain.size()),
            Z_OK);
  packed.resize(size);
  std::string encoding = "deflate";
  TestServer server(*poller_,
                    [&](const std::string&) { return page(packed, 200, "Content-Encoding: " + encoding + "\r\n"); });
  const HttpProbe probe{.url = server.url(), .expect = {.text = "<html>"}};
  expect_good(look(probe));
  packed.resize(size - 10);
  expect_failed(look(probe), Cause::protocol, StartsWith("the page broke off after "));
  expect_failed(look(HttpProbe{.url = server.url()}), Cause::protocol, StartsWith("the page broke off after "));
  encoding = "br";
  expect_failed(look(probe), Cause::protocol, "the page cannot be unpacked: it is not packed as brotli");
  encoding = "zstd";
  expect_failed(look(probe), Cause::protocol,
                "the page cannot be unpacked: it is packed as \"zstd\", which was not asked for");
}

TEST_F(HttpLookTest, RedirectsThatLead) {
  TestServer target(*poller_, [](const std::string&) { return page("there"); });
  TestServer server(*poller_, [&](const std::string& request) {
    return request.starts_with("GET /ten/10") ? page("ten")
           : request.starts_with("GET /ten/")
               ? page("", 301, fmt::format("Location: /ten/{}\r\n", std::atoi(request.c_str() + 9) + 1))
           : request.starts_with("GET /away") ? page("", 307, fmt::format("Location: {}\r\n", target.url()))
           : request.starts_with("GET /file") ? page("", 302, "Location: file:///etc/passwd\r\n")
                                              : page("", 302, "Location: /loop\r\n");
  });
  expect_good(look(HttpProbe{.url = server.url("/ten/0"), .expect = {.text = "ten"}}));
  expect_good(look(HttpProbe{.url = server.url("/away"), .headers = {{"Authorization", "secret"}}}));
  EXPECT_EQ(target.requests().front().find("Authorization"), std::string::npos);
  expect_failed(look(HttpProbe{.url = server.url("/loop")}), Cause::protocol,
                StartsWith("more than 10 redirects, the last to "));
  expect_failed(look(HttpProbe{.url = server.url("/file")}), Cause::protocol,
                "redirected to \"file:///etc/passwd\", which is not followed");
  expect_good(
      look(HttpProbe{.url = server.url("/loop"), .follow = false, .expect = {.status_from = 302, .status_to = 302}}));
}

TEST_F(HttpLookTest, APostBecomesAGetWhereBrowsersDoThat) {
  TestServer server(*poller_, [](const std::string& request) {
    return request.find(" /kept ") != std::string::npos  ? page("", 307, "Location: /end\r\n")
           : request.find(" /end ") != std::string::npos ? page("ok")
                                                         : page("", 303, "Location: /end\r\n");
  });
  expect_good(look(HttpProbe{.url = server.url("/a"), .method = "POST", .body = "a=b"}));
  EXPECT_TRUE(server.requests().back().starts_with("GET /end"));
  expect_good(look(HttpProbe{.url = server.url("/kept"), .method = "POST", .body = "a=b"}));
  EXPECT_TRUE(server.requests().back().starts_with("POST /end"));
  EXPECT_TRUE(server.requests().back().ends_with("a=b"));
}

TEST_F(HttpLookTest, NamesThatAreFoundAndThatAreNot) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  names_.add_address("shop.test", "127.0.0.1");
  const std::string url = fmt::format("http://shop.test:{}/", server.port());
  const CheckResult good = look(HttpProbe{.url = url});
  expect_good(good);
  EXPECT_GT(good.phases.name_lookup, 0ns);
  EXPECT_THAT(server.requests().front(), HasSubstr(fmt::format("Host: shop.test:{}\r\n", server.port())));
  expect_failed(look(HttpProbe{.url = "http://no.test/"}), Cause::name, "there is no name no.test");
  names_.add("mail.test", TestNameServer::mx, dns_number(10) + dns_name("mx.test"));
  expect_failed(look(HttpProbe{.url = "http://mail.test/"}), Cause::name, "mail.test has no address");
  names_.set(TestNameServer::Answer::silence);
  expect_failed(look(HttpProbe{.url = url}, 80ms), Cause::name,
                "no answer within 80 ms: no name server answered for shop.test");
}

TEST_F(HttpLookTest, NamesAreAskedForAnew) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  names_.add_address("shop.test", "127.0.0.1");
  const std::string url = fmt::format("http://shop.test:{}/", server.port());
  expect_good(look(HttpProbe{.url = url}));
  names_.clear();
  expect_failed(look(HttpProbe{.url = url}), Cause::name, "there is no name shop.test");
}

TEST_F(HttpLookTest, ADeadAddressBesideALivingOneIsPassedOver) {
  // ::1 refuses; a visitor's browser comes in by 127.0.0.1.
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  names_.add_address("shop.test", "127.0.0.1");
  names_.add_address("shop.test", "::1");
  const CheckResult result = look(HttpProbe{.url = fmt::format("http://shop.test:{}/", server.port())});
  expect_good(result);
  EXPECT_EQ(result.address, "127.0.0.1");
}

TEST_F(HttpLookTest, WhatIsNoUrl) {
  expect_failed(look(HttpProbe{.url = "ftp://127.0.0.1/"}), Cause::protocol,
                HasSubstr("is not a URL of http or https"));
  expect_failed(look(HttpProbe{.url = "http://"}), Cause::protocol, HasSubstr("is not a URL"));
}

class HttpsLookTest : public ProberWorld {
 protected:
  CheckResult look_at(const TestIdentity& identity, std::vector<const TestIdentity*> chain = {},
                      const std::string& host = "127.0.0.1", bool verify = true) {
    const TestContext context = make_test_context(identity, chain);
    TestServer server(*poller_, [](const std::string&) { return page("ok"); }, {.tls = context.get()});
    names_.add_address("shop.test", "127.0.0.1");
    return look(HttpProbe{.url = fmt::format("https://{}:{}/", host, server.port()), .verify = verify});
  }
  TestIdentity issue(const TestIdentityOptions& options = {}) { return make_test_identity(&authority_, options); }
};

TEST_F(HttpsLookTest, AGoodCertificate) {
  const CheckResult result = look_at(issue());
  expect_good(result);
  EXPECT_GT(result.phases.tls, 0ns);
  expect_good(look_at(issue(), {}, "shop.test"));
}

TEST_F(HttpsLookTest, BadCertificatesInWords) {
  expect_failed(look_at(issue({.until_days = -2})), Cause::certificate,
                MatchesRegex("the certificate ended on 20[0-9]{2}-[0-9]{2}-[0-9]{2}"));
  expect_failed(look_at(issue({.from_days = 2})), Cause::certificate, StartsWith("the certificate begins only on 20"));
  expect_failed(look_at(issue({.alternatives = "DNS:a.test,DNS:b.test,IP:10.0.0.1"})), Cause::certificate,
                "the certificate is not for 127.0.0.1 but for a.test, b.test, 10.0.0.1");
  expect_failed(look_at(make_test_identity(nullptr, {})), Cause::certificate,
                "the certificate is signed by itself: no browser trusts it");
  const TestIdentity stranger = make_test_authority("Strange Authority");
  expect_failed(look_at(make_test_identity(&stranger, {}), {&stranger}), Cause::certificate,
                "the chain ends at \"Strange Authority\", which is not trusted");
}

TEST_F(HttpsLookTest, AnIncompleteChain) {
  const TestIdentity middle = make_test_authority("Middle Authority", &authority_);
  const TestIdentity leaf = make_test_identity(&middle, {});
  expect_good(look_at(leaf, {&middle}));
  expect_failed(
      look_at(leaf), Cause::certificate,
      "the certificate's chain is incomplete or not trusted: \"Test Leaf\" is signed by \"Middle Authority\", "
      "which is not known");
}

TEST_F(HttpsLookTest, WithoutVerificationAllCertificatesAreGood) {
  expect_good(look_at(make_test_identity(nullptr, {.until_days = -2}), {}, "127.0.0.1", /*verify=*/false));
}

TEST_F(HttpsLookTest, AuthoritiesThatChangeAreReadAnew) {
  const TestIdentity later = make_test_authority("Later Authority");
  const TestIdentity leaf = make_test_identity(&later, {});
  EXPECT_EQ(look_at(leaf).cause, Cause::certificate);
  trusted_.write(later);
  std::filesystem::last_write_time(trusted_.path(), std::filesystem::file_time_type::clock::now() + 5s);
  expect_good(look_at(leaf));
}

TEST_F(HttpsLookTest, AServerWithoutTlsAndOneThatIsSilent) {
  TestServer plain(*poller_, [](const std::string&) { return page("ok"); },
                   {.mode = TestServer::Mode::lines, .greeting = "220 not TLS at all, and long enough\r\n"});
  expect_failed(look(HttpProbe{.url = fmt::format("https://127.0.0.1:{}/", plain.port())}), Cause::tls,
                HasSubstr(fmt::format("no TLS with 127.0.0.1:{}", plain.port())));
  TestServer deaf(*poller_, nullptr, {.mode = TestServer::Mode::deaf});
  expect_failed(look(HttpProbe{.url = fmt::format("https://127.0.0.1:{}/", deaf.port())}, 80ms), Cause::timeout,
                MatchesRegex("no answer within 80 ms: connected after .*s, then the TLS handshake did not end"));
}

}  // namespace
}  // namespace tenfold::watch
