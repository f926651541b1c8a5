#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/http1/parser.hpp"
#include "net/intrusive_list.hpp"
#include "net/loop.hpp"
#include "net/tls/tls.hpp"
#include "rehearse/drive/measure/recorder.hpp"
#include "rehearse/drive/ownership/ownership.hpp"
#include "rehearse/drive/target.hpp"

namespace tenfold::rehearse {

class Connection;

using ProvenAddresses = std::shared_ptr<const std::vector<ProvenAddress>>;

// How one driver thread's connections get to the target: over its proven addresses in turn, and to nothing else.
class Route {
 public:
  // `tls` is null for http. `recorder` counts connections and handshakes.
  Route(net::Loop& loop, const Target& target, std::shared_ptr<net::TlsClientContext> tls, Recorder& recorder)
      : loop_(loop), target_(target), tls_(std::move(tls)), recorder_(recorder) {}

  void use(ProvenAddresses addresses) { addresses_ = std::move(addresses); }

  // What opening failed of.
  struct NotOpened {
    Failure failure = Failure::none;  // none: our own machine could not
    std::string why = {};             // in words
  };
  using Opened = std::expected<std::unique_ptr<net::Stream>, NotOpened>;
  net::Task<Opened> open(std::optional<net::IpAddress> source, TimePoint deadline);

  // A connection's place among all of this thread.
  struct Entry : net::ListNode {
    explicit Entry(Connection& of) : connection(of) {}
    Connection& connection;
  };
  void enter(Entry& entry) { all_.push_back(entry); }
  void close_all();

  net::Loop& loop() const { return loop_; }
  Recorder& recorder() const { return recorder_; }
  http::ResponseHead& scratch_head() { return scratch_head_; }

 private:
  const ProvenAddress* next_address();

  net::Loop& loop_;
  const Target& target_;
  std::shared_ptr<net::TlsClientContext> tls_;
  Recorder& recorder_;
  ProvenAddresses addresses_;
  std::size_t turn_ = 0;
  net::IntrusiveList<Entry> all_;
  http::ResponseHead scratch_head_;  // one for all connections: it is only used while a piece of input is taken
};

}  // namespace tenfold::rehearse
