#include "oncall/channels/channel_thread.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "oncall/channels/channel_fixture_test.hpp"
#include "oncall/channels/test_channel.hpp"

namespace tenfold::oncall::channels {
namespace {

// Where a channel hangs for as long as the test holds it; for longer than the test lives, if need be.
class Disk {
 public:
  void hold() { set(true); }
  void release() { set(false); }
  void use() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_held_; });
  }

 private:
  void set(bool is_held) {
    const std::lock_guard lock(mutex_);
    is_held_ = is_held;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
};

class ChannelThreadTest : public ChannelFixture {
 protected:
  std::unique_ptr<ChannelThread> open() {
    auto opened = ChannelThread::open("a thread", *poller_, [this](transfer::Poller& poller, transfer::Transfers&) {
      auto channel = std::make_unique<TestChannel>("modem", ChannelKind::sms);
      channel->take_replies();
      channel->on_send = [disk = disk_, &poller](const TestChannel::Sent& sent) {
        disk->use();
        poller.at(poller.now(), [to = sent.report] { to({.state = Report::State::delivered}); });
      };
      inner_ = channel.get();
      inner_poller_ = &poller;
      return channel;
    });
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }

  std::shared_ptr<Disk> disk_ = std::make_shared<Disk>();
  TestChannel* inner_ = nullptr;  // of the other thread
  transfer::Poller* inner_poller_ = nullptr;
};

TEST_F(ChannelThreadTest, IsTheChannelAndReportsOnThePollersThread) {
  const auto channel = open();
  EXPECT_EQ(channel->name(), "modem");
  EXPECT_EQ(channel->kind(), ChannelKind::sms);
  EXPECT_TRUE(channel->takes_replies());
  std::thread::id told_on;
  channel->send("+4930123456", message_, key_, 5s, [&](const Report& report) {
    told_on = std::this_thread::get_id();
    reports_.push_back(report);
  });
  until([this] { return !reports_.empty(); });
  EXPECT_EQ(reports_.front().state, Report::State::delivered);
  EXPECT_EQ(told_on, std::this_thread::get_id());
}

TEST_F(ChannelThreadTest, WhileItHangsNobodyWaits) {
  const auto channel = open();
  disk_->hold();
  channel->send("+4930123456", message_, key_, 5s, collect());
  channel->find("+4930123456", key_, "", {}, collect());
  bool rang = false;
  poller_->at(poller_->now(), [&] { rang = true; });
  until([&] { return rang; });
  EXPECT_TRUE(reports_.empty());
  disk_->release();
  until([this] { return !reports_.empty(); });
}

TEST_F(ChannelThreadTest, PastTheBoundASendFailsForNow) {
  const auto channel = open();
  disk_->hold();
  for (std::size_t i = 0; i < ChannelThread::most_waiting + 2; ++i) {
    channel->send("+4930123456", message_, key_, 5s, collect());
  }
  until([this] { return !reports_.empty(); });
  EXPECT_EQ(reports_.front().state, Report::State::failed);
  EXPECT_TRUE(reports_.front().retry);
  disk_->release();
}

TEST_F(ChannelThreadTest, OneThatHangsAtTheEndIsLeftBehind) {
  auto channel = open();
  disk_->hold();
  channel->send("+4930123456", message_, key_, 5s, collect());
  channel.reset();
  disk_->release();
  until([this] { return disk_.use_count() == 1; });  // the thread has let go of the channel
  EXPECT_TRUE(reports_.empty()) << "nobody is told by a channel that is gone";
}

TEST_F(ChannelThreadTest, RepliesAreHeardOnThePollersThreadUntilNobodyListens) {
  const auto channel = open();
  std::vector<std::string> heard;
  const auto reply = [this](const std::string& text) {
    inner_poller_->post([channel = inner_, text] {
      if (channel->hear) channel->hear({.from = "+4930123456", .text = text, .at = {}});
    });
  };
  channel->hear_replies([&](const Reply& each) { heard.push_back(each.text); });
  reply("1");
  until([&] { return heard.size() == 1; });
  channel->hear_replies({});
  reply("2");
  sent(*channel, "+4930123456");  // behind the reply
  EXPECT_EQ(heard, (std::vector<std::string>{"1"}));
}

}  // namespace
}  // namespace tenfold::oncall::channels
