#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "net/scope.hpp"
#include "net/sim/sim_loop.hpp"
#include "net/stream.hpp"

namespace tenfold::http {

// For tests: the other end of a connection, which sends the bytes that it is told and keeps what it gets.
class RawPeer {
 public:
  RawPeer(net::sim::SimNetwork& network, std::unique_ptr<net::Stream> stream)
      : network_(network), stream_(std::move(stream)) {
    scope_.spawn(collect(*this));
    network.settle();
  }
  ~RawPeer() {
    stream_->cancel();
    network_.settle();
    if (scope_.running() > 0) network_.advance(std::chrono::hours(1));
  }

  void send(std::string text) {
    scope_.spawn(write(*stream_, std::move(text)));
    network_.settle();
  }
  void finish() {
    scope_.spawn(stream_->finish_writing(no_deadline));
    network_.settle();
  }
  // The bytes since the last call.
  std::string take() { return std::exchange(received_, {}); }
  const std::string& received() const { return received_; }
  bool closed() const { return closed_; }
  bool reset() const { return reset_; }

 private:
  static net::Task<void> write(net::Stream& stream, std::string text) {
    auto written = co_await stream.write(text, no_deadline);
    (void)written;
  }
  static net::Task<void> collect(RawPeer& peer) {
    while (true) {
      auto bytes = co_await peer.stream_->read(no_deadline);
      if (!bytes) peer.reset_ = bytes.error().code == Errc::closed;
      if (!bytes || bytes->empty()) break;
      peer.received_.append(bytes->view());
    }
    peer.closed_ = true;
  }

  net::sim::SimNetwork& network_;
  std::unique_ptr<net::Stream> stream_;
  std::string received_;
  bool closed_ = false;
  bool reset_ = false;
  net::Scope scope_;
};

}  // namespace tenfold::http
