#include "edge/forward/forwarding.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

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
  // `hops`: what trusted proxies named, the client first.
  void forward(std::initializer_list<const char*> hops = {}, Via via = Via::on) {
    std::optional<ProxyChain> chain;
    if (hops.size() > 0) {
      chain.emplace();
      for (auto hop = hops.end(); hop != hops.begin();)
        chain->hops[static_cast<std::size_t>(chain->length++)] = *net::IpAddress::parse(*--hop);
    }
    out.headers.clear();
    keep_what_crosses(request, chain, via, arena);
    make_origin_head(request, client, peer, via, out, arena);
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
                           "TRANSFER_ENCODING", "Proxy_Authorization", "X.Real.IP", "X.Forwarded-For", "X!Real|IP",
                           "X.Forwarded.Host", "X_HTTP_METHOD_OVERRIDE", "Accept_Language", "If.None.Match"}) {
    request.headers.add(name, "10.0.0.1");
  }
  request.headers.add("Cart_Id", "7");
  request.headers.add(std::string_view("Content_Length_But_Much_Longer_Than_Any_Name"), "8");
  forward();
  for (const http::Header& header : out.headers) {
    EXPECT_NE(header.value, "10.0.0.1") << header.name;
  }
  EXPECT_EQ(out.headers.find("cart_id"), "7");
  EXPECT_EQ(out.headers.find("content_length_but_much_longer_than_any_name"), "8");
}

// Each is read by some server or shop program, selects the answer, and is in no key. The last are the client's to say.
TEST_F(ForwardingTest, WhatServersTakeForTheirOwnVariablesIsNotPassedOn) {
  for (const char* name : {"SCRIPT_NAME",
                           "Script-Name",
                           "PATH_INFO",
                           "Path_Translated",
                           "QUERY_STRING",
                           "Server_Name",
                           "Document-Root",
                           "Gateway_Interface",
                           "X-Script-Name",
                           "CF-IPCountry",
                           "X-Country-Code",
                           "X-GeoIP-Country",
                           "GEOIP_COUNTRY_CODE",
                           "MM_COUNTRY_CODE",
                           "CloudFront-Viewer-Country",
                           "X-AppEngine-Country",
                           "WL-Proxy-Client-IP",
                           "$WSSN",
                           "$WSSC",
                           "X-ARR-SSL",
                           "SSL",
                           "Https",
                           "X-Secure",
                           "Ssl-Offloaded",
                           "X-MS-CLIENT-PRINCIPAL-NAME",
                           "Fly-Client-IP",
                           "X-Base-Url",
                           "DO-Connecting-IP",
                           "Incap-Client-IP",
                           "CDN-Src-IP",
                           "Request-Range",
                           "X-Prefix"}) {
    request.headers.add(name, "claimed");
  }
  for (const char* name : {"Sec-CH-UA-Mobile", "Sec-Fetch-Mode", "X-Requested-With", "X-CSRF-Token", "X-Public-Key",
                           "X-Gateway-APIKey", "X-Auth-Token", "Signature", "DNT", "Priority", "Pragma", "Via"}) {
    request.headers.add(name, "said");
  }
  forward();
  for (const http::Header& header : out.headers) EXPECT_NE(header.value, "claimed") << header.name;
  for (const char* name : {"sec-ch-ua-mobile", "sec-fetch-mode", "x-requested-with", "x-csrf-token", "x-public-key",
                           "x-gateway-apikey", "x-auth-token", "signature", "dnt", "priority"}) {
    EXPECT_EQ(out.headers.find(name), "said") << name;
  }
}

TEST_F(ForwardingTest, TheBelievedChainIsContinuedAndWhatStandsBeforeItIsNot) {
  client.source = ClientSource::trusted_proxy;
  client.address = *net::IpAddress::parse("203.0.113.9");
  request.headers.add("X-Forwarded-For", "6.6.6.6, 203.0.113.9");
  request.headers.add("X-Forwarded-For", "2001:db8::4");
  forward({"203.0.113.9", "2001:db8::4"});
  EXPECT_EQ(value(Field::x_forwarded_for), "203.0.113.9, 2001:db8::4, 192.0.2.7");
  EXPECT_EQ(value(Field::x_real_ip), "203.0.113.9");
  EXPECT_EQ(value(Field::forwarded),
            "for=203.0.113.9;host=\"shop.example\";proto=http, for=\"[2001:db8::4]\", for=192.0.2.7");
}

