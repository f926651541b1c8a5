#include "edge/access_log/access_ring.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "base/random.hpp"

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;

AccessEntry full_entry() {
  AccessEntry entry;
  entry.at = WallTime(1'763'888'760s);
  entry.client = *net::IpAddress::parse("2001:db8::7");
  entry.client_port = 40001;
  entry.status = 206;
  entry.worker = 3;
  entry.attempts = 2;
  entry.version = http::Version::http_2;
  entry.guard = GuardAnswer::queue_full;
  entry.body_bytes = 5'000'000'000;
  entry.duration = 1234567ns;
  entry.origin_time = 1000000ns;
  entry.method = "GET";
  entry.target = "/hose?size=20";
  entry.host = "shop.example";
  entry.referer = "https://shop.example/";
  entry.user_agent = "Mozilla/5.0";
  entry.origin_server = "127.0.0.1:9001";
  entry.cache = "miss";
  entry.tls = "TLSv1.3";
  entry.request_id = "f00d";
  entry.rehearsal = "run-7";
  return entry;
}

TEST(AccessRing, GivesBackWhatWasPushed) {
  AccessRing ring(0);
  const AccessEntry pushed = full_entry();
  ASSERT_EQ(ring.push(pushed), AccessRing::Pushed::stored);

  AccessEntry read;
  ASSERT_TRUE(ring.next(read));

  EXPECT_EQ(read.at, pushed.at);
  EXPECT_EQ(read.client, pushed.client);
  EXPECT_EQ(read.client_port, 40001);
  EXPECT_EQ(read.status, 206);
  EXPECT_EQ(read.worker, 3);
  EXPECT_EQ(read.attempts, 2);
  EXPECT_EQ(read.version, http::Version::http_2);
  EXPECT_EQ(read.guard, GuardAnswer::queue_full);
  EXPECT_EQ(read.body_bytes, 5'000'000'000u);
  EXPECT_EQ(read.duration, 1234567ns);
  EXPECT_EQ(read.origin_time, 1000000ns);
  EXPECT_EQ(read.method, "GET");
  EXPECT_EQ(read.target, "/hose?size=20");
  EXPECT_EQ(read.host, "shop.example");
  EXPECT_EQ(read.referer, "https://shop.example/");
  EXPECT_EQ(read.user_agent, "Mozilla/5.0");
  EXPECT_EQ(read.origin_server, "127.0.0.1:9001");
  EXPECT_EQ(read.cache, "miss");
  EXPECT_EQ(read.tls, "TLSv1.3");
  EXPECT_EQ(read.request_id, "f00d");
  EXPECT_EQ(read.rehearsal, "run-7");
  EXPECT_FALSE(ring.next(read));
}

TEST(AccessRing, CapacityIsAPowerOfTwo) {
  EXPECT_EQ(AccessRing(0).capacity_bytes(), AccessRing::smallest_bytes);
  EXPECT_EQ(AccessRing(1 << 20).capacity_bytes(), 1u << 20);
  EXPECT_EQ(AccessRing((1 << 20) + 1).capacity_bytes(), 1u << 21);
}

TEST(AccessRing, TextsAreCutAtTheirLimit) {
  AccessRing ring(0);
  const std::string at_limit(AccessEntry::longest_text_bytes, 't');
  const std::string over = at_limit + "x";
  AccessEntry entry;
  entry.target = at_limit;
  entry.referer = over;
  ring.push(entry);

  AccessEntry read;
  ASSERT_TRUE(ring.next(read));

  EXPECT_EQ(read.target, at_limit);
  EXPECT_EQ(read.referer, at_limit);
}

TEST(AccessRing, AFullRingDropsTheNewAndKeepsTheOld) {
  AccessRing ring(0);
  AccessEntry entry;
  entry.target = "first";
  ring.push(entry);
  entry.target = "later";
  int stored = 1;
  while (ring.push(entry) == AccessRing::Pushed::stored) ++stored;
  EXPECT_EQ(ring.dropped(), 1u);
  // All are equally long, and fill the ring but for less than one of them.
  EXPECT_GT(ring.used_bytes() + ring.used_bytes() / stored, ring.capacity_bytes());

  // when one is read but not released, there is no room yet
  AccessEntry read;
  ASSERT_TRUE(ring.next(read));
  EXPECT_EQ(read.target, "first");
  EXPECT_EQ(ring.push(entry), AccessRing::Pushed::dropped);
  ring.release();
  EXPECT_EQ(ring.push(entry), AccessRing::Pushed::stored);

  int rest = 0;
  while (ring.next(read)) ++rest;
  EXPECT_EQ(rest, stored);
  EXPECT_EQ(ring.dropped(), 2u);
}

TEST(AccessRing, EntriesOfAllSizesSurviveManyTurns) {
  AccessRing ring(0);
  FastRandom random(77);
  const std::string text(AccessEntry::longest_text_bytes, 'a');
  std::uint64_t pushed = 0;
  std::uint64_t read_count = 0;
  AccessEntry read;
  while (read_count < 20'000) {
    for (std::uint64_t burst = random.below(40); burst > 0; --burst) {
      AccessEntry entry;
      entry.body_bytes = pushed;
      const std::size_t longest = random.below(20) == 0 ? text.size() : 200;
      entry.target = std::string_view(text).substr(0, random.below(longest + 1));
      entry.duration = Duration(static_cast<std::int64_t>(entry.target.size()));
      if (ring.push(entry) == AccessRing::Pushed::stored) ++pushed;
    }
    for (std::uint64_t burst = random.below(40); burst > 0 && ring.next(read); --burst) {
      ASSERT_EQ(read.body_bytes, read_count++);
      ASSERT_EQ(read.target.size(), static_cast<std::size_t>(read.duration.count()));
      ASSERT_EQ(read.target.find_first_not_of('a'), std::string_view::npos);
    }
    ring.release();
  }
}

// For the thread sanitizer, and for order: what is read is what was pushed, in that order, without gaps but the drops.
TEST(AccessRing, TwoThreadsSeeOneSequence) {
  AccessRing ring(0);
  constexpr std::uint64_t total = 200'000;
  std::atomic<bool> done = false;
  std::thread worker([&] {
    std::string text;
    for (std::uint64_t i = 0; i < total; ++i) {
      text.assign(i % 300, static_cast<char>('a' + i % 26));
      AccessEntry entry;
      entry.body_bytes = i;
      entry.user_agent = text;
      ring.push(entry);
    }
    done = true;
  });
  std::uint64_t read_count = 0;
  std::uint64_t next_expected = 0;
  std::uint64_t faults = 0;
  AccessEntry read;
  for (bool last = false; !last;) {
    last = done;
    while (ring.next(read)) {
      ++read_count;
      const std::uint64_t i = read.body_bytes;
      if (i < next_expected || read.user_agent.size() != i % 300) ++faults;
      if (!read.user_agent.empty() && read.user_agent.back() != static_cast<char>('a' + i % 26)) ++faults;
      next_expected = i + 1;
      if (read_count % 64 == 0) ring.release();
    }
    ring.release();
  }
  worker.join();
  EXPECT_EQ(faults, 0u);
  EXPECT_EQ(read_count + ring.dropped(), total);
}

}  // namespace
}  // namespace tenfold::edge
