#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "console/api_part.hpp"
#include "console/gate.hpp"
#include "console/model.hpp"
#include "console/recorder.hpp"
#include "http/exchange.hpp"
#include "net/cancel.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"

namespace tenfold::console {

// The operator's side: the status page at /, /healthz, /metrics and the JSON API under /api/v1/, read from models that
// app/ fills. One thread, of its own: nothing here runs on a worker.
//
//   GET  /api/v1/            what there is            GET  /api/v1/history   rates of the last five minutes
//   GET  /api/v1/status      the edge as a whole      GET  /api/v1/events    all of it each second (server-sent events)
//   GET  /api/v1/origins     pools and servers        POST /api/v1/cache/purge  {"url"|"prefix": "..."} -> {"purged":
//   n} GET  /api/v1/cache       the cache                Errors: {"error": {"message", "expected"}}
//
// Other roles add paths of their own (ApiPart).
class Console final : public http::Handler {
 public:
  struct Options {
    GateOptions gate;
    std::size_t most_listeners = 32;  // of /api/v1/events at a time; past it 503
  };

  // The loop and what the sources refer to must outlive the console.
  Console(net::Loop& loop, Sources sources, Options options);

  // Begins to take a reading each second. Call once, before serving.
  void start();
  // Ends the readings and every event stream; then the server can be drained. Call once.
  net::Task<void> stop();

  net::Task<void> handle(http::ServerExchange& exchange) override;

  static constexpr std::size_t most_body_bytes = 16 * 1024;       // of a request; past it 413
  static constexpr std::size_t most_ignored_bytes = 1024 * 1024;  // read where only the beginning is of use

 private:
  struct Answer {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::string allow = {};  // for 405
    ApiPart::Answer::Form form = ApiPart::Answer::Form::none;
  };
  enum class Page : std::uint8_t {
    front,
    style,
    script,
    icon,
    health,
    metrics,
    index,
    status,
    origins,
    cache,
    purge,
    history,
    events,
    part,  // an ApiPart answers
  };
  struct Route {
    std::string_view path;
    Page page;
    Access access;
    std::string_view methods;
    ApiPart* part = nullptr;
    ApiPart::Endpoint::Body body = ApiPart::Endpoint::Body::whole;

    bool is_for(std::string_view asked) const;
    bool takes(const http::RequestHead& request) const;
  };
  static std::vector<Route> own_routes();
  // The one that takes the method, if any does; a path may be read by all and changed by some.
  const Route* find_route(const http::RequestHead& request) const;
  std::string methods_of(std::string_view path) const;  // all that it takes: "GET, HEAD, POST"

  net::Task<void> read_each_second();
  void take_reading();
  std::string snapshot_json() const;
  Answer answer(Page page) const;
  net::Task<Answer> purge(http::ServerExchange& exchange);
  net::Task<Answer> ask_part(const Route& route, http::ServerExchange& exchange);
  net::Task<std::expected<std::string, Answer>> body_of(http::ServerExchange& exchange, ApiPart::Endpoint::Body wanted);
  net::Task<void> stream_events(http::ServerExchange& exchange);
  net::Task<Result<std::string>> read_body(http::ServerExchange& exchange, ApiPart::Endpoint::Body wanted);
  net::Task<void> send(http::ServerExchange& exchange, Answer answer);

  net::Loop& loop_;
  Sources sources_;
  Options options_;
  std::vector<Route> routes_;
  Recorder recorder_;
  std::string event_;  // the newest, as it goes over the wire; made once for all listeners
  std::uint64_t event_number_ = 0;
  std::size_t listeners_ = 0;
  net::Event new_event_;
  net::Scope scope_;
};

}  // namespace tenfold::console
