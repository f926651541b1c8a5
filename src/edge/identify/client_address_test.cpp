#include "edge/identify/client_address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.hpp"

namespace tenfold::edge {
namespace {

using net::Endpoint;
using net::IpAddress;
using net::IpNetwork;

std::vector<IpNetwork> networks(std::initializer_list<const char*> texts) {
  std::vector<IpNetwork> parsed;
  for (const char* const text : texts) parsed.push_back(*IpNetwork::parse(text));
  return parsed;
}

IpAddress address(const char* text) { return *IpAddress::parse(text); }

// ---- the table ----

TEST(TrustedNetworks, NobodyIsTrustedByDefault) {
  EXPECT_TRUE(TrustedNetworks().empty());
  EXPECT_FALSE(TrustedNetworks().contains(address("127.0.0.1")));
}

TEST(TrustedNetworks, EndsWhereItsNetworksEnd) {
  const TrustedNetworks trusted(networks({"10.1.0.0/16", "2001:db8::/32", "192.0.2.7"}));

  for (const char* const inside :
       {"10.1.0.0", "10.1.255.255", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "192.0.2.7"}) {
    EXPECT_TRUE(trusted.contains(address(inside))) << inside;
  }
  for (const char* const outside :
       {"10.0.255.255", "10.2.0.0", "2001:db7:ffff::", "2001:db9::", "192.0.2.6", "192.0.2.8", "::", "ffff::"}) {
    EXPECT_FALSE(trusted.contains(address(outside))) << outside;
  }
}

TEST(TrustedNetworks, AllOfIpv6DoesNotTakeInIpv4) {
  const TrustedNetworks trusted(networks({"::/0"}));

  EXPECT_FALSE(trusted.contains(address("0.0.0.0")));
  EXPECT_FALSE(trusted.contains(address("255.255.255.255")));
  EXPECT_TRUE(trusted.contains(address("::fffe:ffff:ffff")));
  EXPECT_TRUE(trusted.contains(address("::1:0:0:0")));
  EXPECT_TRUE(trusted.contains(address("2001:db8::1")));
}

TEST(TrustedNetworks, AgreesWithTheNetworksOneByOne) {
  FastRandom random(20261123);
  for (int round = 0; round < 200; ++round) {
    std::vector<IpNetwork> list;
    for (int i = 0; i < 12; ++i) {
      // Few distinct bits, so that networks touch, nest and repeat.
      const int bits = 24 + static_cast<int>(random.below(9));
      const auto value = static_cast<std::uint32_t>(0x0a000000 | random.below(1024));
      const std::uint32_t mask = ~std::uint32_t{0} << (32 - bits);
      list.push_back(*IpNetwork::parse(IpAddress::v4(value & mask).text() + "/" + std::to_string(bits)));
    }
    const TrustedNetworks trusted(list);
    for (int i = 0; i < 100; ++i) {
      const IpAddress probe = IpAddress::v4(static_cast<std::uint32_t>(0x09ffff80 + random.below(1400)));
      const bool expected = std::ranges::any_of(list, [&](const IpNetwork& one) { return one.contains(probe); });
      ASSERT_EQ(trusted.contains(probe), expected) << probe.text();
    }
  }
}

// ---- who the client is ----

struct Line {
  const char* name;
  std::string value;
};

ClientFacts facts(std::vector<Line> lines, const char* peer = "10.0.0.1:5000", Scheme connection = Scheme::http) {
  static const TrustedNetworks trusted(networks({"10.0.0.0/8", "2001:db8:aaaa::/48"}));
  http::Headers headers;
  headers.add("Host", "shop.example");
  for (const Line& line : lines) headers.add(line.name, line.value);
  return client_facts(trusted, *Endpoint::parse(peer), connection, headers);
}

std::string client(std::vector<Line> lines, const char* peer = "10.0.0.1:5000") {
  const ClientFacts found = facts(std::move(lines), peer);
  return Endpoint{found.address, found.port}.text();
}

TEST(ClientFacts, AStrangerIsNotBelieved) {
  const ClientFacts found = facts({{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-Proto", "https"}}, "203.0.113.9:77");

  EXPECT_EQ(found.address.text(), "203.0.113.9");
  EXPECT_EQ(found.port, 77);
  EXPECT_EQ(found.source, ClientSource::connection);
  EXPECT_EQ(found.scheme, Scheme::http);
}

TEST(ClientFacts, ATrustedPeerWithoutAFieldIsTheClient) {
  const ClientFacts found = facts({});

  EXPECT_EQ(found.address.text(), "10.0.0.1");
  EXPECT_EQ(found.port, 5000);
  EXPECT_EQ(found.source, ClientSource::connection);
}

TEST(ClientFacts, TheRightmostUntrustedAddressIsTheClient) {
  EXPECT_EQ(client({{"X-Forwarded-For", "192.0.2.1"}}), "192.0.2.1:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1, 192.0.2.1"}}), "192.0.2.1:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1, 192.0.2.1, 10.9.9.9,10.8.8.8"}}), "192.0.2.1:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "192.0.2.1 , 2001:db8:aaaa::5"}}), "192.0.2.1:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "10.9.9.9, 10.8.8.8"}}), "10.9.9.9:0");
}

