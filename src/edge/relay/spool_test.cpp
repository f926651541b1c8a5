// An answer whose client is slow is taken into memory, so that its place at the origin is free: the edge in a simulated
// network.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

constexpr std::int64_t mib = 1024 * 1024;

class SpoolTest : public EdgeTest {
 protected:
  ~SpoolTest() override {
    world.network.run_until([&] { return visitors.running() == 0; }, 10min);
  }
  void start_with(std::uint64_t memory_bytes) {
    world.add_server(1);
    start(World::one_pool(1));
    site->answer_memory.set_bound(memory_bytes);
  }
  std::uint32_t taken() const { return world.snapshot_of(1).active; }
  std::int64_t kept() const { return metrics.answer_memory_bytes.value(); }
  static std::string get_of(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
  }
  // Asks, reads nothing for so long, and then to the end; from a client of that number, 256 to a network.
  Idler& idle_from(std::uint32_t client, Duration idles = 20s, AfterIdling then = AfterIdling::reads) {
    auto& loop = clients[client];
    if (loop == nullptr) loop = &world.network.make_loop(net::IpAddress::v4(0xc6330000 + client));
    Idler& idler = idlers.emplace_back();
    visitors.spawn(idle(*loop, server->local(), get_of("/page"), idles, then, idler));
    return idler;
  }
  void answer_with(Answer answer) {
    world.server(1).behaviour = [answer](const Asked&) { return answer; };
  }
  static std::string text_of(std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i) + ' ';
    text.resize(bytes);
    return text;
  }
  // In chunks of up to so many bytes.
  static std::string chunked(const std::string& body, std::size_t most, const std::string& trailers = "") {
    std::string raw = "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += most) {
      const std::string part = body.substr(at, most);
      raw += hex_of(part.size()) + "\r\n" + part + "\r\n";
    }
    return raw + "0\r\n" + trailers + "\r\n";
  }
  static std::string hex_of(std::size_t value) {
    std::string digits;
    for (; value > 0; value /= 16) digits.insert(digits.begin(), "0123456789abcdef"[value % 16]);
    return digits;
  }
  // The body of a chunked response.
  static std::string unchunked(const std::string& response) {
    std::string body;
    std::size_t at = response.find("\r\n\r\n") + 4;
    while (at < response.size()) {
      const std::size_t size = std::stoul(response.substr(at), nullptr, 16);
      at = response.find("\r\n", at) + 2;
      if (size == 0) break;
      body += response.substr(at, size);
      at += size + 2;
    }
    return body;
  }

  std::map<std::uint32_t, net::Loop*> clients;
  std::list<Idler> idlers;
};

