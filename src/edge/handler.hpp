#pragma once

#include <cstddef>

#include "edge/site.hpp"
#include "edge/visit.hpp"
#include "http/exchange.hpp"
#include "net/task.hpp"

namespace tenfold::edge {

// The walk of a request: identify, (admit,) cache, pick origin, exchange, respond, account. One for each listener of a
// worker. One thread only.
class RequestHandler final : public http::Handler {
 public:
  // listener: its place in Policy::listeners.
  RequestHandler(Site& site, std::size_t listener) : site_(site), listener_(listener) {}

  net::Task<void> handle(http::ServerExchange& exchange) override;
  void refused(const http::RefusedRequest& request) override;

 private:
  net::Task<void> answer(Visit& visit);

  Site& site_;
  std::size_t listener_;
};

}  // namespace tenfold::edge
