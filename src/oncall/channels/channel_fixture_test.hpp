#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/server_double_test.hpp"
#include "transfer/poller.hpp"
#include "transfer/transfers.hpp"

namespace tenfold::oncall::channels {

using namespace std::chrono_literals;

// A poller that the test turns itself, a wall clock that stands still, a message with all that a message has.
class ChannelFixture : public ::testing::Test {
 protected:
  void until(const std::function<bool()>& condition) {
    const auto deadline = clock_.now() + 20s;
    while (!condition()) {
      ASSERT_LT(clock_.now(), deadline) << "the condition did not come true";
      poller_->run_until(poller_->now() + 2ms);
    }
  }

  Channel::Reporter collect() {
    return [this](Report report) { reports_.push_back(std::move(report)); };
  }

  // The first report, or a default one after a failed expectation.
  Report sent(Channel& channel, const std::string& to = "", Duration timeout = 5s) {
    reports_.clear();
    channel.send(to, message_, key_, timeout, collect());
    EXPECT_TRUE(reports_.empty()) << "reported from within send()";
    until([this] { return !reports_.empty(); });
    return reports_.empty() ? Report() : reports_.front();
  }

  static Message example() {
    return {.kind = Message::Kind::alert,
            .alert = 7,
            .subject = "Corner Shop: front-page is down",
            .text = "front-page is down since 03:12.\nHTTP status 500.",
            .spoken = "Corner Shop. The front page is down since three twelve. Press one to acknowledge.",
            .language = Language::en,
            .acknowledge_url = "https://console.shop.example/ack/7?who=ada&sig=00",
            .severity = "critical",
            .since = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1))};
  }

  static nlohmann::json body_of(const HttpDouble& server, std::size_t number = 0) {
    const auto requests = server.requests();
    return number < requests.size() ? nlohmann::json::parse(requests[number].body, nullptr, false) : nlohmann::json();
  }

  SystemClock clock_;
  ManualClock wall_;
  std::unique_ptr<transfer::Poller> poller_ = *transfer::Poller::make(clock_);
  std::unique_ptr<transfer::Transfers> transfers_ = *transfer::Transfers::make(*poller_);
  Message message_ = example();
  std::string key_ = "7:0:1:ada:call";
  std::vector<Report> reports_;
};

}  // namespace tenfold::oncall::channels
