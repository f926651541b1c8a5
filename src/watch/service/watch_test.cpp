#include "watch/service/watch.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <set>
#include <thread>

#include "base/guarded.hpp"
#include "store/test_folder.hpp"

namespace tenfold::watch {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Answers after a few milliseconds: that it is well, or for the checks named in `failing` that it is not.
class FakeProber final : public Prober {
 public:
  using Failing = Guarded<std::set<std::string>>;
  FakeProber(transfer::Poller& poller, const Failing& failing) : poller_(poller), failing_(failing) {}

  void start(const Check& check, CheckResult::Path path, Done done) override {
    ++under_way_;
    CheckResult result;
    result.path = path;
    result.address = "127.0.0.1";
    const bool fails = failing_.with([&](const auto& names) { return names.contains(check.name); });
    result.outcome = fails ? CheckResult::Outcome::failed : CheckResult::Outcome::good;
    result.cause = fails ? CheckResult::Cause::status : CheckResult::Cause::none;
    result.what = fails ? "status 503" : "";
    result.phases.total = 3ms;
    poller_.at(poller_.now() + 3ms, [this, result, done = std::move(done)]() mutable {
      --under_way_;
      result.at = poller_.clock().wall_now();
      done(std::move(result));
    });
  }
  std::size_t under_way() const override { return under_way_; }

 private:
  transfer::Poller& poller_;
  const Failing& failing_;
  std::size_t under_way_ = 0;
};

class Recorder final : public Listener {
 public:
  void down(const Check& check, const Change&) override { note("down " + check.name); }
  void over(const Check& check, const Change&) override { note("over " + check.name); }
  void uplink(const UplinkVerdict& verdict) override { note(verdict.down ? "uplink down" : "uplink up"); }
  std::vector<std::string> news() const {
    return news_.with([](const auto& news) { return news; });
  }

 private:
  void note(std::string news) {
    news_.with([&](auto& all) { all.push_back(std::move(news)); });
  }
  Guarded<std::vector<std::string>> news_;
};

// Answers every connection with one status, and counts them.
class StatusServer {
 public:
  explicit StatusServer(const std::string& status)
      : answer_("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(listening_, 16), 0);
    EXPECT_EQ(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~StatusServer() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/alive"; }
  int asked() const { return asked_; }

 private:
  void serve() {
    while (true) {
      const int peer = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) return;
      char buffer[4096];
      if (::recv(peer, buffer, sizeof buffer, 0) > 0) {
        ++asked_;
        EXPECT_GT(::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL), 0);
      }
      ::close(peer);
    }
  }
  std::string answer_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> asked_ = 0;
  std::thread thread_;
};

class WatchTest : public testing::Test {
 protected:
  std::unique_ptr<Watch> make(Settings settings, const std::string& file) {
    Watch::Setup setup{.clock = clock_, .listener = listener_, .store_file = file, .make_prober = {}};
    setup.make_prober = [this](transfer::Poller& poller) -> Result<std::unique_ptr<Prober>> {
      return std::make_unique<FakeProber>(poller, failing_);
    };
    auto watch = Watch::make(setup, std::move(settings));
    EXPECT_TRUE(watch) << watch.error().text();
    return watch ? std::move(*watch) : nullptr;
  }
  static Settings two_checks() {
    Settings settings;
    for (const char* name : {"front", "api"}) {
      Check check;
      check.name = name;
      check.probe = HttpProbe{.url = std::string("http://127.0.0.1/") + name};
      check.every = 50ms;
      settings.checks.push_back(check);
    }
    Check backup;
    backup.name = "backup";
    backup.probe = HeartbeatProbe{.every = 24h, .token = "0123456789abcdef"};
    settings.checks.push_back(backup);
    return settings;
  }
  void set_failing(std::set<std::string> names) {
    failing_.with([&](auto& failing) { failing = std::move(names); });
  }
  template <class Holds>
  static void wait_until(Holds&& holds) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up);
      std::this_thread::sleep_for(1ms);
    }
  }
  static State state_of(const Watch& watch, const std::string& name) {
    const auto view = watch.view();
    for (const CheckView& check : view->checks) {
      if (check.name == name) return check.state;
    }
    return State::unknown;
  }

  SystemClock clock_;
  Recorder listener_;
  FakeProber::Failing failing_;
  store::TestFolder folder_;
};

TEST_F(WatchTest, TellsWhatIsDownAndWhatIsOverAndKeepsHistory) {
  const auto watch = make(two_checks(), folder_.file());
  EXPECT_EQ(watch->view()->checks.size(), 3u) << "before it starts, too";
  watch->start();
  wait_until([&] { return state_of(*watch, "front") == State::up && state_of(*watch, "api") == State::up; });
  set_failing({"api"});
  wait_until([&] { return !listener_.news().empty(); });
  set_failing({});
  wait_until([&] { return listener_.news().size() == 2; });
  EXPECT_THAT(listener_.news(), testing::ElementsAre("down api", "over api"));
  wait_until([&] {
    const auto series = watch->history("api", clock_.wall_now() - 1h, clock_.wall_now() + 1s, 1s);
    return series && !series->points.empty() && series->changes.size() >= 3;
  });
  EXPECT_EQ(watch->view()->history_error, "");
}

