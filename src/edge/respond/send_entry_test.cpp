// Who is sent what is stored while others read slowly: the edge in a simulated network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <string>

#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::HasSubstr;

// Room for four pages that are being sent; a client's share is one.
class SendEntryTest : public EdgeTest {
 protected:
  SendEntryTest() {
    cache_options.memory_bytes = 4'000'000;
    world.add_server(1);
    start(World::one_pool(1));
    world.server(1).behaviour = [this](const Asked& asked) {
      return cacheable(large, asked.target().starts_with("/brief") ? "max-age=1" : "max-age=3600");
    };
  }
  ~SendEntryTest() override {
    world.network.run_until([&] { return visitors.running() == 0; }, 10min);
  }
  static std::string get_of(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
  }
  // Takes nothing for so long, of a page that is in the cache.
  Idler& read_slowly(net::Loop& client, const std::string& target, Duration idles) {
    get(target);
    Idler& idler = idlers.emplace_back();
    visitors.spawn(idle(client, server->local(), get_of(target), idles, AfterIdling::reads, idler));
    world.network.advance(50ms);
    return idler;
  }
  void attack() {
    for (int i = 0; i < 6; ++i) read_slowly(attacker, "/large?" + std::to_string(i), 5min);
  }
  bool whole(const Idler& idler) const { return idler.received.ends_with("\r\n\r\n" + large); }

  net::sim::SimLoop& attacker = world.network.make_loop(net::IpAddress::v4(0xc6336408));
  const std::string large = std::string(450'000, 'x');
  std::list<Idler> idlers;
};

TEST_F(SendEntryTest, AnotherClientsSlowReadersCutNobodyWhosePageIsForgotten) {
  attack();
  Idler& honest = read_slowly(people, "/page", 5s);
  ask("POST /page HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  world.network.advance(6s);
  EXPECT_TRUE(whole(honest)) << honest.received.size();
  EXPECT_EQ(metrics.broken_answers.value(), 0u);
}

TEST_F(SendEntryTest, AnotherClientsSlowReadersCutNobodyWhosePageIsRenewed) {
  attack();
  Idler& honest = read_slowly(people, "/brief", 5s);
  world.network.advance(3s);
  get("/brief");
  world.network.advance(3s);
  EXPECT_TRUE(whole(honest)) << honest.received.size();
}

TEST_F(SendEntryTest, AnotherClientsSlowReadersCutNobodyWhosePageWouldBeEvicted) {
  attack();
  Idler& honest = read_slowly(people, "/page", 5s);
  for (int i = 0; i < 20; ++i) get("/other?" + std::to_string(i));
  EXPECT_GT(cache->snapshot().evictions, 0u);
  world.network.advance(6s);
  EXPECT_TRUE(whole(honest)) << honest.received.size();
}

// It holds its share: its next ones go out in copies, which the log tells of when they cannot go on.
TEST_F(SendEntryTest, WhoHasTooManyIsCutWhenItsPageIsForgottenAndTheLogSaysSo) {
  attack();
  Idler& last = read_slowly(attacker, "/page", 5s);
  const std::uint32_t told = site->complaints.told();
  ask("POST /page HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  world.network.advance(6s);
  EXPECT_TRUE(last.done);
  EXPECT_FALSE(whole(last));
  EXPECT_EQ(metrics.broken_answers.value(), 1u);
  EXPECT_EQ(site->complaints.told(), told + 1);
}

// Many addresses hold all of it, each its share: who reads slowest is cut, and the log says so.
TEST_F(SendEntryTest, WhoTakesNothingIsCutForWhoComesNew) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    net::sim::SimLoop& one = world.network.make_loop(net::IpAddress::v4(0xc6336410 + i));
    read_slowly(one, "/large?" + std::to_string(i), 5min);
  }
  world.network.advance(25s);
  EXPECT_EQ(metrics.broken_answers.value(), 0u);
  Idler& honest = read_slowly(people, "/page", 5s);
  world.network.advance(2s);
  EXPECT_GE(metrics.broken_answers.value(), 1u);
  EXPECT_GE(site->complaints.told(), 1u);
  ask("POST /page HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  world.network.advance(5s);
  EXPECT_TRUE(whole(honest)) << honest.received.size();
}

}  // namespace
}  // namespace tenfold::edge
