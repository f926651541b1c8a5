#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "store/test_folder.hpp"
#include "watch/history/history_store.hpp"
#include "watch/service/core.hpp"

namespace tenfold::watch {

// Core in a world of its own: a clock that the test moves, servers that fail when told to, and a store that outlives a
// restart.
class TestWorld {
 public:
  struct News {
    std::string kind;   // "down", "over", "up" (of the uplink)
    std::string about;  // the check, or "uplink"
    std::string what;
    WallTime at{};     // when it was told
    WallTime since{};  // as it was told
    std::string word() const { return about == "uplink" ? about + " " + kind : kind + " " + about; }
  };
  enum class Uplink { whole, cut, silent };  // silent: anchors are never answered for, all else is well

  explicit TestWorld(std::uint64_t seed = 1) : random_(seed) {}

  void begin(Settings with) {
    settings = std::move(with);
    listener_ = std::make_unique<Recorder>(*this);
    core_ = std::make_unique<Core>(*listener_, settings, Restored(), before, now_);
    carry_out();
  }
  // The process ends, another starts `away` later.
  void restart(Duration away = std::chrono::seconds(1)) {
    carry_out();
    core_.reset();
    answers_.clear();
    write();
    store_.reset();
    advance(away);
    auto restored = store().restore(now_.wall);
    ASSERT_TRUE(restored) << restored.error().text();
    core_ = std::make_unique<Core>(*listener_, settings, std::move(*restored), Core::Before::known, now_);
    carry_out();
  }
  void replace(const Settings& with) {
    settings = with;
    core_->replace(with, now_);
    carry_out();
  }

  void run_for(Duration time) {
    run_until([] { return false; }, time);
  }
  void run_until(const std::function<bool()>& reached, Duration most) {
    const TimePoint end = now_.time + most;
    while (!reached()) {
      TimePoint next = core_->next();
      if (!answers_.empty()) next = std::min(next, answers_.begin()->first);
      if (next > end) break;
      if (next > now_.time) advance(next - now_.time);
      run_once();
    }
    if (!reached() && end > now_.time) advance(end - now_.time);
  }
  void leap(Duration by) { now_.wall += by; }
  void stall(Duration time) { advance(time); }

  void fail(const std::string& check, CheckResult::Cause cause, std::optional<CheckResult::Path> only = {}) {
    faults_[check] = {.hangs = false, .cause = cause, .only = only};
  }
  void hang(const std::string& check) {
    faults_[check] = {.hangs = true, .cause = CheckResult::Cause::timeout, .only = {}};
  }
  void mend(const std::string& check) { faults_.erase(check); }
  void uplink(Uplink is) { uplink_ = is; }
  void something_happens() {
    const std::string check = "check " + std::to_string(random_.below(10));
    switch (random_.below(8)) {
      case 0: return fail(check, CheckResult::Cause::status);
      case 1: return fail(check, CheckResult::Cause::connect);
      case 2: return fail(check, CheckResult::Cause::connect, CheckResult::Path::usual);
      case 3: return hang(check);
      case 4: return uplink(random_.below(2) == 0 ? Uplink::cut : Uplink::whole);
      case 5: return random_.below(4) == 0 ? restart(std::chrono::seconds(random_.below(600))) : mend(check);
      default: return mend(check);
    }
  }

  Core& core() { return *core_; }
  Moment now() const { return now_; }
  CheckView view(const std::string& check) const {
    for (CheckView& shown : core_->view(now_).checks) {
      if (shown.name == check) return shown;
    }
    ADD_FAILURE() << "no check " << check;
    return {};
  }
  std::string words() const {
    std::string words;
    for (const News& one : news) words += (words.empty() ? "" : ", ") + one.word();
    return words;
  }

  Settings settings;
  Core::Before before = Core::Before::known;
  std::vector<News> news;
  std::map<std::string, int> looks;  // by check
  std::map<std::string, Duration> takes;
  std::map<std::string, std::string> address;
  std::size_t most_looks_at_once = 0;

 private:
  struct Fault {
    bool hangs = false;
    CheckResult::Cause cause = CheckResult::Cause::none;
    std::optional<CheckResult::Path> only;
  };
  struct Answer {
    DueLook look;
    CheckResult result;
  };
  class Recorder final : public Listener {
   public:
    explicit Recorder(TestWorld& world) : world_(world) {}
    void down(const Check& check, const Change& change) override { note("down", check.name, change.what, change.at); }
    void over(const Check& check, const Change& change) override { note("over", check.name, change.what, change.at); }
    void maintenance(const Check& check, const Change& change, Maintenance now) override {
      note(now == Maintenance::begun ? "rests" : "wakes", check.name, change.what, change.at);
    }
    void uplink(const UplinkVerdict& verdict) override {
      note(verdict.down ? "down" : "up", "uplink", verdict.why, verdict.since);
    }

