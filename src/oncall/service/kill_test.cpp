#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "base/random.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/outbox/ledger.hpp"
#include "oncall/service/oncall.hpp"
#include "store/test_folder.hpp"
#include "store/test_process.hpp"

// A process that rings is killed at random moments. Its channels write what has reached "the provider" to a file that
// outlives it, and lose some of the provider's answers. In the end nothing is lost, and a send was repeated only where
// its answer was lost. TENFOLD_KILL_ROUNDS: how often (100), TENFOLD_KILL_SEED: with which seed.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Lines that are there even if their writer is killed right after.
class Lines {
 public:
  explicit Lines(std::string file) : file_(std::move(file)) {}
  void add(const std::string& line) const {
    const int descriptor = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    TENFOLD_ASSERT(descriptor >= 0);
    const std::string whole = line + "\n";
    TENFOLD_ASSERT(::write(descriptor, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size()));
    ::close(descriptor);
  }
  std::vector<std::string> all() const {
    std::vector<std::string> lines;
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  bool has(const std::string& wanted) const { return std::ranges::count(all(), wanted) > 0; }

 private:
  std::string file_;
};

// What reaches the provider is "got KEY"; an answer that gets lost on the way back is "lost KEY".
class Provider final : public Channel {
 public:
  enum class Memory : std::uint8_t { can_be_asked, cannot };
  Provider(transfer::Poller& poller, std::string name, ChannelKind kind, Memory memory, Lines lines, Random& random)
      : poller_(poller),
        name_(std::move(name)),
        kind_(kind),
        memory_(memory),
        lines_(std::move(lines)),
        random_(random) {}

  std::string_view name() const override { return name_; }
  ChannelKind kind() const override { return kind_; }
  void send(const std::string&, const Message&, const std::string& key, Duration, Reporter report) override {
    if (random_.below(10) == 0) return later(report, {.state = Report::State::failed, .detail = "503", .retry = true});
    lines_.add("got " + key);
    if (random_.below(5) == 0) {
      lines_.add("lost " + key);
      return later(report, {.state = Report::State::unknown});
    }
    later(report, {.state = Report::State::sent, .id = key});
    later(report, {.state = Report::State::delivered});
  }
  void find(const std::string&, const std::string& key, const std::string&, WallTime, Reporter report) override {
    if (memory_ == Memory::cannot) return later(report, {.state = Report::State::unknown});
    if (lines_.has("got " + key)) return later(report, {.state = Report::State::delivered});
    later(report, {.state = Report::State::failed, .retry = true});
  }