// It is in no cache key: a page made for another host, port or prefix would be given to all.
TEST_F(ForwardingTest, ATrustedProxyTellsNoOtherHostPortOrPath) {
  client.source = ClientSource::trusted_proxy;
  client.address = *net::IpAddress::parse("203.0.113.9");
  for (const char* name : {"X-Forwarded-Host",
                           "X-Forwarded-Port",
                           "X-Forwarded-Server",
                           "X-Forwarded-Prefix",
                           "X-Forwarded-Scheme",
                           "X-Forwarded-Ssl",
                           "X-Forwarded-Proto",
                           "Forwarded",
                           "X-Host",
                           "X-Original-URL",
                           "X-Original-Host",
                           "X-Rewrite-URL",
                           "X-HTTP-Method-Override",
                           "X-HTTP-Host-Override",
                           "X-Method-Override",
                           "X-Client-IP",
                           "True-Client-IP",
                           "CF-Connecting-IP",
                           "Front-End-Https",
                           "X-Url-Scheme",
                           "X-Remote-Addr",
                           "X-Original-Forwarded-For",
                           "Client-Cert"}) {
    request.headers.add(name, "evil.example");
  }
  forward({"203.0.113.9"});
  for (const http::Header& header : out.headers) {
    EXPECT_EQ(header.value.find("evil"), std::string_view::npos) << header.name;
  }
  EXPECT_EQ(value(Field::x_forwarded_host), "shop.example");
}

TEST_F(ForwardingTest, AProgramIsNotSentWhereAClientsProxyFieldSays) {
  for (const char* name : {"Proxy", "PROXY", "Proxy-Host", "Proxy_Url"})
    request.headers.add(name, "http://evil.example");
  forward();
  EXPECT_FALSE(out.headers.find("proxy").has_value());
  EXPECT_FALSE(out.headers.find("proxy-host").has_value());
  EXPECT_FALSE(out.headers.find("proxy_url").has_value());
}

