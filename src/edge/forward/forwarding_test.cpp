#include "edge/forward/forwarding.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::edge {
namespace {

using http::Field;

class ForwardingTest : public testing::Test {
 protected:
  ForwardingTest() {
    request.method_name = "GET";
    request.authority = "shop.example";
    request.target = "/a?b=c";
    request.headers.add("Host", "shop.example");
    client.address = peer;
  }
  void forward() {
    out.headers.clear();
    make_origin_head(request, client, peer, out, arena);
  }
  std::string value(Field field) const { return std::string(out.headers.find(field).value_or("(none)")); }

  Arena arena;
  http::RequestHead request;
  http::RequestHead out;
  net::IpAddress peer = *net::IpAddress::parse("192.0.2.7");
  ClientFacts client;
};

TEST_F(ForwardingTest, TellsTheOriginWhoAskedAndHow) {
  client.scheme = Scheme::https;
  forward();
  EXPECT_EQ(value(Field::x_forwarded_for), "192.0.2.7");
  EXPECT_EQ(value(Field::x_real_ip), "192.0.2.7");
  EXPECT_EQ(value(Field::x_forwarded_proto), "https");
  EXPECT_EQ(value(Field::x_forwarded_host), "shop.example");
  EXPECT_EQ(value(Field::forwarded), "for=192.0.2.7;host=\"shop.example\";proto=https");
  EXPECT_EQ(value(Field::via), "1.1 tenfold");
  EXPECT_EQ(out.target, "/a?b=c");
}

TEST_F(ForwardingTest, AStrangersClaimsAreReplaced) {
  request.headers.add("X-Forwarded-For", "10.0.0.1");
  request.headers.add("X-Real-IP", "10.0.0.1");
  request.headers.add("X-Forwarded-Proto", "https");
  request.headers.add("X-Forwarded-Host", "bank.example");
  request.headers.add("Forwarded", "for=10.0.0.1");
  forward();
  EXPECT_EQ(value(Field::x_forwarded_for), "192.0.2.7");
  EXPECT_EQ(value(Field::x_real_ip), "192.0.2.7");
  EXPECT_EQ(value(Field::x_forwarded_proto), "http");
  EXPECT_EQ(value(Field::x_forwarded_host), "shop.example");
  EXPECT_EQ(value(Field::forwarded), "for=192.0.2.7;host=\"shop.example\";proto=http");
  EXPECT_EQ(out.headers.count(Field::x_forwarded_for), 1u);
}

TEST_F(ForwardingTest, AClaimIsNotPassedOnUnderANameThatAProgramTakesForTheRealOne) {
  for (const char* name : {"X_Forwarded_For", "X-Forwarded_Proto", "x_real_ip", "Tenfold_Rehearsal", "Content_Length",
                           "TRANSFER_ENCODING", "Proxy_Authorization"}) {
    request.headers.add(name, "10.0.0.1");
  }
  request.headers.add("Cart_Id", "7");
  request.headers.add(std::string_view("X_Forwarded_For_But_Much_Longer_Than_Any_Name"), "8");
  forward();
  for (const http::Header& header : out.headers) {
    EXPECT_NE(header.value, "10.0.0.1") << header.name;
  }
  EXPECT_EQ(out.headers.find("cart_id"), "7");
  EXPECT_EQ(out.headers.find("x_forwarded_for_but_much_longer_than_any_name"), "8");
}

TEST_F(ForwardingTest, ATrustedProxysListIsContinued) {
  client.source = ClientSource::trusted_proxy;
  client.address = *net::IpAddress::parse("203.0.113.9");
  request.headers.add("X-Forwarded-For", "203.0.113.9");
  request.headers.add("X-Forwarded-For", "198.51.100.4");
  request.headers.add("X-Forwarded-Host", "www.shop.example");
  forward();
  EXPECT_EQ(value(Field::x_forwarded_for), "203.0.113.9, 198.51.100.4, 192.0.2.7");
  EXPECT_EQ(value(Field::x_real_ip), "203.0.113.9");
  EXPECT_EQ(value(Field::x_forwarded_host), "www.shop.example");
}

TEST_F(ForwardingTest, AnIpv6ClientIsQuotedInForwarded) {
  peer = *net::IpAddress::parse("2001:db8::7");
  client.address = peer;
  forward();
  EXPECT_EQ(value(Field::forwarded), "for=\"[2001:db8::7]\";host=\"shop.example\";proto=http");
  EXPECT_EQ(value(Field::x_forwarded_for), "2001:db8::7");
}

TEST_F(ForwardingTest, HopByHopFieldsDoNotCross) {
  for (const char* name : {"Connection", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
                           "Transfer-Encoding", "Upgrade", "Expect"}) {
    request.headers.add(name, "x");
  }
  forward();
  for (const Field field : {Field::connection, Field::keep_alive, Field::proxy_authorization, Field::proxy_connection,
                            Field::te, Field::trailer, Field::transfer_encoding, Field::upgrade, Field::expect}) {
    EXPECT_FALSE(out.headers.has(field)) << http::name(field);
  }
}

TEST_F(ForwardingTest, FieldsThatConnectionNamesDoNotCross) {
  request.headers.add("Connection", "close, X-Trace");
  request.headers.add("X-Trace", "1");
  request.headers.add("X-Other", "2");
  forward();
  EXPECT_FALSE(out.headers.find("x-trace").has_value());
  EXPECT_TRUE(out.headers.find("x-other").has_value());
}

// Otherwise "Connection: cookie" would log a customer out, and "Connection: x-forwarded-for" hide an attacker.
TEST_F(ForwardingTest, ConnectionCannotTakeAwayWhatTheOriginReliesOn) {
  request.headers.add("Connection", "cookie, host, x-forwarded-for, authorization");
  request.headers.add("Cookie", "session=1");
  request.headers.add("Authorization", "Basic eA==");
  forward();
  EXPECT_TRUE(out.headers.has(Field::cookie));
  EXPECT_TRUE(out.headers.has(Field::host));
  EXPECT_TRUE(out.headers.has(Field::authorization));
  EXPECT_EQ(value(Field::x_forwarded_for), "192.0.2.7");
}

TEST_F(ForwardingTest, ARehearsalHeaderOfAStrangerIsStripped) {
  request.headers.add("Tenfold-Rehearsal", "verified");
  forward();
  EXPECT_FALSE(out.headers.has(Field::tenfold_rehearsal));
}

TEST_F(ForwardingTest, TheOriginIsToldOfARehearsalAndNotItsCredential) {
  request.headers.add("Tenfold-Rehearsal", "v1; exp=1; id=a; sig=b");
  client.standing = Standing::rehearsal;
  forward();
  EXPECT_EQ(value(Field::tenfold_rehearsal), "verified");
  EXPECT_EQ(out.headers.count(Field::tenfold_rehearsal), 1u);
}

TEST_F(ForwardingTest, ViaIsContinued) {
  request.headers.add("Via", "1.1 other");
  forward();
  EXPECT_EQ(value(Field::via), "1.1 other, 1.1 tenfold");
}

TEST(ClientHead, LeavesHopByHopFieldsOfTheOriginOut) {
  http::ResponseHead from;
  from.status = 200;
  from.headers.add("Connection", "keep-alive, X-Debug");
  from.headers.add("Keep-Alive", "timeout=5");
  from.headers.add("X-Debug", "1");
  from.headers.add("Transfer-Encoding", "chunked");
  from.headers.add("Set-Cookie", "a=1");
  from.headers.add("Set-Cookie", "b=2");
  from.headers.add("Tenfold-Queue", "v1; ahead=1; eta=1");
  http::ResponseHead to;
  make_client_head(from, to);
  EXPECT_EQ(to.headers.size(), 2u);
  EXPECT_EQ(to.headers.count(Field::set_cookie), 2u);
}

TEST(Cookies, AreFoundByTheirWholeName) {
  http::Headers headers;
  headers.add("Cookie", "xorigin=1; origin=abc; origin2=3");
  headers.add("Cookie", "late=9");
  EXPECT_EQ(find_cookie(headers, "origin"), "abc");
  EXPECT_EQ(find_cookie(headers, "late"), "9");
  EXPECT_EQ(find_cookie(headers, "none"), "");
}

TEST(Upgrade, NeedsBothTheFieldAndItsConnectionOption) {
  http::RequestHead request;
  request.headers.add("Upgrade", "websocket");
  EXPECT_FALSE(wants_upgrade(request));
  request.headers.add("Connection", "keep-alive, Upgrade");
  EXPECT_TRUE(wants_upgrade(request));
  http::RequestHead past_the_edge = request;
  past_the_edge.headers.add("Upgrade", "foo, h2c");
  EXPECT_FALSE(wants_upgrade(past_the_edge));
  request.version = http::Version::http_1_0;
  EXPECT_FALSE(wants_upgrade(request));
}

}  // namespace
}  // namespace tenfold::edge