 private:
  void later(const Reporter& report, Report word) {
    const Duration after = std::chrono::microseconds(random_.below(3'000));
    poller_.at(poller_.now() + after, [report, word = std::move(word)] { report(word); });
  }

  transfer::Poller& poller_;
  std::string name_;
  ChannelKind kind_;
  Memory memory_;
  Lines lines_;
  Random& random_;
};

constexpr std::size_t at_once = 8;
constexpr std::size_t escalations = 64;

Plan chain_plan() {
  Plan plan{.shop = "Corner Shop"};
  plan.people = {{.name = "ada", .contacts = {{ChannelKind::call, "+1"}, {ChannelKind::sms, "+2"}}}};
  for (std::size_t i = 0; i < escalations; ++i) {
    plan.escalations.push_back(
        {.name = "e" + std::to_string(i), .steps = {{.notify = {"ada"}}}, .repeat = 0, .repeat_after = 1h});
  }
  plan.remind_every = 1h;
  plan.over_after = 0s;
  return plan;
}

// Sent is enough: after a kill, the blind channels cannot find out any more.
bool is_through(const AlertView& alert) {
  return !alert.sends.empty() && std::ranges::all_of(alert.sends, [](const SendView& send) {
    return send.state == "sent" || send.state == "delivered" || send.state == "failed" || send.state == "dropped";
  });
}

struct Files {
  std::string store;
  Lines provider;  // what has reached it
  Lines ringers;   // "accepted ID", once an alert has been seen in the view
};

// Hands in troubles, `at_once` at a time; each is over when all that was to be sent for it has been sent. With no
// troubles of its own (the last round), it ends when all is through.
class Ringer {
 public:
  Ringer(Files files, std::uint64_t seed, std::size_t troubles)
      : files_(std::move(files)), random_(seed), provider_random_(seed + 5'000), left_(troubles), seed_(seed) {}

  int run() {
    auto made = OnCall::make({.clock = clock_,
                              .store_file = files_.store,
                              .make_channels = [this](auto& poller) { return channels(poller); }},
                             chain_plan());
    if (!made) return 1;
    oncall_ = std::move(*made);
    before_start_ = oncall_->view();
    oncall_->start();
    const auto give_up = clock_.now() + 120s;
    while (clock_.now() < give_up) {
      if (look() == Look::all_through && left_ == 0) return 0;
      std::this_thread::sleep_for(1ms);  // between two looks
    }
    return 2;
  }

 private:
  enum class Look : std::uint8_t { some_open, all_through };

  Result<OnCall::Channels> channels(transfer::Poller& poller) {
    OnCall::Channels made;
    const auto add = [&](std::string name, ChannelKind kind, Provider::Memory memory) {
      made.push_back(
          std::make_unique<Provider>(poller, std::move(name), kind, memory, files_.provider, provider_random_));
    };
    add("sure", ChannelKind::call, Provider::Memory::can_be_asked);
    add("blind", ChannelKind::sms, Provider::Memory::cannot);
    add("blind-too", ChannelKind::sms, Provider::Memory::cannot);
    return made;
  }

  Look look() {
    const auto view = oncall_->view();
    if (view == before_start_) return Look::some_open;
    bool all_through = view->store_error.empty();
    std::size_t open = 0;
    for (const AlertView& each : view->alerts) {
      const bool is_open = each.alert.state != Alert::State::over;
      open += is_open ? 1 : 0;
      for (const Trouble& trouble : each.alert.troubles) handed_in_.erase(trouble.source);
      if (is_open && accepted_.insert(each.alert.id).second)
        files_.ringers.add("accepted " + std::to_string(each.alert.id));
      if (is_open && is_through(each)) {
        for (const Trouble& trouble : each.alert.troubles) oncall_->over(trouble.source);
      }
      all_through = all_through && !is_open && is_through(each);
    }
    for (; left_ > 0 && open + handed_in_.size() < at_once; --left_) hand_in();
    return all_through && handed_in_.empty() ? Look::all_through : Look::some_open;
  }

  void hand_in() {
    const std::string source = std::to_string(seed_) + "-" + std::to_string(left_);
    handed_in_.insert(source);
    oncall_->trouble({.source = source,
                      .what = "down",
                      .severity = "critical",
                      .escalation = "e" + std::to_string(random_.below(escalations))});
  }

  Files files_;
  SystemClock clock_;
  FastRandom random_;           // of the thread that hands in
  FastRandom provider_random_;  // of the on-call thread, where the channels are
  std::size_t left_;
  std::uint64_t seed_;
  std::set<std::string> handed_in_;
  std::set<std::int64_t> accepted_;
  std::unique_ptr<OnCall> oncall_;
  std::shared_ptr<const View> before_start_;
};

// What the disk knows after a kill.
class Witness {
 public:
  explicit Witness(const Files& files) : files_(files) {}

  void look() {
    auto ledger = Ledger::open(files_.store, {});
    ASSERT_TRUE(ledger) << ledger.error().text();
    auto kept = ledger->read();
    ASSERT_TRUE(kept) << kept.error().text();
    std::map<std::string, const Send*> rows;
    std::int64_t oldest = std::numeric_limits<std::int64_t>::max();  // before it, alerts are forgotten
    for (const Send& send : kept->sends) {
      rows[send.key] = &send;
      oldest = std::min(oldest, send.order.alert);
      if (send.state == SendState::sending || send.state == SendState::unsure) ++lost_in_crash_[send.key];
    }
    for (const std::string& line : files_.provider.all()) {
      if (!line.starts_with("got ") || std::stoll(line.substr(4)) < oldest) continue;
      const auto row = rows.find(line.substr(4));
      ASSERT_NE(row, rows.end()) << "was sent, but never written down: " << line;
      EXPECT_GT(row->second->attempts, 0u) << "was sent before it was written down: " << line;
    }
  }

  void judge() const {
    std::map<std::string, std::size_t> got, lost;
    for (const std::string& line : files_.provider.all()) {
      if (line.starts_with("got ")) ++got[line.substr(4)];
      if (line.starts_with("lost ")) ++lost[line.substr(5)];
    }
    std::size_t repeats = 0;
    for (const auto& [key, times] : got) {
      const std::size_t allowed =
          key.find("-sms-") == std::string::npos ? 0 : value(lost, key) + value(lost_in_crash_, key);
      EXPECT_LE(times - 1, allowed) << key << " was repeated though its answer was known";
      repeats += times - 1;
    }
    const auto lines = files_.ringers.all();
    const std::set<std::string> accepted(lines.begin(), lines.end());
    for (const std::string& line : accepted) {
      const std::string id = line.substr(std::string_view("accepted ").size());
      for (const std::string contact : {"call-+1", "sms-+2"}) {
        EXPECT_TRUE(got.contains(id + "-alert-0-0-ada-" + contact)) << "lost: " << id << " by " << contact;
      }
      const std::string end = id + "-over-1-0-ada-";
      EXPECT_TRUE(got.contains(end + "call-+1") || got.contains(end + "sms-+2")) << "lost: the end of " << id;
    }
    std::printf("%zu alerts, %zu sends, %zu repeated after a lost answer\n", accepted.size(), got.size(), repeats);
    EXPECT_FALSE(accepted.empty());
  }

 private:
  static std::size_t value(const std::map<std::string, std::size_t>& counts, const std::string& key) {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
  }

  const Files& files_;
  std::map<std::string, std::size_t> lost_in_crash_;
};

TEST(Kill, LosesNothingAndRepeatsOnlyWhatWasUnanswered) {
  const auto rounds = number_from_environment("TENFOLD_KILL_ROUNDS", 100);
  const auto seed = number_from_environment("TENFOLD_KILL_SEED", entropy_seed() % 1'000'000);
  std::printf("TENFOLD_KILL_ROUNDS=%lu TENFOLD_KILL_SEED=%lu\n", static_cast<unsigned long>(rounds),
              static_cast<unsigned long>(seed));
  const store::TestFolder folder;
  const Files files{folder.file(), Lines(folder.file("provider")), Lines(folder.file("ringers"))};
  FastRandom random(seed);
  Witness witness(files);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    store::TestProcess process([&] { return Ringer(files, seed * 10'000 + round, 1'000'000).run(); });
    // The moment is the test: nothing else is waited for.
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(200'000)));
    process.kill();
    ASSERT_NO_FATAL_FAILURE(witness.look()) << "round " << round;
  }
  store::TestProcess last([&] { return Ringer(files, seed * 10'000 + rounds, 0).run(); });
  ASSERT_EQ(last.wait(), 0);
  witness.judge();
}

}  // namespace
}  // namespace tenfold::oncall
