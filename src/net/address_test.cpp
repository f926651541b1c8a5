#include "net/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/random.hpp"

namespace tenfold::net {
namespace {

IpAddress address(std::string_view text) {
  const auto parsed = IpAddress::parse(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(IpAddress());
}

TEST(IpAddress, reads_and_writes_v4) {
  for (const char* text : {"0.0.0.0", "127.0.0.1", "9.10.99.100", "255.255.255.255", "192.0.2.1"}) {
    EXPECT_EQ(address(text).text(), text);
    EXPECT_TRUE(address(text).is_v4());
  }
  EXPECT_EQ(address("1.2.3.4").v4_host_order(), 0x01020304u);
  EXPECT_EQ(IpAddress::v4(0x01020304), address("1.2.3.4"));
}

TEST(IpAddress, writes_v6_as_rfc_5952) {
  const std::pair<const char*, const char*> cases[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:DB8::1", "2001:db8::1"},
      {"2001:0db8:0:0:0:0:0:1", "2001:db8::1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // 4.2.2: a single zero group is not shortened
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // 4.2.3: the longest run
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // 4.2.3: the first of equal runs
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
  };
  for (const auto& [in, out] : cases) {
    EXPECT_EQ(address(in).text(), out);
    EXPECT_FALSE(address(in).is_v4());
  }
}

TEST(IpAddress, takes_the_mapped_form_for_v4) {
  EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1"));
  EXPECT_EQ(address("::ffff:c000:201").text(), "192.0.2.1");
}

TEST(IpAddress, refuses_what_readers_could_disagree_about) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {""sv,
                                      "1.2.3"sv,
                                      "1.2.3.4.5"sv,
                                      "1.2.3.256"sv,
                                      "1.2.3.04"sv,
                                      "1.2.3.-4"sv,
                                      "1.2.3.+4"sv,
                                      " 1.2.3.4"sv,
                                      "1.2.3.4 "sv,
                                      "1.2.3.4\0"sv,
                                      "1..3.4"sv,
                                      "1.2.3."sv,
                                      "0x1.2.3.4"sv,
                                      "16909060"sv,
                                      ":"sv,
                                      ":::"sv,
                                      "1::2::3"sv,
                                      "12345::"sv,
                                      "::1%lo"sv,
                                      "[::1]"sv,
                                      "1:2:3:4:5:6:7"sv,
                                      "1:2:3:4:5:6:7:8:9"sv,
                                      "::1\0"sv,
                                      "localhost"sv}) {
    const auto parsed = IpAddress::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
  EXPECT_LT(IpAddress::parse(std::string(100'000, 'a')).error().detail.size(), 200u);
}

TEST(IpAddress, knows_loopback) {
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1"}) EXPECT_TRUE(address(text).is_loopback()) << text;
  for (const char* text : {"126.255.255.255", "128.0.0.0", "::", "::2", "1::1"}) {
    EXPECT_FALSE(address(text).is_loopback()) << text;
  }
}

TEST(IpAddress, text_agrees_with_the_system_on_random_addresses) {
  FastRandom random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::array<std::uint8_t, 16> bytes{};
    // Many zero groups, so that runs of all lengths and places occur.
    for (int group = 0; group < 8; ++group) {
      if (random.below(2) != 0) bytes[2 * group] = static_cast<std::uint8_t>(random.next());
      if (random.below(2) != 0) bytes[2 * group + 1] = static_cast<std::uint8_t>(random.next());
    }
    bytes[0] |= 1;  // inet_ntop writes ::a.b.c.d with dots
    char expected[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, bytes.data(), expected, sizeof expected);
    const IpAddress subject = IpAddress::from_bytes(bytes);
    ASSERT_EQ(subject.text(), expected);
    ASSERT_EQ(address(expected), subject);
  }
}

TEST(IpNetwork, contains_up_to_its_last_address) {
  const auto network = IpNetwork::parse("10.4.0.0/14");
  ASSERT_TRUE(network);
  EXPECT_FALSE(network->contains(address("10.3.255.255")));
  EXPECT_TRUE(network->contains(address("10.4.0.0")));
  EXPECT_TRUE(network->contains(address("10.7.255.255")));
  EXPECT_FALSE(network->contains(address("10.8.0.0")));
  EXPECT_EQ(network->text(), "10.4.0.0/14");
}

TEST(IpNetwork, contains_v6_across_byte_borders) {
  const auto network = IpNetwork::parse("2001:db8:8000::/33");
  ASSERT_TRUE(network);
  EXPECT_TRUE(network->contains(address("2001:db8:ffff::1")));
  EXPECT_FALSE(network->contains(address("2001:db8:7fff::1")));
  EXPECT_EQ(network->text(), "2001:db8:8000::/33");
}

TEST(IpNetwork, all_of_one_family_leaves_out_the_other) {
  EXPECT_TRUE(IpNetwork::parse("0.0.0.0/0")->contains(address("8.8.8.8")));
  EXPECT_FALSE(IpNetwork::parse("0.0.0.0/0")->contains(address("2001:db8::1")));
  EXPECT_TRUE(IpNetwork::parse("::/0")->contains(address("2001:db8::1")));
  EXPECT_FALSE(IpNetwork::parse("::/0")->contains(address("8.8.8.8")));
  EXPECT_EQ(IpNetwork::parse("0.0.0.0/0")->text(), "0.0.0.0/0");
  EXPECT_EQ(IpNetwork::parse("::/0")->text(), "::/0");
}

TEST(IpNetwork, a_bare_address_is_a_block_of_one) {
  const auto network = IpNetwork::parse("192.0.2.7");
  ASSERT_TRUE(network);
  EXPECT_TRUE(network->contains(address("192.0.2.7")));
  EXPECT_FALSE(network->contains(address("192.0.2.6")));
  EXPECT_EQ(network->text(), "192.0.2.7");
  EXPECT_EQ(*network, *IpNetwork::parse("192.0.2.7/32"));
}

TEST(IpNetwork, refuses_bad_prefixes_and_says_what_was_meant) {
  for (const char* text :
       {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "::/129", "/8", "10.0.0.0/8/8", "10/8"}) {
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
  }
  const auto loose = IpNetwork::parse("192.168.1.7/24");
  ASSERT_FALSE(loose);
  EXPECT_NE(loose.error().detail.find("192.168.1.0/24"), std::string::npos) << loose.error().detail;
}

TEST(Endpoint, reads_and_writes_both_families) {
  for (const char* text : {"127.0.0.1:80", "0.0.0.0:0", "[::1]:443", "[2001:db8::1]:65535"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->text(), text);
  }
}

TEST(Endpoint, refuses_what_is_not_one) {
  for (const char* text :
       {"", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:080", "::1:80", "[::1]", "[::1]80",
        "[127.0.0.1]:80", "[]:80", "[::1:80", "localhost:80", "127.0.0.1:http"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_EQ(endpoint.error().code, Errc::invalid);
  }
}

TEST(Endpoint, passes_through_socket_addresses) {
  for (const char* text : {"192.0.2.1:8080", "[2001:db8::5]:53"}) {
    const Endpoint endpoint = *Endpoint::parse(text);
    sockaddr_storage storage;
    const socklen_t length = endpoint.to(storage);
    EXPECT_EQ(length, endpoint.address.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    EXPECT_EQ(Endpoint::from(storage), endpoint);
  }
}

TEST(Endpoint, a_mapped_socket_address_is_v4) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(80);
  inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr);
  sockaddr_storage storage{};
  std::memcpy(&storage, &v6, sizeof v6);
  EXPECT_EQ(Endpoint::from(storage).text(), "192.0.2.1:80");
}

}  // namespace
}  // namespace tenfold::net
