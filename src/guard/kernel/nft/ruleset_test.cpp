#include "guard/kernel/nft/ruleset.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tenfold::guard::kernel {

namespace {

using namespace std::chrono_literals;

Prefix nft_prefix(std::string_view text) {
  const auto network = *net::IpNetwork::parse(text);
  return Prefix::of(network.base(), static_cast<std::uint8_t>(network.prefix_bits()));
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(NftRuleset, HasPortsAllowListAndBlocksWithTheirTimes) {
  const ManualClock clock;
  Ruleset ruleset;
  ruleset.ports = {80, 8443};
  ruleset.allowed = {*net::IpNetwork::parse("10.0.0.0/8"), *net::IpNetwork::parse("2001:db8::/32")};
  ruleset.blocks = {{nft_prefix("192.0.2.1"), clock.now() + 60s},
                    {nft_prefix("192.0.2.0/24"), clock.now() + 1ms},
                    {nft_prefix("198.51.100.1"), clock.now()},
                    {nft_prefix("2001:db8:1::/48"), clock.now() + 90s}};
  const std::string text = ruleset.whole(clock.now());
  EXPECT_TRUE(text.starts_with("add table inet tenfold\ndelete table inet tenfold\ntable inet tenfold {")) << text;
  EXPECT_TRUE(has(text, "type inet_service; elements = { 80, 8443 };"));
  EXPECT_TRUE(has(text, "set allowed4 { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/8 };"));
  EXPECT_TRUE(has(text, "elements = { 2001:db8::/32 };"));
  EXPECT_TRUE(has(
      text, "set client4 { type ipv4_addr; size 500000; flags timeout; elements = { 192.0.2.1 timeout 60000ms }; }"))
      << text << "one that is over is left out";
  EXPECT_TRUE(has(text, "elements = { 192.0.2.0 timeout 1ms };"));
  EXPECT_TRUE(has(
      text, "set block6 { type ipv6_addr; size 500000; flags timeout; elements = { 2001:db8:1:: timeout 90000ms }; }"));
}

TEST(NftRuleset, OneThatIsThereIsTakenOutBeforeItIsPutAnew) {
  EXPECT_EQ(put_text(nft_prefix("192.0.2.0/24"), 2s),
            "add element inet tenfold network4 { 192.0.2.0 }\n"
            "delete element inet tenfold network4 { 192.0.2.0 }\n"
            "add element inet tenfold network4 { 192.0.2.0 timeout 2000ms }\n");
  EXPECT_EQ(put_text(nft_prefix("192.0.2.0/25"), 2s), "");
  EXPECT_EQ(take_out_text(nft_prefix("2001:db8::/64")),
            "add element inet tenfold client6 { 2001:db8:: }\ndelete element inet tenfold client6 { 2001:db8:: }\n");
}

TEST(NftRuleset, TheAllowListIsExchangedWhole) {
  EXPECT_EQ(allow_text({*net::IpNetwork::parse("192.0.2.7")}),
            "flush set inet tenfold allowed4\nadd element inet tenfold allowed4 { 192.0.2.7 }\n"
            "flush set inet tenfold allowed6\n");
}

TEST(NftListing, LeadsBackToBlocks) {
  const auto blocks = read_blocks(R"({"nftables": [{"metainfo": {"version": "1.0.6"}},
    {"set": {"family": "inet", "name": "client4", "table": "tenfold", "flags": ["timeout"],
             "elem": [{"elem": {"val": "192.0.2.1", "timeout": 60, "expires": 58}},
                      {"elem": {"val": "192.0.2.2", "timeout": 60, "expires": 0}}, "192.0.2.3", {"elem": {"val": 7}}]}},
    {"set": {"name": "allowed4", "elem": ["192.0.2.9"]}},
    {"set": {"name": "network6", "elem": [{"elem": {"val": "2001:db8:0:100::", "expires": 7}}]}}]})");
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].prefix, nft_prefix("192.0.2.1"));
  EXPECT_EQ(blocks[0].lasts, 58s);
  EXPECT_EQ(blocks[1].prefix, nft_prefix("2001:db8:0:100::/56"));
}

TEST(NftListing, OfSomethingElseIsEmpty) {
  for (const std::string_view text : {"", "{}", "[]", R"({"nftables": 3})", R"({"nftables": [3, {"set": 4}]})"}) {
    EXPECT_TRUE(read_blocks(text).empty()) << text;
  }
  EXPECT_FALSE(read_counts("nonsense"));
}

TEST(NftListing, HasCounts) {
  const auto counts = read_counts(R"({"nftables": [{"counter": {"name": "client", "packets": 3, "bytes": 180}},
    {"counter": {"name": "block", "packets": 1, "bytes": 60}}, {"counter": {"name": "spared", "packets": 9, "bytes": 1}}]})");
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->dropped_packets, (std::array<std::uint64_t, levels>{3, 0, 1}));
  EXPECT_EQ(counts->dropped_bytes, 240U);
  EXPECT_EQ(counts->spared_packets, 9U);
}

}  // namespace

}  // namespace tenfold::guard::kernel
