#include "oncall/channels/channel_thread.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "base/thread.hpp"

namespace tenfold::oncall::channels {

Result<std::unique_ptr<ChannelThread>> ChannelThread::open(std::string_view what, transfer::Poller& poller,
                                                           const Make& make) {
  const auto room = std::make_shared<Room>();
  auto its_poller = transfer::Poller::make(poller.clock());
  if (!its_poller) return std::unexpected(its_poller.error());
  room->poller = std::move(*its_poller);
  auto its_transfers = transfer::Transfers::make(*room->poller);
  if (!its_transfers) return std::unexpected(its_transfers.error());
  room->transfers = std::move(*its_transfers);
  room->channel = make(*room->poller, *room->transfers);
  std::unique_ptr<ChannelThread> channel(new ChannelThread(room, poller));
  auto thread = start_thread(what, [room] { serve(room); });
  if (!thread) return std::unexpected(thread.error());
  channel->thread_ = std::move(*thread);
  return channel;
}

ChannelThread::ChannelThread(std::shared_ptr<Room> room, transfer::Poller& poller)
    : facts_{.name = std::string(room->channel->name()),
             .kind = room->channel->kind(),
             .pace = room->channel->pace(),
             .survives_uplink = room->channel->survives_uplink(),
             .takes_replies = room->channel->takes_replies()},
      poller_(poller),
      room_(std::move(room)) {
  room_->home.with([&](transfer::Poller*& home) { home = &poller_; });
}

ChannelThread::~ChannelThread() {
  room_->home.with([](transfer::Poller*& home) { home = nullptr; });
  if (!thread_.joinable()) return;
  room_->poller->stop();
  std::unique_lock lock(room_->mutex);
  const bool has_ended = room_->ended.wait_for(lock, patience, [this] { return room_->has_ended; });
  lock.unlock();
  if (has_ended) {
    thread_.join();
  } else {
    log::warn("on call: {} hangs at the end, and is left behind", facts_.name);
    thread_.detach();
  }
}

void ChannelThread::serve(const std::shared_ptr<Room>& room) {
  room->poller->run();
  room->channel.reset();
  room->transfers.reset();
  const std::lock_guard lock(room->mutex);
  room->has_ended = true;
  room->ended.notify_all();
}

void ChannelThread::Room::tell_home(transfer::Poller::Task task) {
  const bool taken = home.with([&](transfer::Poller* to) { return to == nullptr || to->post(std::move(task)); });
  if (!taken) log::error("on call: its thread does not keep up; a channel's word is lost");
}

Channel::Reporter ChannelThread::relayed(Reporter report) const {
  return [room = room_.get(), self = std::weak_ptr(self_), report = std::move(report)](Report word) {
    room->tell_home([self, report, word = std::move(word)] {
      if (self.lock()) report(word);
    });
  };
}

void ChannelThread::hand_in(const Reporter& report, std::function<void(Channel&, Reporter)> work) {
  const bool has_room = room_->waiting++ < most_waiting;
  const bool taken =
      has_room && room_->poller->post([room = room_.get(), work = std::move(work), to = relayed(report)] {
        --room->waiting;
        work(*room->channel, to);
      });
  if (taken) return;
  --room_->waiting;
  relayed(report)({.state = Report::State::failed,
                   .detail = fmt::format("{} messages wait for {}: does its disk hang?", most_waiting, facts_.name),
                   .retry = true});
}

void ChannelThread::send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
                         Reporter report) {
  hand_in(report, [to, message, key, timeout](Channel& channel, Reporter word) {
    channel.send(to, message, key, timeout, std::move(word));
  });
}

void ChannelThread::find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
                         Reporter report) {
  hand_in(report, [to, key, id, tried_at](Channel& channel, Reporter word) {
    channel.find(to, key, id, tried_at, std::move(word));
  });
}

void ChannelThread::hear_replies(HearReply hear) {
  hear_ = std::move(hear);
  HearReply relay;
  if (hear_) {
    relay = [room = room_.get(), self = std::weak_ptr(self_)](const Reply& reply) {
      room->tell_home([self, reply] {
        const auto channel = self.lock();
        const HearReply to = channel ? (*channel)->hear_ : HearReply();  // copied: a reply may end the listening
        if (to) to(reply);
      });
    };
  }
  const bool taken = room_->poller->post([room = room_.get(), relay] { room->channel->hear_replies(relay); });
  if (!taken) log::error("on call: {} hangs; replies are not heard", facts_.name);
}

}  // namespace tenfold::oncall::channels
