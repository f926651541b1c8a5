#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/cache.hpp"
#include "edge/handler.hpp"
#include "edge/site.hpp"
#include "http/plain_server.hpp"
#include "origin/test_world.hpp"

// The edge in a simulated network, for tests.
namespace tenfold::edge {

using namespace std::chrono_literals;
using origin::testing_world::Answer;
using origin::testing_world::Asked;
using origin::testing_world::World;

struct Visitor {
  std::string received;
  bool closed = false;
};

inline net::Task<void> visit(net::Loop& loop, net::Endpoint to, std::string sends, Visitor& visitor) {
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write(sends, loop.now() + 60s);
  while (wrote) {
    auto bytes = co_await (*stream)->read(loop.now() + 5min);
    if (!bytes || bytes->empty()) break;
    visitor.received.append(bytes->view());
  }
  visitor.closed = true;
}

// Sends its bytes and then does nothing at all for a while; reads to the end after that, or leaves with a reset.
struct Idler {
  std::string received;
  bool done = false;
};
enum class AfterIdling : std::uint8_t { reads, leaves };

inline net::Task<void> idle(net::Loop& loop, net::Endpoint to, std::string sends, Duration idles, AfterIdling then,
                            Idler& idler) {
  auto stream = co_await loop.connect(to, {}, loop.now() + 5s);
  if (!stream) co_return;
  auto wrote = co_await (*stream)->write(sends, loop.now() + 60s);
  auto slept = co_await loop.sleep_for(idles);
  if (then == AfterIdling::leaves) (*stream)->reset_on_close();
  while (wrote && slept && then == AfterIdling::reads) {
    auto bytes = co_await (*stream)->read(loop.now() + 5min);
    if (!bytes || bytes->empty()) break;
    idler.received.append(bytes->view());
  }
  idler.done = true;
}

class EdgeTest : public testing::Test {
 protected:
  void start(origin::Settings settings, bool with_cache = true) {
    world.start(std::move(settings));
    if (with_cache) cache = std::make_unique<cache::Cache>(cache_options, world.network.clock());
    auto made = std::make_shared<Policy>();
    made->listeners.resize(1);
    made->listeners[0].redirect_status = redirect_status;
    made->trusted_proxies = TrustedNetworks(trusted);
    made->rehearsal_secret = rehearsal_secret;
    made->error_pages = std::make_shared<const ErrorPages>("Corner Shop");
    site.reset(new Site{world.loop, *world.upstreams, cache.get(), nullptr, metrics, made});
    handler = std::make_unique<RequestHandler>(*site, 0);
    server = *http::PlainServer::listen(world.loop, *net::Endpoint::parse("192.0.2.1:80"), {});
    server->serve(*handler);
  }
  ~EdgeTest() override {
    if (!server) return;
    for (auto& [number, each] : world.servers) {
      world.network.revive(each->endpoint());
      world.network.resume(each->endpoint());
    }
    net::sim::run_task(world.network, world.loop, server->abort());
    world.network.run_until([&] { return visitors.running() == 0 && site->background.running() == 0; }, 10min);
    world.upstreams->close_idle();
    server.reset();
    handler.reset();
  }

  // What a visitor gets who sends these bytes, once the answer is complete and the connection closed.
  std::string ask(const std::string& bytes) {
    Visitor visitor;
    visitors.spawn(visit(people, server->local(), bytes, visitor));
    world.network.run_until([&] { return visitor.closed; }, 10min);
    return visitor.received;
  }
  std::string get(const std::string& target, const std::string& fields = "") {
    return ask("GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + fields + "Connection: close\r\n\r\n");
  }

  World world;
  net::sim::SimLoop& people = world.network.make_loop(net::IpAddress::v4(0xc6336407));
  cache::CacheOptions cache_options;
  int redirect_status = 0;
  std::string rehearsal_secret;
  std::vector<net::IpNetwork> trusted;
  WorkerMetrics metrics;
  std::unique_ptr<cache::Cache> cache;
  std::unique_ptr<Site> site;
  std::unique_ptr<RequestHandler> handler;
  std::unique_ptr<http::PlainServer> server;
  net::Scope visitors;
};

inline Answer cacheable(std::string body, std::string cache_control = "max-age=60") {
  return {.body = std::move(body), .fields = "Cache-Control: " + cache_control + "\r\nETag: \"v1\"\r\n"};
}

}  // namespace tenfold::edge
