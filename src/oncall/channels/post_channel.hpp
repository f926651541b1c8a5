#pragma once

#include <string>

#include "oncall/channels/channel.hpp"
#include "oncall/channels/errands.hpp"

namespace tenfold::oncall::channels {

// A channel whose sending is one HTTP request and whose answer is all that it learns: once taken, it is delivered.
// It cannot look up an earlier send: find() says unknown.
class PostChannel : public Channel {
 public:
  void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
            Reporter report) override;
  void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
            Reporter report) override;

 protected:
  PostChannel(transfer::Poller& poller, transfer::Transfers& transfers)
      : poller_(poller), errands_(poller, transfers) {}

  // Method, headers, body; send() adds the time-out and the bound of the answer. Errors: what makes it impossible.
  virtual Result<transfer::Request> request(const std::string& to, const Message& message, const std::string& key) = 0;
  virtual Report judge(const transfer::Outcome& outcome) const;

  void start(transfer::Request request, Duration timeout, Reporter report);

  transfer::Poller& poller_;
  Errands errands_;
};

// A POST of JSON.
transfer::Request json_post(std::string url, std::string body);

}  // namespace tenfold::oncall::channels
