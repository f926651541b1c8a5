#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "transfer/poller.hpp"
#include "watch/probe/address.hpp"

namespace tenfold::watch {

// A TCP connection to the first of several addresses that answers: the families take turns, the next address is tried
// beside the ones before it after 250 ms or once they have failed (RFC 8305). No deadline here: who waits drops it.
class Connector {
 public:
  struct Connected {
    int descriptor;  // now the receiver's
    Address address;
    std::string source;
  };
  using Done = std::function<void(Result<Connected>)>;  // may come from within begin()
  static constexpr Duration next_after = std::chrono::milliseconds(250);

  // `source`: our own address; empty: the kernel's choice. Errors of Done: refused, unreachable, exhausted, failed; of
  // the first address that was tried.
  Connector(transfer::Poller& poller, std::vector<Address> addresses, std::uint16_t port, std::string source,
            Done done);
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  ~Connector();

  void begin();
  std::string tried_words() const;  // "192.0.2.1:443", "192.0.2.1:443 and 2 more"

 private:
  struct Attempt {
    int descriptor;
    Address address;
  };
  void try_next();
  Result<Attempt> open(const Address& address) const;
  void on_ready(int descriptor);
  void failed(Error error);
  void stop();

  transfer::Poller& poller_;
  std::vector<Address> addresses_;  // in the order they are tried
  std::uint16_t port_;
  std::string source_;
  Done done_;
  std::size_t next_ = 0;
  std::vector<Attempt> attempts_;  // under way
  std::string first_error_;
  Errc first_code_ = Errc::failed;
  transfer::Poller::TimerId timer_ = 0;  // 0: none
};

// The families in turn, beginning with the first address's.
std::vector<Address> in_turns(const std::vector<Address>& addresses);

// What an error of connect(2) means, with the address: "192.0.2.1:443 refuses the connection".
Error connect_error(int errno_value, const std::string& address);

}  // namespace tenfold::watch
