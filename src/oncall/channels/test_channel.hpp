#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oncall/channels/channel.hpp"

namespace tenfold::oncall {

// A channel that does what a test says, and keeps what it was asked.
class TestChannel final : public Channel {
 public:
  struct Sent {
    std::string to;
    Message message;
    std::string key;
    Reporter report;
  };
  struct Found {
    std::string key;
    std::string id;
    Reporter report;
  };

  TestChannel(std::string name, ChannelKind kind) : name_(std::move(name)), kind_(kind) {}
  std::string_view name() const override { return name_; }
  ChannelKind kind() const override { return kind_; }
  Duration pace() const override { return pace_; }
  void send(const std::string& to, const Message& message, const std::string& key, Duration, Reporter report) override {
    sent.push_back({to, message, key, std::move(report)});
    if (on_send) on_send(sent.back());
  }
  void find(const std::string&, const std::string& key, const std::string& id, WallTime, Reporter report) override {
    found.push_back({key, id, std::move(report)});
    if (on_find) on_find(found.back());
  }
  bool survives_uplink() const override { return survives_uplink_; }
  bool takes_replies() const override { return takes_replies_; }
  void hear_replies(HearReply hear_now) override {
    hear = std::move(hear_now);
    if (hear) ++times_begun_to_hear;
  }
  void set_pace(Duration pace) { pace_ = pace; }
  void survive_uplink() { survives_uplink_ = true; }
  void take_replies() { takes_replies_ = true; }

  std::vector<Sent> sent;
  std::vector<Found> found;
  std::function<void(const Sent&)> on_send;
  std::function<void(const Found&)> on_find;
  HearReply hear;  // null: nobody waits
  int times_begun_to_hear = 0;

 private:
  std::string name_;
  ChannelKind kind_;
  Duration pace_{};
  bool survives_uplink_ = false;
  bool takes_replies_ = false;
};

}  // namespace tenfold::oncall
