#include "rehearse/drive/run.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <thread>

#include "base/guarded.hpp"
#include "http/rehearsal_credential.hpp"
#include "rehearse/drive/driver_thread.hpp"
#include "rehearse/drive/measure/collector.hpp"
#include "rehearse/drive/measure/stolen_time.hpp"
#include "rehearse/drive/ownership/keeper_thread.hpp"
#include "rehearse/drive/players/make_players.hpp"
#include "rehearse/drive/validate.hpp"

namespace tenfold::rehearse {

namespace {

const SystemClock system_clock;
// From all threads' being ready to the first request.
constexpr Duration lead = std::chrono::milliseconds(20);
constexpr Duration grace_when_stopped = std::chrono::seconds(1);

int cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Signals are for the caller's thread: what is started meanwhile gets none.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

Result<std::shared_ptr<net::TlsClientContext>> tls_for(const DriveOptions& options) {
  if (!options.target.tls()) return nullptr;
  return net::make_tls_client_context({.authorities_file = options.authorities_file, .protocols = {"http/1.1"}});
}

// What is shared by the caller, the keeper and the threads, and only touched when something changes.
class Run {
 public:
  Run(const Load& load, const DriveOptions& options, const PlanSource& plans)
      : load_(load), options_(options), plans_(plans) {}

  Result<RunRecord> play(DriveObserver& observer);

 private:
  struct Lost {
    ProvenAddresses addresses;
    std::string why;
  };

  Result<void> prove();
  Result<void> check_client_addresses(const std::vector<ProvenAddress>& addresses) const;
  Result<void> make_threads();
  void publish(ProvenAddresses addresses);
  void lost(std::string why);
  void stop(Duration grace);
  RunRecord empty_record(TimePoint begin) const;

  const Load& load_;
  const DriveOptions& options_;
  const PlanSource& plans_;
  int count_ = 1;
  std::counting_semaphore<> handed_{0};

  std::mutex mutex_;
  ProvenAddresses addresses_;  // under mutex_
  std::string why_lost_;       // under mutex_
  bool running_ = false;       // under mutex_: threads_ are made, and told of what happens

