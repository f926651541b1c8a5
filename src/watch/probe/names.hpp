#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "transfer/poller.hpp"
#include "watch/probe/address.hpp"

namespace tenfold::watch {

class NameChannel;

// Names, by c-ares on the poller; nothing is kept between questions. Name servers are given as text, "192.0.2.1:53,
// [2001:db8::1]:53"; empty: those of the system, whose file is read anew when it changes. /etc/hosts counts for
// addresses, not for ask(). No deadlines here: who asks drops the question when it has waited enough.
class Names {
 public:
  using Found = std::function<void(Result<std::vector<Address>>)>;  // not empty; in the order they are to be tried
  using Answered = std::function<void(Result<std::vector<std::uint8_t>>)>;  // the name server's message
  using Question = std::shared_ptr<void>;                                   // dropped: the answer is not told any more

  Names(transfer::Poller& poller, std::string system_servers);
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  ~Names();

  // The answer is told from within Poller::run, never from within these. Errors of the answer: not_found (no such
  // name, or nothing of that kind), unreachable (no name server answered), invalid, exhausted (64 sets of name servers
  // are busy).
  [[nodiscard]] Question addresses(const std::string& host, const std::string& servers, Found found);
  [[nodiscard]] Question ask(const std::string& name, int type, const std::string& servers, Answered answered);

  // The system's name servers but for the first; nothing: it has but one.
  std::optional<std::string> further_servers();
  // Errors: invalid.
  Result<void> check_servers(const std::string& servers);

 private:
  Result<std::shared_ptr<NameChannel>> channel(const std::string& servers);
  void drop_idle();

  transfer::Poller& poller_;
  std::string system_servers_;
  std::map<std::string, std::shared_ptr<NameChannel>> channels_;
  std::vector<std::shared_ptr<NameChannel>> retired_;  // of an older /etc/resolv.conf, until their questions end
  std::int64_t system_changed_ns_ = 0;                 // when /etc/resolv.conf was last written
};

}  // namespace tenfold::watch