TEST_F(WatchTest, ARestartRemembersWhatWasTold) {
  set_failing({"api"});
  {
    const auto watch = make(two_checks(), folder_.file());
    watch->start();
    wait_until([&] { return !listener_.news().empty(); });
  }
  set_failing({});
  const auto watch = make(two_checks(), folder_.file());
  EXPECT_EQ(state_of(*watch, "api"), State::down);
  watch->start();
  wait_until([&] { return listener_.news().size() >= 2; });
  EXPECT_THAT(listener_.news(), testing::ElementsAre("down api", "over api"));
}

TEST_F(WatchTest, WithoutAStoreItWatchesAndSaysSo) {
  std::ofstream(folder_.file()) << std::string(5000, 'n');
  const auto watch = make(two_checks(), folder_.file());
  EXPECT_THAT(watch->view()->history_error, HasSubstr("is not a database"));
  watch->start();
  set_failing({"api"});
  wait_until([&] {
    const auto news = listener_.news();
    return std::ranges::find(news, "down api") != news.end();
  });
}

TEST_F(WatchTest, InMemoryOnlyItHasNoHistory) {
  const auto watch = make(two_checks(), "");
  watch->start();
  wait_until([&] { return state_of(*watch, "front") == State::up; });
  EXPECT_EQ(watch->history("front", clock_.wall_now() - 1h, clock_.wall_now(), 1s).error().code, Errc::not_found);
}

TEST_F(WatchTest, HeartbeatsComeByTheirToken) {
  const auto watch = make(two_checks(), "");
  watch->start();
  EXPECT_FALSE(watch->heartbeat("", {}));
  EXPECT_FALSE(watch->heartbeat("0123456789abcdee", {}));
  EXPECT_FALSE(watch->heartbeat("0123456789abcde", {}));
  EXPECT_TRUE(watch->heartbeat("0123456789abcdef", {}));
  wait_until([&] { return state_of(*watch, "backup") == State::up; });
}

TEST_F(WatchTest, NewSettingsComeFromAnyThreadWhileOthersRead) {
  const auto watch = make(two_checks(), folder_.file());
  watch->start();
  std::atomic<bool> over = false;
  std::thread reader([&] {
    while (!over) {
      EXPECT_GE(watch->view()->checks.size(), 2u);
      watch->heartbeat("0123456789abcdef", {});
    }
  });
  Settings settings = two_checks();
  for (int i = 0; i < 50; ++i) {
    settings.checks.resize(2);
    settings.checks.push_back(settings.checks[0]);
    settings.checks.back().name = "new " + std::to_string(i);
    watch->replace(settings);
  }
  wait_until([&] { return state_of(*watch, "new 49") == State::up; });
  over = true;
  reader.join();
  EXPECT_FALSE(watch->heartbeat("0123456789abcdef", {})) << "it is no longer configured";
}

TEST_F(WatchTest, ReportsToTheOutside) {
  const StatusServer outside("200 OK");
  Settings settings = two_checks();
  settings.heartbeat_out_url = outside.url();
  settings.heartbeat_out_every = 1s;
  const auto watch = make(settings, "");
  watch->start();
  wait_until([&] { return watch->view()->heartbeat_out_at.has_value(); });
  EXPECT_EQ(watch->view()->heartbeat_out_error, "");
  wait_until([&] { return outside.asked() >= 2; });
}

// With the real prober: nothing is faked but the shop.
TEST_F(WatchTest, AShopThatStopsIsToldWithinTheIntervalAndFiveSeconds) {
  std::optional<StatusServer> shop(std::in_place, "200 OK");
  Settings settings;
  settings.checks.resize(1);
  settings.checks[0].name = "shop";
  settings.checks[0].probe = HttpProbe{.url = shop->url()};
  settings.checks[0].every = 1s;
  Watch::Setup setup{.clock = clock_, .listener = listener_, .store_file = folder_.file(), .make_prober = {}};
  setup.make_prober = [](transfer::Poller& poller) { return make_prober(poller, {}); };
  const auto watch = Watch::make(setup, settings);
  ASSERT_TRUE(watch) << watch.error().text();
  (*watch)->start();
  wait_until([&] { return state_of(**watch, "shop") == State::up; });
  const auto stopped = std::chrono::steady_clock::now();
  shop.reset();
  wait_until([&] { return !listener_.news().empty(); });
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, 1s + 5s);
  EXPECT_THAT(listener_.news(), testing::ElementsAre("down shop"));
}

TEST_F(WatchTest, SaysWhenNobodyTakesItsReports) {
  const StatusServer outside("500 Broken");
  Settings settings = two_checks();
  settings.heartbeat_out_url = outside.url();
  const auto watch = make(settings, "");
  watch->start();
  wait_until([&] { return !watch->view()->heartbeat_out_error.empty(); });
  EXPECT_EQ(watch->view()->heartbeat_out_error, "status 500, expected 200-299");
  EXPECT_FALSE(watch->view()->heartbeat_out_at);
}

}  // namespace
}  // namespace tenfold::watch