TEST_F(SpoolTest, APageThatNobodyReadsKeepsNoPlace) {
  start_with(64 * mib);
  const std::string page = text_of(600'000);
  answer_with({.body = page, .fields = "Cache-Control: no-store\r\n"});
  Idler& slow = idle_from(1);
  world.network.advance(1s);
  EXPECT_EQ(taken(), 0u);
  EXPECT_EQ(metrics.spooled_answers.value(), 1u);
  EXPECT_GT(kept(), 0);
  EXPECT_LE(kept(), mib);
  world.network.advance(30s);
  EXPECT_TRUE(slow.received.ends_with(page));
  EXPECT_EQ(kept(), 0);
  EXPECT_EQ(site->answer_memory.kept(), 0u);
}

TEST_F(SpoolTest, APageWithoutALengthKeepsNoPlaceAndHasItsTrailers) {
  start_with(64 * mib);
  const std::string page = text_of(500'000);
  answer_with({.raw = chunked(page, 100'000, "X-Sum: 1\r\n")});
  Idler& slow = idle_from(1);
  world.network.advance(1s);
  EXPECT_EQ(taken(), 0u);
  get("/other");  // its answer lies where the trailers were
  world.network.advance(30s);
  EXPECT_EQ(unchunked(slow.received), page);
  EXPECT_TRUE(slow.received.ends_with("\r\n0\r\nX-Sum: 1\r\n\r\n"));
  EXPECT_EQ(kept(), 0);
}

TEST_F(SpoolTest, WhoReadsAtOnceIsPassedOnToDirectly) {
  start_with(64 * mib);
  const std::string page = text_of(900'000);
  answer_with({.body = page, .fields = "Cache-Control: no-store\r\n"});
  EXPECT_TRUE(get("/page").ends_with(page));
  EXPECT_EQ(metrics.spooled_answers.value(), 0u);
}

TEST_F(SpoolTest, ADownloadStaysAtTheOrigin) {
  start_with(64 * mib);
  const std::string film = text_of(2'000'000);
  answer_with({.body = film, .fields = "Cache-Control: no-store\r\n"});
  Idler& slow = idle_from(1);
  world.network.advance(5s);
  EXPECT_EQ(taken(), 1u);
  EXPECT_EQ(kept(), 0);
  world.network.advance(30s);
  EXPECT_TRUE(slow.received.ends_with(film));
}

TEST_F(SpoolTest, ADownloadWithoutALengthTakesNoMoreThanItsBound) {
  start_with(64 * mib);
  const std::string film = text_of(3'000'000);
  answer_with({.raw = chunked(film, 16'000)});
  Idler& slow = idle_from(1);
  for (int i = 0; i < 15; ++i) {
    world.network.advance(1s);
    EXPECT_EQ(taken(), 1u);
    EXPECT_LE(kept(), mib);
  }
  EXPECT_GT(kept(), mib / 2);
  world.network.advance(60s);
  EXPECT_EQ(unchunked(slow.received), film);
  EXPECT_EQ(kept(), 0);
}

TEST_F(SpoolTest, AStreamOfEventsIsNotKept) {
  start_with(64 * mib);
  answer_with({.then = Answer::Then::close,
               .raw = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n" + text_of(800'000)});
  idle_from(1);
  world.network.advance(5s);
  EXPECT_EQ(metrics.spooled_answers.value(), 0u);
  EXPECT_EQ(taken(), 1u);
}

TEST_F(SpoolTest, WhoLeavesTakesNothingAlong) {
  start_with(64 * mib);
  answer_with({.raw = chunked(text_of(3'000'000), 16'000)});
  idle_from(1, 5s, AfterIdling::leaves);
  world.network.advance(2s);
  EXPECT_EQ(taken(), 1u);
  EXPECT_GT(kept(), 0);
  world.network.advance(10s);
  EXPECT_EQ(taken(), 0u);
  EXPECT_EQ(kept(), 0);
}

// At a time at which the origin is waited for.
TEST_F(SpoolTest, WhoLeavesWhileTheOriginIsWaitedForLetsGoOfIt) {
  start_with(64 * mib);
  world.server(1).behaviour = [](const Asked&) {
    return Answer{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + text_of(500'000)};
  };
  idle_from(1, 5s, AfterIdling::leaves);
  world.network.advance(2s);
  EXPECT_EQ(taken(), 1u);
  world.network.advance(10s);
  EXPECT_EQ(taken(), 0u);
  EXPECT_EQ(kept(), 0);
}

TEST_F(SpoolTest, WhatBreaksOffKeepsNoPlaceAndIsCut) {
  start_with(64 * mib);
  const std::string page = text_of(500'000);
  std::string raw = chunked(page, 100'000);
  raw.resize(raw.size() - 100);
  answer_with({.then = Answer::Then::close, .raw = raw});
  Idler& slow = idle_from(1);
  world.network.advance(1s);
  EXPECT_EQ(taken(), 0u);
  EXPECT_GT(kept(), 0);
  world.network.advance(30s);
  EXPECT_FALSE(slow.received.ends_with("0\r\n\r\n"));
  EXPECT_GT(slow.received.size(), 400'000u);
  EXPECT_EQ(metrics.broken_answers.value(), 1u);
  EXPECT_EQ(kept(), 0);
}

TEST_F(SpoolTest, WhatTheCacheDoesNotTakeKeepsNoPlace) {
  cache_options.max_object_bytes = 100'000;
  start_with(64 * mib);
  const std::string page = text_of(600'000);
  answer_with(cacheable(page));
  Idler& slow = idle_from(1);
  world.network.advance(1s);
  EXPECT_EQ(taken(), 0u);
  world.network.advance(30s);
  EXPECT_TRUE(slow.received.ends_with(page));
}

TEST_F(SpoolTest, OneNetworkTakesAShareAndTheRestIsForOthers) {
  start_with(17 * mib);
  const std::string page = text_of(1'000'000);
  answer_with({.body = page, .fields = "Cache-Control: no-store\r\n"});
  for (std::uint32_t client = 1; client <= 5; ++client) idle_from(client);
  world.network.advance(2s);
  EXPECT_EQ(taken(), 4u);  // a seventeenth of the memory is one page's
  Idler& other = idle_from(0x100 + 1);
  world.network.advance(2s);
  EXPECT_EQ(taken(), 4u);
  EXPECT_EQ(metrics.spooled_answers.value(), 2u);
  world.network.advance(40s);
  EXPECT_TRUE(other.received.ends_with(page));
  for (const Idler& each : idlers) EXPECT_TRUE(each.received.ends_with(page));
  EXPECT_EQ(kept(), 0);
}

TEST_F(SpoolTest, WithoutMemoryNothingIsKept) {
  start_with(0);
  answer_with({.body = text_of(600'000), .fields = "Cache-Control: no-store\r\n"});
  idle_from(1, 5s);
  world.network.advance(2s);
  EXPECT_EQ(taken(), 1u);
  EXPECT_EQ(metrics.spooled_answers.value(), 0u);
}

net::Task<void> read_in_fits(net::Loop& loop, net::Endpoint to, std::string sends, unsigned seed, Visitor& visitor) {
  std::minstd_rand chance(seed);
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write(sends, loop.now() + 60s);
  while (wrote) {
    auto bytes = co_await (*stream)->read(loop.now() + 5min);
    if (!bytes || bytes->empty()) break;
    visitor.received.append(bytes->view());
    if (chance() % 4 == 0) {
      auto slept = co_await loop.sleep_for(std::chrono::milliseconds(chance() % 400));
      static_cast<void>(slept);
    }
  }
  visitor.closed = true;
}

// Whatever the length, the chunks, the memory and the reader's pace, the client gets what the origin sent.
TEST_F(SpoolTest, WhoReadsInFitsAndStartsGetsAll) {
  start_with(64 * mib);
  for (unsigned seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE(seed);
    std::minstd_rand chance(seed);
    const std::string page = text_of(chance() % 1'800'000);
    const bool known = chance() % 2 == 0;
    const std::size_t chunk = 1 + chance() % 40'000;
    site->answer_memory.set_bound(seed % 3 == 0 ? 2 * mib : 64 * mib);
    answer_with(known ? Answer{.body = page, .fields = "Cache-Control: no-store\r\n"}
                      : Answer{.raw = chunked(page, chunk)});
    Visitor visitor;
    visitors.spawn(read_in_fits(people, server->local(), get_of("/page"), seed, visitor));
    world.network.run_until([&] { return visitor.closed; }, 20min);
    const std::string got =
        known ? visitor.received.substr(visitor.received.find("\r\n\r\n") + 4) : unchunked(visitor.received);
    EXPECT_TRUE(got == page) << got.size() << " of " << page.size();
    EXPECT_EQ(taken(), 0u);
    EXPECT_EQ(kept(), 0);
  }
  EXPECT_GT(metrics.spooled_answers.value(), 8u);
}

}  // namespace
}  // namespace tenfold::edge
