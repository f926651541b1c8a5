#include "rehearse/drive/driver_thread.hpp"

#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <thread>

namespace tenfold::rehearse {

namespace {

constexpr Duration between_hand_overs = std::chrono::seconds(1);
constexpr Duration until_next_try = std::chrono::milliseconds(1);

Duration thread_cpu() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

DriverThread::DriverThread(std::unique_ptr<net::Loop> loop, const Target& target,
                           std::shared_ptr<net::TlsClientContext> tls, HandOver& hand_over, const TrafficModel* model,
                           MakePlayer make_player)
    : loop_(std::move(loop)),
      hand_over_(hand_over),
      recorder_(hand_over, model),
      route_(*loop_, target, std::move(tls), recorder_),
      make_player_(std::move(make_player)) {}

void DriverThread::use(ProvenAddresses addresses) {
  loop_->post([this, addresses = std::move(addresses)]() mutable { route_.use(std::move(addresses)); });
}

void DriverThread::stop(TimePoint give_up) {
  loop_->post([this, give_up] {
    give_up_ = std::min(give_up_, give_up);
    if (player_) player_->stop();
  });
}

void DriverThread::run(StartLine& line) {
  // Waits end when they should, instead of up to 50 µs later for the sake of fewer wake-ups.
  ::prctl(PR_SET_TIMERSLACK, 1);
  player_ = make_player_(scope_, route_);
  line.ready.count_down();
  const TimePoint begin = line.when_begins.get();
  next_hand_over_ = begin + between_hand_overs;
  player_->start(begin);
  loop_->run_once(Duration(0));  // what was posted before: the addresses
  play_through();
  hand_over_.filling().last = true;
  while (!hand_over(loop_->clock().now())) std::this_thread::sleep_for(until_next_try);
  player_.reset();
  loop_->stop();
  loop_->run();  // winds up, on the thread that used it
}

void DriverThread::play_through() {
  const Clock& clock = loop_->clock();
  bool closing = false;
  while (!closing || scope_.running() > 0) {
    TimePoint now = clock.now();
    if (!closing && (player_->over() || now >= give_up_)) {
      closing = true;
      player_->abandon();
      continue;
    }
    if (!closing) player_->play(now);
    if (now >= next_hand_over_ && hand_over(now)) next_hand_over_ += between_hand_overs;
    TimePoint next = next_hand_over_ > now ? next_hand_over_ : now + until_next_try;
    if (!closing) next = std::min({next, give_up_, player_->next_due()});
    now = clock.now();
    loop_->run_once(next > now ? next - now : Duration(0));
  }
}

bool DriverThread::hand_over(TimePoint now) {
  SecondTally& tally = hand_over_.filling();
  tally.at = now;
  tally.in_flight = player_->in_flight();
  tally.visitors = player_->visitors();
  tally.cpu = thread_cpu();
  tally.last_ended = recorder_.last_ended();
  return hand_over_.hand_over();
}

}  // namespace tenfold::rehearse
