#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "transfer/poller.hpp"
#include "watch/probe/address.hpp"

struct ares_channeldata;

namespace tenfold::watch {

// One c-ares channel on the poller: one set of name servers. What Names is made of.
class NameChannel {
 public:
  using Found = std::function<void(Result<std::vector<Address>>)>;
  using Answered = std::function<void(Result<std::vector<std::uint8_t>>)>;

  // Errors: exhausted, invalid.
  static Result<std::shared_ptr<NameChannel>> make(transfer::Poller& poller, const std::string& servers);
  NameChannel(const NameChannel&) = delete;
  NameChannel& operator=(const NameChannel&) = delete;
  ~NameChannel();

  [[nodiscard]] std::shared_ptr<void> addresses(const std::string& host, Found found);
  [[nodiscard]] std::shared_ptr<void> ask(const std::string& name, int type, Answered answered);
  std::vector<std::string> servers() const;      // "192.0.2.1:53"
  bool idle() const { return under_way_ == 0; }  // of c-ares, dropped questions included

 private:
  friend struct AresCallbacks;

  explicit NameChannel(transfer::Poller& poller) : poller_(poller) {}
  Result<void> open(const std::string& servers);
  void process(int readable, int writable);
  void arm();

  transfer::Poller& poller_;
  ares_channeldata* channel_ = nullptr;
  std::unordered_set<int> watched_;
  std::size_t under_way_ = 0;
  transfer::Poller::TimerId timer_ = 0;  // 0: none
};

}  // namespace tenfold::watch