  std::vector<std::unique_ptr<HandOver>> hand_overs_;
  std::vector<std::unique_ptr<DriverThread>> threads_;
  std::unique_ptr<KeeperThread> keeper_;  // ends first
};

Result<void> Run::prove() {
  auto loop = net::make_loop(system_clock);
  if (!loop) return std::unexpected(loop.error());
  auto tls = tls_for(options_);
  if (!tls) return std::unexpected(tls.error());
  keeper_ = std::make_unique<KeeperThread>(
      std::move(*loop), options_.key, options_.target, *tls,
      KeeperThread::Events{.publish = [this](ProvenAddresses addresses) { publish(std::move(addresses)); },
                           .lost = [this](std::string why) { lost(std::move(why)); }});
  if (auto proven = keeper_->wait_for_proof(); !proven) return proven;
  const std::lock_guard lock(mutex_);
  return check_client_addresses(*addresses_);
}

Result<void> Run::check_client_addresses(const std::vector<ProvenAddress>& addresses) const {
  if (!options_.client_addresses) return {};
  for (const ProvenAddress& each : addresses) {
    const net::IpAddress& address = each.endpoint().address;
    if (!is_loopback(address) || !address.is_v4()) {
      return fail(Errc::invalid, "client addresses are for targets in 127.0.0.0/8, and " + options_.target.host +
                                     " is " + address.text());
    }
  }
  return {};
}

void Run::publish(ProvenAddresses addresses) {
  if (check_client_addresses(*addresses).has_value()) {
    const std::lock_guard lock(mutex_);
    addresses_ = addresses;
    if (running_) {
      for (const auto& thread : threads_) thread->use(addresses);
    }
    return;
  }
  const bool first = [&] {
    const std::lock_guard lock(mutex_);
    if (!running_) addresses_ = addresses;
    return !running_;
  }();
  if (!first) lost(check_client_addresses(*addresses).error().detail);
}

void Run::lost(std::string why) {
  {
    const std::lock_guard lock(mutex_);
    why_lost_ = std::move(why);
  }
  stop(Duration(0));
}

void Run::stop(Duration grace) {
  const std::lock_guard lock(mutex_);
  if (!running_) return;
  for (const auto& thread : threads_) thread->stop(system_clock.now() + grace);
}

Result<void> Run::make_threads() {
  auto players = make_players(load_, options_, plans_, static_cast<std::uint32_t>(count_));
  if (!players) return std::unexpected(players.error());
  const std::size_t templates = template_names(load_, options_).size();
  const auto* const visitors = std::get_if<VisitorLoad>(&load_);
  const std::lock_guard lock(mutex_);
  for (MakePlayer& make_player : *players) {
    auto loop = net::make_loop(system_clock);
    if (!loop) return std::unexpected(loop.error());
    auto tls = tls_for(options_);
    if (!tls) return std::unexpected(tls.error());
    auto& hand_over = *hand_overs_.emplace_back(std::make_unique<HandOver>(templates, handed_));
    threads_.push_back(std::make_unique<DriverThread>(std::move(*loop), options_.target, *tls, hand_over,
                                                      visitors != nullptr ? visitors->model : nullptr,
                                                      std::move(make_player)));
    threads_.back()->use(addresses_);
  }
  running_ = true;
  if (!why_lost_.empty()) {
    for (const auto& thread : threads_) thread->stop(TimePoint());
  }
  return {};
}

RunRecord Run::empty_record(TimePoint begin) const {
  RunRecord record;
  record.url = options_.target.origin() + options_.target.path;
  record.began = system_clock.wall_now() + (begin - system_clock.now());
  record.length = length_of(load_);
  record.threads = count_;
  for (std::string& name : template_names(load_, options_)) record.templates.emplace_back().name = std::move(name);
  if (const auto* visitors = std::get_if<VisitorLoad>(&load_)) {
    for (std::size_t i = 0; i < record.templates.size(); ++i)
      record.templates[i].in_log = in_log(visitors->model->templates[i]);
  }
  describe(load_, plans_, record);
  return record;
}

Result<RunRecord> Run::play(DriveObserver& observer) {
  if (auto good = validate(load_, options_); !good) return std::unexpected(good.error());
  raise_descriptor_limit();
  count_ = options_.threads > 0 ? options_.threads : cores();
  if (std::holds_alternative<ClosedLoad>(load_)) count_ = std::min(count_, options_.connections);
  StartLine line(count_);
  std::vector<std::jthread> running;
  {
    const SignalsBlocked blocked;
    if (auto proven = prove(); !proven) return std::unexpected(proven.error());
    if (auto made = make_threads(); !made) return std::unexpected(made.error());
    for (const auto& thread : threads_) running.emplace_back([&driver = *thread, &line] { driver.run(line); });
  }
  line.ready.wait();
  const TimePoint begin = system_clock.now() + lead;
  line.begin.set_value(begin);
  StolenTime stolen;
  std::vector<HandOver*> hand_overs;
  for (const auto& each : hand_overs_) hand_overs.push_back(each.get());
  Collector collector(
      empty_record(begin), hand_overs, handed_,
      {.begin = begin, .expected = expected_requests(load_, plans_), .stop = [this] { stop(grace_when_stopped); }},
      observer);
  RunRecord record = collector.collect();
  running.clear();  // joins
  keeper_.reset();
  record.stolen_share = stolen.share();
  record.idle_share = stolen.idle_share();
  if (!why_lost_.empty()) {
    record.ended = RunRecord::Ended::ownership_lost;
    record.why_ended = why_lost_;
  }
  return record;
}

}  // namespace

Result<RunRecord> run_load(const Load& load, const DriveOptions& options, DriveObserver& observer,
                           const PlanSource& plans) {
  DriveOptions named = options;
  if (named.user_agent.empty()) named.user_agent = "tenfold-rehearse";
  Run run(load, named, plans);
  return run.play(observer);
}

}  // namespace tenfold::rehearse
