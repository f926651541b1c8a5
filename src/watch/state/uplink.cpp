#include "watch/state/uplink.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenfold::watch {

UplinkVerdict judge_uplink(const std::vector<CheckResult>& anchors, const UplinkVerdict& before, WallTime now) {
  const bool down = !anchors.empty() && std::ranges::all_of(anchors, [](const CheckResult& anchor) {
    return anchor.outcome == CheckResult::Outcome::failed;
  });
  if (down && before.down) return before;
  if (down) {
    return {.down = true,
            .since = now,
            .why = anchors.size() == 1
                       ? fmt::format("the anchor does not answer: {}", anchors.front().what)
                       : fmt::format("none of {} anchors answers: {}", anchors.size(), anchors.front().what)};
  }
  if (before.down) return {.down = false, .since = now, .why = "an anchor answers again"};
  return before;
}

namespace {

bool is_near(std::uint32_t address) {
  struct Network {
    std::uint32_t prefix;
    int bits;
  };
  static constexpr std::array<Network, 6> near{
      {{0x7f000000, 8}, {0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}, {0x64400000, 10}, {0xa9fe0000, 16}}};
  return std::ranges::any_of(near, [address](Network network) {
    return (address >> (32 - network.bits)) == (network.prefix >> (32 - network.bits));
  });
}

bool is_near(const in6_addr& address) {
  if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_LINKLOCAL(&address)) return true;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    const unsigned char* const v4 = &address.s6_addr[12];
    return is_near(std::uint32_t{v4[0]} << 24 | std::uint32_t{v4[1]} << 16 | std::uint32_t{v4[2]} << 8 | v4[3]);
  }
  return (address.s6_addr[0] & 0xfe) == 0xfc;
}

}  // namespace

bool needs_uplink(const CheckResult& failure) {
  using enum CheckResult::Cause;
  if (failure.outcome == CheckResult::Outcome::good) return false;
  switch (failure.cause) {
    case name:
    case connect:
    case timeout:
    case tls:
    case protocol: break;
    // These need an answer to be there at all, and a heartbeat comes in.
    case none:
    case certificate:
    case status:
    case content:
    case heartbeat: return false;
  }
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, failure.address.c_str(), &v4) == 1) return !is_near(ntohl(v4.s_addr));
  if (inet_pton(AF_INET6, failure.address.c_str(), &v6) == 1) return !is_near(v6);
  return true;
}

}  // namespace tenfold::watch