TEST(ClientFacts, SeveralLinesAreOneList) {
  EXPECT_EQ(client({{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "192.0.2.1, 10.2.2.2"}}), "192.0.2.1:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "192.0.2.1"}, {"X-Forwarded-For", "10.2.2.2"}}), "192.0.2.1:0");
}

TEST(ClientFacts, PortsAndBracketsAreRead) {
  EXPECT_EQ(client({{"X-Forwarded-For", "192.0.2.1:4711"}}), "192.0.2.1:4711");
  EXPECT_EQ(client({{"X-Forwarded-For", "2001:db8::1"}}), "[2001:db8::1]:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "[2001:db8::1]"}}), "[2001:db8::1]:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "[2001:db8::1]:4711"}}), "[2001:db8::1]:4711");
}

TEST(ClientFacts, WhatIsNoAddressEndsTheWalkAtTheProxyThatWroteIt) {
  for (const char* const element : {"unknown", "_hidden", "shop.example", "192.0.2.256", "192.0.2.1:", "192.0.2.1:x",
                                    "192.0.2.1:65536", "[::1", "[]", "[192.0.2.1]", "[::1]x", "\"192.0.2.1\"",
                                    "192.0.2.1 192.0.2.2", "1:2:3:4:5:6:7:8:9", ":", "for=192.0.2.1"}) {
    EXPECT_EQ(client({{"X-Forwarded-For", std::string("192.0.2.1, ") + element + ", 10.7.7.7"}}), "10.7.7.7:0")
        << element;
    EXPECT_EQ(client({{"X-Forwarded-For", element}}), "10.0.0.1:5000") << element;
  }
}

TEST(ClientFacts, EmptyElementsAreSkipped) {
  EXPECT_EQ(client({{"X-Forwarded-For", ", 192.0.2.1,, ,10.7.7.7,"}}), "192.0.2.1:0");
  EXPECT_EQ(client({{"X-Forwarded-For", ""}}), "10.0.0.1:5000");
}

TEST(ClientFacts, AChainIsFollowedForThirtyTwoElements) {
  const auto chain = [](int proxies) {
    std::string list = "192.0.2.1";
    for (int i = 1; i <= proxies; ++i) list += ", 10.0.1." + std::to_string(i);
    return list;
  };
  EXPECT_EQ(client({{"X-Forwarded-For", chain(31)}}), "192.0.2.1:0");
  EXPECT_EQ(client({{"X-Forwarded-For", chain(32)}}), "10.0.1.1:0");
  EXPECT_EQ(client({{"X-Forwarded-For", "192.0.2.1" + std::string(32, ',') + "10.7.7.7"}}), "10.7.7.7:0");
}

// ---- Forwarded ----

TEST(Forwarded, ReadsTheFormsOfItsRfc) {
  EXPECT_EQ(client({{"Forwarded", "for=192.0.2.43"}}), "192.0.2.43:0");
  EXPECT_EQ(client({{"Forwarded", "For=\"192.0.2.43:47011\";proto=http;by=203.0.113.43"}}), "192.0.2.43:47011");
  EXPECT_EQ(client({{"Forwarded", "by=_x ; FOR=\"[2001:db8:cafe::17]:4711\""}}), "[2001:db8:cafe::17]:4711");
  EXPECT_EQ(client({{"Forwarded", "for=\"[2001:db8:cafe::17]\""}}), "[2001:db8:cafe::17]:0");
  EXPECT_EQ(client({{"Forwarded", "for=\"192.0.2.43:_secret\""}}), "192.0.2.43:0");
  EXPECT_EQ(client({{"Forwarded", "for=\"192\\.0.2.43\""}}), "192.0.2.43:0");
}

