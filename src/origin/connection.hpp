#pragma once

#include <memory>
#include <utility>

#include "http/client.hpp"
#include "net/cancel.hpp"

namespace tenfold::origin {

// A connection to a server, idle or in use, that ends with its worker: once `ending` is cancelled, so are its reads and
// writes. Neither copies nor moves.
class Connection {
 public:
  Connection(std::unique_ptr<http::ClientConnection> http, net::CancelToken ending)
      : http_(std::move(http)), hook_(&on_ending, this) {
    hook_.attach(ending);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  http::ClientConnection& http() const { return *http_; }

 private:
  static void on_ending(void* self) { static_cast<Connection*>(self)->http_->stream().cancel(); }

  std::unique_ptr<http::ClientConnection> http_;
  net::CancelHook hook_;
};

}  // namespace tenfold::origin
