#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/guarded.hpp"
#include "base/result.hpp"
#include "oncall/channels/channel.hpp"
#include "transfer/poller.hpp"
#include "transfer/transfers.hpp"

namespace tenfold::oncall::channels {

// A channel on a thread of its own: one that works with files may hang in the disk for as long as the disk likes, and
// whoever sends by it goes on, and rings by the others. Reports and replies come on the poller's thread, as from any
// channel; of a send that hangs no word comes.
class ChannelThread final : public Channel {
 public:
  // Makes the channel, for the thread that the poller and the transfers are of.
  using Make = std::function<std::unique_ptr<Channel>(transfer::Poller&, transfer::Transfers&)>;
  static constexpr std::size_t most_waiting = 1000;  // sends that the thread has not come to; past it one fails for now
  static constexpr Duration patience = std::chrono::seconds(3);

  // `what` names the thread in errors; the poller's clock must live as long as the program. Errors: exhausted (no
  // descriptors, no thread).
  static Result<std::unique_ptr<ChannelThread>> open(std::string_view what, transfer::Poller& poller, const Make& make);
  ChannelThread(const ChannelThread&) = delete;
  ChannelThread& operator=(const ChannelThread&) = delete;
  // Ends the channel. A thread that hangs is left behind after `patience` and ends by itself, should the disk answer.
  ~ChannelThread() override;

  std::string_view name() const override { return facts_.name; }
  ChannelKind kind() const override { return facts_.kind; }
  Duration pace() const override { return facts_.pace; }
  bool survives_uplink() const override { return facts_.survives_uplink; }
  bool takes_replies() const override { return facts_.takes_replies; }
  void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
            Reporter report) override;
  void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
            Reporter report) override;
  void hear_replies(HearReply hear) override;

 private:
  // What the thread works with, and keeps where it is left behind.
  struct Room {
    Guarded<transfer::Poller*> home;  // whose thread is told; null: nobody's any more
    std::atomic<std::size_t> waiting = 0;
    std::unique_ptr<transfer::Poller> poller;
    std::unique_ptr<transfer::Transfers> transfers;
    std::unique_ptr<Channel> channel;  // ends before what it stands on, on the thread
    std::mutex mutex;
    std::condition_variable ended;
    bool has_ended = false;  // under mutex

    void tell_home(transfer::Poller::Task task);
  };
  struct Facts {
    std::string name;
    ChannelKind kind = ChannelKind::call;
    Duration pace{};
    bool survives_uplink = false;
    bool takes_replies = false;
  };

  ChannelThread(std::shared_ptr<Room> room, transfer::Poller& poller);
  static void serve(const std::shared_ptr<Room>& room);
  void hand_in(const Reporter& report, std::function<void(Channel&, Reporter)> work);
  Reporter relayed(Reporter report) const;

  const Facts facts_;
  transfer::Poller& poller_;
  std::shared_ptr<Room> room_;
  HearReply hear_;
  std::shared_ptr<ChannelThread*> self_ = std::make_shared<ChannelThread*>(this);  // for what comes after its end
  std::thread thread_;
};

}  // namespace tenfold::oncall::channels
