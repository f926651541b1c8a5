#include "edge/relay/answer_memory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <list>
#include <memory>
#include <vector>

namespace tenfold::edge {
namespace {

constexpr std::uint64_t block = 16 * 1024;
constexpr std::uint64_t mebibyte = 1024 * 1024;

using Share = AnswerMemory::Share;

// Takes as many blocks as there is room for.
std::uint64_t fill(Share& share) {
  std::uint64_t taken = 0;
  for (; share.has_room(block); taken += block) share.add(block);
  return taken;
}

net::IpAddress client(std::uint32_t network, std::uint32_t host = 1) {
  return net::IpAddress::v4(0x0a000000 + network * 256 + host);
}

TEST(AnswerMemory, KeepsNothingWhereNoneIsAllowed) {
  AnswerMemory memory;
  const Share share(memory, client(1));
  EXPECT_FALSE(memory.enabled());
  EXPECT_FALSE(share.has_room(1));
}

TEST(AnswerMemory, OneAnswerHasAMebibyteAtMost) {
  AnswerMemory memory;
  memory.set_bound(64 * mebibyte);
  Share share(memory, client(1));
  EXPECT_TRUE(share.has_room(mebibyte));
  EXPECT_FALSE(share.has_room(mebibyte + 1));
  EXPECT_EQ(fill(share), mebibyte);
  share.give_back(block);
  EXPECT_EQ(fill(share), block);
}

// Whatever the addresses and the answers: a network that is alone has a sixteenth of what it leaves free.
TEST(AnswerMemory, OneNetworkHasASeventeenthAtMost) {
  AnswerMemory memory;
  memory.set_bound(68 * mebibyte);
  std::list<Share> shares;
  std::uint64_t taken = 0;
  for (std::uint32_t host = 1; host < 200; ++host) taken += fill(shares.emplace_back(memory, client(1, host)));
  EXPECT_LE(taken, 4 * mebibyte);
  EXPECT_GT(taken, 4 * mebibyte - 2 * block);
  Share other(memory, client(2));
  EXPECT_EQ(fill(other), mebibyte);
  shares.clear();
  EXPECT_EQ(memory.kept(), mebibyte);
}

TEST(AnswerMemory, ManyNetworksLeaveSomethingForOneMore) {
  AnswerMemory memory;
  memory.set_bound(64 * mebibyte);
  std::list<Share> shares;
  for (std::uint32_t network = 0; network < 64; ++network) {
    for (std::uint32_t host = 1; host < 40; ++host) fill(shares.emplace_back(memory, client(network, host)));
  }
  Share newcomer(memory, client(99));
  EXPECT_GE(fill(newcomer), 4 * block);
  EXPECT_LT(memory.kept(), 64 * mebibyte);
}

TEST(AnswerMemory, ALargerBlockOfIpv6IsOneNetwork) {
  AnswerMemory memory;
  memory.set_bound(17 * mebibyte);
  std::list<Share> shares;
  std::uint64_t taken = 0;
  for (const char* each : {"2001:db8:0:100::1", "2001:db8:0:101::1", "2001:db8:0:1ff::1"}) {
    taken += fill(shares.emplace_back(memory, *net::IpAddress::parse(each)));
  }
  EXPECT_LE(taken, mebibyte);
  Share other(memory, *net::IpAddress::parse("2001:db8:0:200::1"));
  EXPECT_GT(fill(other), mebibyte / 2);
}

}  // namespace
}  // namespace tenfold::edge
