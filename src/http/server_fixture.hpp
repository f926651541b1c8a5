#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/raw_peer.hpp"
#include "http/server.hpp"
#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"

// A server in the simulated network and clients that speak bytes, for tests.
namespace tenfold::http {

// What a request was when it reached the handler.
struct SeenRequest {
  std::string method;
  std::string target;
  std::string authority;
  std::string body;
  std::string body_error;  // empty: read to its end
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> trailers;
  net::Endpoint client;
};

// Answers by path; everything else gets 200 and "hello".
class ScriptedHandler final : public Handler {
 public:
  using Script = net::Task<void> (*)(ServerExchange& exchange, ScriptedHandler& handler);

  void on(std::string path, Script script) { scripts_[std::move(path)] = script; }
  net::Task<void> handle(ServerExchange& exchange) override {
    seen.push_back({.method = std::string(exchange.request().method_name),
                    .target = std::string(exchange.request().target),
                    .authority = std::string(exchange.request().authority),
                    .client = exchange.client()});
    for (const Header& header : exchange.request().headers) {
      seen.back().headers[std::string(header.name)] = std::string(header.value);
    }
    const auto script = scripts_.find(std::string(exchange.request().path()));
    if (script != scripts_.end()) {
      co_await script->second(exchange, *this);
    } else {
      co_await greet(exchange, *this);
    }
  }

  static net::Task<void> greet(ServerExchange& exchange, ScriptedHandler&) {
    ResponseHead head;
    auto sent = co_await exchange.send(head, "hello", BodyEnd::last, no_deadline);
    (void)sent;
  }

  // Reads the body into seen and answers with its length.
  static net::Task<void> take_body(ServerExchange& exchange, ScriptedHandler& handler) {
    const std::size_t index = handler.seen.size() - 1;
    while (true) {
      auto part = co_await exchange.read_body(no_deadline);
      if (!part) {
        handler.seen[index].body_error = part.error().text();
        co_return;
      }
      if (part->empty()) break;
      handler.seen[index].body.append(part->view());
    }
    for (const Header& header : exchange.trailers()) {
      handler.seen[index].trailers[std::string(header.name)] = std::string(header.value);
    }
    const std::string answer = std::to_string(handler.seen[index].body.size());
    ResponseHead head;
    auto sent = co_await exchange.send(head, answer, BodyEnd::last, no_deadline);
    (void)sent;
  }

  std::vector<SeenRequest> seen;

 private:
  std::map<std::string, Script> scripts_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() { connections.spawn(accept_all(*this)); }
  ~ServerTest() override {
    listener->stop();
    drain.drain();
    network.advance(std::chrono::hours(1));
    EXPECT_EQ(connections.running(), 0u);
    EXPECT_EQ(metrics.open_connections.value(), 0);
  }

  RawPeer connect() { return connect(at); }
  RawPeer connect(const net::Endpoint& to) {
    auto stream = net::sim::run_task(network, client_loop, client_loop.connect(to, {}, no_deadline));
    return {network, std::move(*stream)};
  }
  // What a client sees that sends this on a connection of its own, and whether the connection was closed then.
  std::string ask(std::string text) {
    RawPeer client = connect();
    client.send(std::move(text));
    return client.take();
  }

  static net::Task<void> accept_all(ServerTest& test) {
    while (true) {
      auto stream = co_await test.listener->accept();
      if (!stream) co_return;
      test.connections.spawn(serve_http1(std::move(*stream), test.context));
    }
  }

  net::sim::SimNetwork network{7};
  net::sim::SimLoop& server_loop = network.make_loop();
  net::sim::SimLoop& client_loop = network.make_loop(net::IpAddress::v4(0x7f000002));
  net::Endpoint at = *net::Endpoint::parse("127.0.0.1:80");
  std::unique_ptr<net::Listener> listener = *server_loop.listen(at, {});
  ScriptedHandler handler;
  ServerLimits limits;
  ServerMetrics metrics;
  DrainSignal drain;
  ServerContext context{handler, limits, metrics, drain};
  net::Scope connections;
};

inline int status_of(std::string_view response) {
  return response.starts_with("HTTP/1.1 ") ? std::stoi(std::string(response.substr(9, 3))) : 0;
}

}  // namespace tenfold::http
