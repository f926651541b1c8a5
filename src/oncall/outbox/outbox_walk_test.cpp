#include <gtest/gtest.h>

#include <map>
#include <set>

#include "oncall/channels/test_channel.hpp"
#include "oncall/outbox/outbox.hpp"

// Channels that behave in any way they can, by a seed: whatever comes, a send is repeated only after bad news or where
// nobody knows, it is tried a bounded number of times, and all come to an end that the alert book hears of.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;
using Said = Report::State;

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed) {
    add("sip", ChannelKind::call);
    add("twilio-call", ChannelKind::call);
    add("mail", ChannelKind::mail);
    outbox_ = std::make_unique<Outbox>(Outbox::Parts{.clock = clock_,
                                                     .random = random_,
                                                     .channels = channels_,
                                                     .need = [this](const Order& order) { return need(order); },
                                                     .message = [](const Order&) { return Message(); },
                                                     .reported = [] {}});
  }

  void run() {
    for (int i = 0; i < 400; ++i) step(Orders::come);
    for (int i = 0; i < 1'000; ++i) step(Orders::no_more);
    EXPECT_EQ(undecided(), 0u);
  }

 private:
  enum class Orders : std::uint8_t { come, no_more };

  void add(std::string name, ChannelKind kind) {
    auto channel = std::make_unique<TestChannel>(std::move(name), kind);
    channel->on_send = [this](const TestChannel::Sent& sent) {
      EXPECT_TRUE(may_be_sent_.try_emplace(sent.key, true).first->second) << sent.key << " again, without a reason";
      EXPECT_LE(++tries_[sent.key], SendRow::most_attempts);
      may_be_sent_[sent.key] = false;
      sent_.push_back(sent);
    };
    channel->on_find = [this](const TestChannel::Found& found) { found_.push_back(found); };
    channels_.push_back(std::move(channel));
  }

  // Odd alerts are acknowledged after a while.
  Need need(const Order& order) const {
    if (order.alert % 2 == 1 && clock_.now() - begun_.at(order.alert) > 5min) return Need::never;
    return order.alert % 5 == 0 && clock_.now() - begun_.at(order.alert) < 1min ? Need::later : Need::now;
  }

  void step(Orders orders) {
    if (orders == Orders::come && random_.below(4) == 0) {
      const auto alert = static_cast<std::int64_t>(begun_.size());
      begun_[alert] = clock_.now();
      const auto kind = random_.below(3) == 0 ? ChannelKind::mail : ChannelKind::call;
      outbox_->add({{alert, Message::Kind::alert, {.who = "ada", .contact = {kind, "+1", {}}}, 0, 0}});
    }
    for (const auto& each : std::exchange(found_, {})) answer(each.key, each.report, random_.below(6));
    if (!sent_.empty() && random_.below(3) != 0) {
      const auto at = sent_.begin() + static_cast<std::ptrdiff_t>(random_.below(sent_.size()));
      const auto one = *at;
      sent_.erase(at);
      if (random_.below(8) != 0) word(one);  // or never a word
    }
    outbox_->begin_due();
    outbox_->start_begun();
    outbox_->take_acts();
    for (const Order& order : outbox_->take_failed()) EXPECT_TRUE(told_failed_.insert(key(order)).second);
    clock_.advance(std::chrono::milliseconds(random_.below(20'000)));
  }

  void answer(const std::string& key, const Channel::Reporter& report, std::uint64_t chance) {
    if (chance <= 1) return report({.state = Said::sent});
    if (chance == 2) return report({.state = Said::delivered});
    may_be_sent_[key] = true;
    report(chance == 3   ? Report{.state = Said::unknown}
           : chance == 4 ? Report{.state = Said::failed, .retry = true}
                         : Report{.state = Said::failed});
  }

  void word(const TestChannel::Sent& sent) {
    switch (random_.below(7)) {
      case 0: return sent.report({.state = Said::unknown});
      case 1: sent.report({.state = Said::sent}); return bad(sent, Said::busy);
      case 2: return bad(sent, Said::no_answer);
      case 3: return bad(sent, Said::failed);
      case 4: sent.report({.state = Said::ringing}); return sent.report({.state = Said::acknowledged});
      default: return sent.report({.state = Said::delivered});
    }
  }
  void bad(const TestChannel::Sent& sent, Said state) {
    may_be_sent_[sent.key] = true;
    sent.report(
        {.state = state, .retry = random_.below(2) == 0, .retry_after = std::chrono::seconds(random_.below(90))});
  }

  std::size_t undecided() const {
    std::size_t count = 0;
    outbox_->visit([&](const Send& send) {
      if (!is_final(send.state) && send.state != SendState::sent) ++count;
      EXPECT_TRUE(send.state != SendState::failed || told_failed_.contains(send.key)) << send.key;
    });
    return count;
  }

  ManualClock clock_;
  FastRandom random_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::map<std::int64_t, TimePoint> begun_;
  std::map<std::string, bool> may_be_sent_;
  std::map<std::string, unsigned> tries_;
  std::set<std::string> told_failed_;
  std::vector<TestChannel::Sent> sent_;
  std::vector<TestChannel::Found> found_;
  std::unique_ptr<Outbox> outbox_;
};

TEST(OutboxWalk, WhateverComesItEndsWell) {
  const std::uint64_t seed = entropy_seed();
  for (std::uint64_t walk = 0; walk < 40; ++walk) {
    SCOPED_TRACE("seed " + std::to_string(seed + walk));
    Walk(seed + walk).run();
  }
}

}  // namespace
}  // namespace tenfold::oncall
