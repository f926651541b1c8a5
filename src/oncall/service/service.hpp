#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "base/random.hpp"
#include "oncall/service/desk.hpp"
#include "oncall/service/inbox.hpp"
#include "oncall/service/journal.hpp"
#include "oncall/service/oncall.hpp"

namespace tenfold::oncall {

// The on-call thread. Whatever happens (a call from outside, a channel's report, a moment that has come) goes to the
// desk and asks for a turn: decide, write down, answer, send, show, wait.
class Service final : public OnCall {
 public:
  Service(Setup setup, Plan plan, std::unique_ptr<transfer::Poller> poller, Channels channels);
  ~Service() override;

  Result<void> start() override;
  void replace_plan(Plan plan) override;
  void trouble(Trouble trouble) override;
  void over(std::string source) override;
  void drill(std::string escalation) override;
  void acknowledge(std::int64_t alert, std::string by, std::string how) override;
  void escalate(std::int64_t alert, std::string by) override;
  void silence(std::int64_t alert, WallTime until) override;
  std::shared_ptr<const View> view() const override {
    return view_.with([](const auto& view) { return view; });
  }

 private:
  void run();
  void hand_in(transfer::Poller::Task task);
  void tell(Inbox::News news);
  void fetch_news();
  void want_turn();
  void turn();
  void open_journal();
  bool take_up(Ledger::Kept kept);
  void write_down();
  void show_new_alerts();
  void publish();
  void render();
  void wait_for_next();
  View make_view() const;
  Message message(const Order& order) const;
  std::string note(Language language) const;

  Setup setup_;
  std::unique_ptr<transfer::Poller> poller_;
  Channels channels_;
  FastRandom random_;
  Journal journal_;
  Desk desk_;

  enum class Earlier : std::uint8_t { unread, read } earlier_ = Earlier::unread;  // what an earlier run left
  std::set<std::string> over_meanwhile_;  // sources, while it is unread; at most most_over_meanwhile
  bool turn_wanted_ = false;
  bool view_outdated_ = true;
  transfer::Poller::TimerId wakeup_ = 0;
  TimePoint published_at_{};
  std::int64_t newest_shown_ = 0;  // the number of the newest alert in the view

  Inbox inbox_;
  Guarded<std::shared_ptr<const View>> view_;
  std::thread thread_;
};

}  // namespace tenfold::oncall
