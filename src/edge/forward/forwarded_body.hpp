#pragma once

#include "http/exchange.hpp"
#include "http/message.hpp"
#include "net/buffer.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// A request's body on its way from the client to the origin, without trailer fields that may not cross: servers that
// merge trailers into the head would take them for its fields.
class ForwardedBody final : public origin::RequestBody {
 public:
  explicit ForwardedBody(http::ServerExchange& exchange) : exchange_(exchange) {}
  net::Task<Result<net::Buffer>> read(TimePoint deadline) override { return exchange_.read_body(deadline); }
  void interrupt() override { exchange_.interrupt_read_body(); }
  const http::Headers* trailers() const override;

 private:
  http::ServerExchange& exchange_;
  mutable http::Headers trailers_;
};

}  // namespace tenfold::edge
