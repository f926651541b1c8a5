#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "oncall/channels/channel.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/errands.hpp"
#include "oncall/channels/twilio/options.hpp"
#include "oncall/channels/twilio/sends.hpp"

namespace tenfold::oncall::channels {

// What calls and messages of the API have in common: one POST that makes a resource, its status by callbacks or by
// asking, and looking for it where the answer was lost.
class TwilioSender : public Channel {
 public:
  void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
            Reporter report) override;
  // By the resource's id if it is known; else among the newest to that number, made by us since `tried_at`.
  void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
            Reporter report) override;
  Duration pace() const override { return std::chrono::seconds(1); }  // what an account may do unless it asks for more

 protected:
  TwilioSender(TwilioOptions options, std::shared_ptr<TwilioSends> sends, transfer::Poller& poller,
               transfer::Transfers& transfers);

  virtual std::string resource() const = 0;  // "Calls"
  virtual Form form(const std::string& to, const Message& message, const std::string& key) const = 0;

  const TwilioOptions options_;

  transfer::Request asking(const std::string& path) const;  // path: below the account's

  transfer::Poller& poller_;
  Errands errands_;

 private:
  TwilioSends::Status seen(const nlohmann::json& resource) const;
  void accepted(const std::string& key, std::uint64_t turn, const transfer::Outcome& outcome);
  Duration poll_after(TimePoint until) const;
  void poll_later(const std::string& key, std::uint64_t turn, TimePoint until);
  void poll(const std::string& key, std::uint64_t turn, TimePoint until);
  void look(const std::string& key, std::uint64_t turn, const std::string& id);
  void search(const std::string& key, std::uint64_t turn, const std::string& to, WallTime tried_at);
  void searched(const std::string& key, std::uint64_t turn, WallTime tried_at, const transfer::Outcome& outcome);
  std::size_t hand_over(const std::string& key, std::uint64_t turn);  // what was kept; how many
  void tell(const std::string& key, std::uint64_t turn, Report report);
  TwilioSends::Send* current(const std::string& key, std::uint64_t turn);

  std::shared_ptr<TwilioSends> sends_;
};

}  // namespace tenfold::oncall::channels
