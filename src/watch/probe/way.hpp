#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "transfer/poller.hpp"
#include "watch/probe/address.hpp"
#include "watch/probe/names.hpp"
#include "watch/probe/prober.hpp"

namespace tenfold::watch {

// How a check's last usual look went, as far as another way must differ from it.
struct UsualWay {
  int family = 0;  // AF_INET, AF_INET6; 0: it came to no address
  enum class Name : std::uint8_t { found, not_found } name = Name::found;
};

// Finds the way to a host: its addresses, and on a second look those by another way (prober.hpp). One for each look.
class Way {
 public:
  struct Found {
    std::vector<Address> addresses;  // not empty
    std::string source;              // our own address; empty: the kernel's choice
  };
  using Done = std::function<void(Result<Found>)>;  // may come from within find()

  Way(transfer::Poller& poller, Names& names, const ProberOptions& options, CheckResult::Path path, UsualWay usual);
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;
  ~Way();

  // One at a time. Errors of Done: those of Names, and timed_out at the deadline.
  void find(const std::string& host, TimePoint deadline, Done done);
  CheckResult::Path path() const { return path_; }
  std::string resolver();  // for DNS probes, which ask it themselves; empty: the usual one
  void say_asked_again();  // a second look at a name that has but the usual way

  // How the second look goes, of the first host that was found: "over IPv6 (::1)". Empty: it is the usual look.
  const std::string& by() const { return by_; }

 private:
  enum class Resolver : std::uint8_t { usual, other };
  void ask(Resolver resolver);
  void on_addresses(Resolver resolver, Result<std::vector<Address>> addresses);
  bool take_other_family(const std::vector<Address>& addresses);
  void take(std::vector<Address> addresses);
  std::string other_source(const Address& towards) const;
  std::string other_resolver();
  void say(std::string by);
  void finish(Result<Found> found);

  transfer::Poller& poller_;
  Names& names_;
  const ProberOptions& options_;
  CheckResult::Path path_;
  UsualWay usual_;
  std::string by_;

  std::string host_;
  Done done_;
  Names::Question question_;
  std::vector<Address> from_usual_;      // while the other resolver is asked
  transfer::Poller::TimerId timer_ = 0;  // 0: none
};

}  // namespace tenfold::watch
