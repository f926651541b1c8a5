#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "oncall/channels/test_channel.hpp"
#include "oncall/service/oncall.hpp"

// Channels, plan and trouble for tests of the on-call service.
namespace tenfold::oncall {

// Looks until the condition holds; false: not within 20 s.
inline bool eventually(const std::function<bool()>& condition) {
  const SystemClock clock;
  const auto give_up = clock.now() + std::chrono::seconds(20);
  while (!condition()) {
    if (clock.now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // between two looks, until the deadline
  }
  return true;
}

// What the test's channels were asked, safe to read while the on-call thread runs.
struct Log {
  struct Entry {
    std::string channel, to, key, text;
    Message::Kind kind;
  };
  Guarded<std::vector<Entry>> entries;
  std::vector<Entry> all() const {
    return entries.with([](const auto& list) { return list; });
  }
  std::size_t count(std::string_view to, Message::Kind kind) const {
    const auto list = all();
    return static_cast<std::size_t>(
        std::ranges::count_if(list, [&](const Entry& each) { return each.to == to && each.kind == kind; }));
  }
};

// Reports on the poller, as channels must: never from within send().
using Behaviour = std::function<std::vector<Report>(const TestChannel::Sent& sent)>;

inline std::unique_ptr<Channel> channel(transfer::Poller& poller, Log& log, std::string name, ChannelKind kind,
                                        Behaviour behaviour) {
  auto made = std::make_unique<TestChannel>(name, kind);
  made->on_send = [&poller, &log, name, behaviour = std::move(behaviour)](const TestChannel::Sent& sent) {
    log.entries.with([&](auto& list) {
      list.push_back({name, sent.to, sent.key, sent.message.text, sent.message.kind});
    });
    for (Report& report : behaviour(sent)) {
      poller.post([report, to = sent.report] { to(report); });
    }
  };
  made->on_find = [&poller](const TestChannel::Found& found) {
    poller.post([to = found.report] { to({.state = Report::State::delivered}); });
  };
  return made;
}

inline std::vector<Report> delivered(const TestChannel::Sent& sent) {
  return {{.state = Report::State::sent, .id = "id-" + sent.key}, {.state = Report::State::delivered}};
}

inline Plan plan() {
  using namespace std::chrono_literals;
  Plan plan{.shop = "Corner Shop"};
  plan.people = {{.name = "ada", .contacts = {{ChannelKind::call, "+1"}, {ChannelKind::sms, "+2", 1h}}},
                 {.name = "bela", .contacts = {{ChannelKind::mail, "bela@shop.example"}}}};
  plan.escalations = {{.name = "all", .steps = {{.notify = {"ada"}}, {.notify = {"bela"}, .after = 1h}}}};
  plan.over_after = 0s;
  return plan;
}

inline Trouble trouble(std::string source) {
  return {.source = std::move(source), .what = "down: connection refused", .severity = "critical"};
}

}  // namespace tenfold::oncall