   private:
    void note(const char* kind, const std::string& about, const std::string& what, WallTime since) {
      world_.news.push_back({kind, about, what, world_.now_.wall, since});
    }
    TestWorld& world_;
  };

  void advance(Duration by) { now_.time += by, now_.wall += by; }

  void run_once() {
    if (!answers_.empty() && answers_.begin()->first <= now_.time) {
      Answer answer = std::move(answers_.begin()->second);
      answers_.erase(answers_.begin());
      answer.result.at = now_.wall;
      core_->take(answer.look, std::move(answer.result), now_);
    } else {
      core_->step(now_);
    }
    carry_out();
  }

  void carry_out() {
    Core::Output output = core_->drain();
    most_looks_at_once = std::max(most_looks_at_once, output.looks.size());
    for (DueLook& look : output.looks) ask(std::move(look));
    batches_.push_back(std::move(output.batch));
  }

  void ask(DueLook look) {
    const std::string& name = look.check->name;
    ++looks[name];
    const bool anchor = look.of == DueLook::Of::anchor;
    if (anchor && uplink_ == Uplink::silent) return;
    CheckResult result;
    result.address = address.contains(name) ? address[name] : "192.0.2.1";
    if (look.path == CheckResult::Path::other) result.by = "over IPv6";
    const auto fault = faults_.find(name);
    const bool faulty = fault != faults_.end() && (!fault->second.only || *fault->second.only == look.path);
    const bool cut = uplink_ == Uplink::cut && result.address != "127.0.0.1";
    Duration after = takes.contains(name) ? takes[name] : Duration(std::chrono::milliseconds(100));
    result.outcome = cut || faulty ? CheckResult::Outcome::failed : CheckResult::Outcome::good;
    if (cut || (faulty && fault->second.hangs)) {
      result.cause = CheckResult::Cause::timeout;
      result.what = "no answer";
      after = look.timeout;
    } else if (after > look.timeout) {
      result.outcome = CheckResult::Outcome::failed;
      result.cause = CheckResult::Cause::timeout;
      result.what = "no answer in time";
      after = look.timeout;
    } else if (faulty) {
      result.cause = fault->second.cause;
      result.what = result.cause == CheckResult::Cause::status ? "status 503" : "connection refused";
    }
    result.phases.total = after;
    answers_.emplace(now_.time + after, Answer{std::move(look), std::move(result)});
  }

  HistoryStore& store() {
    if (!folder_) folder_ = std::make_unique<store::TestFolder>();
    if (!store_) {
      store_ = std::move(HistoryStore::open(folder_->file(), {}, now_.wall).value());
    }
    return *store_;
  }

  void write() {
    Batch whole;
    const auto flush = [&] {
      const auto written = store().write(whole, now_.wall);
      EXPECT_TRUE(written) << written.error().text();
      whole = {};
    };
    for (Batch& batch : batches_) {
      std::ranges::move(batch.results, std::back_inserter(whole.results));
      std::ranges::move(batch.hours, std::back_inserter(whole.hours));
      std::ranges::move(batch.states, std::back_inserter(whole.states));
      std::ranges::move(batch.changes, std::back_inserter(whole.changes));
      whole.forgotten = std::move(batch.forgotten);
      if (batch.hours_until) whole.hours_until = batch.hours_until;
      if (batch.alive_at) whole.alive_at = batch.alive_at;
      if (batch.uplink_down) whole.uplink_down = batch.uplink_down;
      if (!whole.forgotten.empty()) flush();
    }
    flush();
    batches_.clear();
  }

  FastRandom random_;
  Moment now_{TimePoint(std::chrono::hours(1)), WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 24))};
  std::unique_ptr<Recorder> listener_;
  std::unique_ptr<Core> core_;
  std::multimap<TimePoint, Answer> answers_;
  std::map<std::string, Fault> faults_;
  Uplink uplink_ = Uplink::whole;
  std::vector<Batch> batches_;
  std::unique_ptr<store::TestFolder> folder_;
  std::unique_ptr<HistoryStore> store_;
};

}  // namespace tenfold::watch