TEST_F(ForwardingTest, FieldsThatOnlyResembleAClaimCross) {
  const std::initializer_list<const char*> names = {"X-Requested-With", "X-CSRF-Token",
                                                    "Sec-CH-UA",        "Accept-Language",
                                                    "Content-Language", "X-Forwar",
                                                    "X-Hosting",        "X-Pathfinder",
                                                    "Priority",         "Proximity",
                                                    "X-Request-ID",     "If-None-Match",
                                                    "X-Real",           "Upgrade-Insecure-Requests",
                                                    "Traceparent",      "Save-Data",
                                                    "X-Client-Version"};
  for (const char* name : names) request.headers.add(name, "1");
  forward();
  for (const char* name : names) EXPECT_TRUE(out.headers.find(name).has_value()) << name;
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

TEST_F(ForwardingTest, AllConnectionLinesCount) {
  for (const char* last : {"close", "keep-alive", "X-Other", ""}) {
    request.headers.clear();
    request.headers.add("Connection", "X-Trace");
    request.headers.add("Connection", last);
    request.headers.add("X-Trace", "1");
    forward();
    EXPECT_FALSE(out.headers.find("x-trace").has_value()) << last;
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
  client.credential = Credential::rehearsal;
  forward();
  EXPECT_EQ(value(Field::tenfold_rehearsal), "verified");
  EXPECT_EQ(out.headers.count(Field::tenfold_rehearsal), 1u);
}

TEST_F(ForwardingTest, WithoutViaNobodysIsSent) {
  request.headers.add("Via", "1.1 other");
  forward({}, Via::off);
  EXPECT_FALSE(out.headers.has(Field::via));
}

// What a stranger's many lines cost is their own length, not its square.
TEST_F(ForwardingTest, ManyLinesOfViaTakeMemoryOnce) {
  const std::string line(300, 'v');
  for (int i = 0; i < 97; ++i) request.headers.add("Via", line);
  const std::size_t before = mallinfo2().uordblks;
  forward();
  EXPECT_LT(mallinfo2().uordblks - before, 97 * 302 + 8192u);
  EXPECT_EQ(value(Field::via).size(), 97 * 302 + std::string_view("1.1 tenfold").size());
}

TEST_F(ForwardingTest, ViaIsContinued) {
  request.headers.add("Via", "1.1 other");
  forward();
  EXPECT_EQ(value(Field::via), "1.1 other, 1.1 tenfold");
}

TEST(ClientHead, AllConnectionLinesOfTheOriginCount) {
  http::ResponseHead from;
  from.headers.add("Connection", "X-Debug");
  from.headers.add("Connection", "close");
  from.headers.add("X-Debug", "1");
  from.headers.add("Tenfold-Whatever", "1");
  http::ResponseHead to;
  make_client_head(from, to);
  EXPECT_TRUE(to.headers.empty());
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

TEST(ClientTrailers, SayNothingThatOnlyWeSay) {
  http::Headers from_origin;
  from_origin.add("Server-Timing", "db;dur=3");
  from_origin.add("Tenfold-Queue", "v1; ahead=0; eta=0");
  from_origin.add("Connection", "close");
  Arena arena;
  const auto for_client = client_trailers(from_origin, arena);
  ASSERT_NE(for_client, nullptr);
  EXPECT_EQ(for_client->size(), 1u);
  EXPECT_EQ(for_client->begin()->name, "Server-Timing");
  EXPECT_EQ(client_trailers(http::Headers(), arena), nullptr);
}

TEST(Cookies, AreFoundByTheirWholeName) {
  http::Headers headers;
  headers.add("Cookie", "xorigin=1; origin=abc; origin2=3");
  headers.add("Cookie", "late=9");
  EXPECT_EQ(find_cookie(headers, "origin"), "abc");
  EXPECT_EQ(find_cookie(headers, "late"), "9");
  EXPECT_EQ(find_cookie(headers, "none"), "");
}

class WebSocketTest : public testing::Test {
 protected:
  WebSocketTest() {
    request.headers.add("Connection", "keep-alive, Upgrade");
    request.headers.add("Upgrade", "websocket");
    request.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    request.headers.add("Sec-WebSocket-Version", "13");
  }
  bool wants() const { return wants_websocket(request, body); }

  http::RequestHead request;
  http::BodyLength body;
};

TEST_F(WebSocketTest, AWholeHandshakeIsOne) {
  EXPECT_TRUE(wants());
  request.headers.set(Field::upgrade, "WebSocket");
  EXPECT_TRUE(wants());
}

TEST_F(WebSocketTest, OtherProtocolsAreNotChangedTo) {
  for (const char* protocol : {"h2c", "TLS/1.0", "foo", "websocket2", "", "\"websocket\""}) {
    request.headers.set(Field::upgrade, protocol);
    EXPECT_FALSE(wants()) << protocol;
  }
}

TEST_F(WebSocketTest, HalfAHandshakeIsNone) {
  const http::RequestHead whole = request;
  for (const char* name : {"Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}) {
    request = whole;
    request.headers.remove(name);
    EXPECT_FALSE(wants()) << "without " << name;
  }
  for (const char* key : {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZ!=="}) {
    request = whole;
    request.headers.remove("Sec-WebSocket-Key");
    request.headers.add("Sec-WebSocket-Key", key);
    EXPECT_FALSE(wants()) << key;
  }
  request = whole;
  request.headers.add("Sec-WebSocket-Version", "1337");
  EXPECT_FALSE(wants());
  request = whole;
  request.method = http::Method::post;
  EXPECT_FALSE(wants());
  request = whole;
  request.version = http::Version::http_1_0;
  EXPECT_FALSE(wants());
  request = whole;
  body.kind = http::BodyLength::Kind::unknown;
  EXPECT_FALSE(wants());
}

TEST_F(WebSocketTest, TheOriginMustHaveAgreedToThisProtocol) {
  http::ResponseHead response;
  response.status = 101;
  EXPECT_FALSE(agrees_to_websocket(response));
  response.headers.add("Upgrade", "h2c");
  EXPECT_FALSE(agrees_to_websocket(response));
  response.headers.set(Field::upgrade, "WebSocket");
  EXPECT_TRUE(agrees_to_websocket(response));
}

}  // namespace
}  // namespace tenfold::edge