TEST(Forwarded, IsFollowedFromTheRightAcrossLinesAndQuotedCommas) {
  EXPECT_EQ(client({{"Forwarded", "for=1.1.1.1, for=192.0.2.43, for=10.1.1.1"}}), "192.0.2.43:0");
  EXPECT_EQ(client({{"Forwarded", "for=1.1.1.1"}, {"Forwarded", "for=192.0.2.43"}, {"Forwarded", "for=10.1.1.1"}}),
            "192.0.2.43:0");
  EXPECT_EQ(client({{"Forwarded", "for=192.0.2.43, for=10.1.1.1;x=\"a, for=6.6.6.6; b\\\"\""}}), "192.0.2.43:0");
}

TEST(Forwarded, WhatTellsNoAddressEndsTheWalk) {
  for (const char* const element : {"for=unknown", "for=_gazonk", "proto=https", "for=\"192.0.2.43", "for", "for=",
                                    "for=192.0.2.1;for=192.0.2.2", "for=192.0.2.1;junk", "for=\"192.0.2.1\"x"}) {
    EXPECT_EQ(
        client({{"Forwarded", std::string("for=1.1.1.1")}, {"Forwarded", element}, {"Forwarded", "for=10.1.1.1"}}),
        "10.1.1.1:0")
        << element;
  }
}

TEST(Forwarded, CountsOnlyWithoutXForwardedFor) {
  EXPECT_EQ(client({{"Forwarded", "for=192.0.2.43"}, {"X-Forwarded-For", "192.0.2.1"}}), "192.0.2.1:0");
}

TEST(Forwarded, AChainIsFollowedForThirtyTwoElements) {
  const auto chain = [](int proxies) {
    std::string list = "for=192.0.2.1";
    for (int i = 1; i <= proxies; ++i) list += ", for=10.0.1." + std::to_string(i);
    return list;
  };
  EXPECT_EQ(client({{"Forwarded", chain(31)}}), "192.0.2.1:0");
  EXPECT_EQ(client({{"Forwarded", chain(32)}}), "10.0.1.1:0");
}

// ---- the scheme ----

TEST(ClientScheme, IsTheConnectionsUnlessATrustedProxySaysOtherwise) {
  EXPECT_EQ(facts({}, "10.0.0.1:1", Scheme::https).scheme, Scheme::https);
  EXPECT_EQ(facts({{"X-Forwarded-Proto", "HTTPS"}}).scheme, Scheme::https);
  EXPECT_EQ(facts({{"X-Forwarded-Proto", "http"}}, "10.0.0.1:1", Scheme::https).scheme, Scheme::http);
  EXPECT_EQ(facts({{"X-Forwarded-Proto", "gopher"}}, "10.0.0.1:1", Scheme::https).scheme, Scheme::https);
}

TEST(ClientScheme, IsWhatTheProxyThatSawTheClientSays) {
  // given a client that claims http, a first proxy that saw https and a second that was reached over http
  const std::vector<Line> lines = {{"X-Forwarded-For", "1.1.1.1, 192.0.2.1, 10.1.1.1"},
                                   {"X-Forwarded-Proto", "http, https, http"}};
  EXPECT_EQ(facts(lines).scheme, Scheme::https);
  // and one that passes a single value on
  EXPECT_EQ(facts({{"X-Forwarded-For", "192.0.2.1, 10.1.1.1"}, {"X-Forwarded-Proto", "https"}}).scheme, Scheme::https);
}

TEST(ClientScheme, ComesFromForwardedToo) {
  EXPECT_EQ(facts({{"Forwarded", "for=192.0.2.1;proto=https, for=10.1.1.1;proto=http"}}).scheme, Scheme::https);
  EXPECT_EQ(facts({{"Forwarded", "proto=https"}}).scheme, Scheme::https);
  EXPECT_EQ(facts({{"Forwarded", "for=192.0.2.1"}, {"X-Forwarded-Proto", "https"}}).scheme, Scheme::https);
}

}  // namespace
}  // namespace tenfold::edge
