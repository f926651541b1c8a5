#include "watch/service/watch.hpp"

#include <thread>
#include <utility>

#include "base/guarded.hpp"
#include "base/log.hpp"
#include "base/thread.hpp"
#include "transfer/transfers.hpp"
#include "watch/history/history_store.hpp"
#include "watch/history/history_writer.hpp"
#include "watch/service/core.hpp"
#include "watch/service/heartbeat_out.hpp"
#include "watch/service/heartbeats.hpp"

namespace tenfold::watch {

namespace {

using namespace std::chrono_literals;

constexpr Duration view_every = 500ms;

// What the thread is made of before it runs.
struct Parts {
  std::unique_ptr<transfer::Poller> poller;
  std::unique_ptr<transfer::Transfers> transfers;
  std::unique_ptr<Prober> prober;
};

struct Past {
  std::unique_ptr<HistoryStore> store;
  Restored restored;
  Core::Before before = Core::Before::known;
  std::string error;
};

Past read_past(const Clock& clock, const std::string& file, const Retention& retention) {
  Past past;
  if (file.empty()) return past;
  auto store = HistoryStore::open(file, retention, clock.wall_now());
  if (store) {
    auto restored = (*store)->restore(clock.wall_now());
    if (restored) {
      past.store = std::move(*store);
      past.restored = std::move(*restored);
      return past;
    }
    store = std::unexpected(restored.error());
  }
  past.before = Core::Before::unreadable;
  past.error = store.error().text();
  log::error("watch: history cannot be read, watching goes on: {}", past.error);
  return past;
}

// The thread around Core: it waits, asks, and carries what Core wants done to where it is done.
class WatchThread final : public Watch {
 public:
  WatchThread(const Setup& setup, Settings settings, Parts parts, Past past)
      : clock_(setup.clock),
        store_file_(setup.store_file),
        poller_(std::move(parts.poller)),
        transfers_(std::move(parts.transfers)),
        prober_(std::move(parts.prober)),
        heartbeat_out_(*poller_, *transfers_),
        core_(setup.listener, std::move(settings), std::move(past.restored), past.before, moment()) {
    heartbeats_.replace(core_.settings().checks);
    if (!store_file_.empty()) {
      HistoryWriter::Options options;
      options.file = store_file_;
      options.retention.results = core_.settings().keep_results;
      writer_ =
          std::make_unique<HistoryWriter>(clock_, std::move(options), std::move(past.store), std::move(past.error));
    }
    publish();
  }

  ~WatchThread() override {
    poller_->stop();
    if (thread_.joinable()) thread_.join();
    if (!writer_) return;
    Batch last = core_.drain().batch;
    last.alive_at = clock_.wall_now();
    writer_->hand_in(std::move(last));
  }

  Result<void> start() override {
    TENFOLD_ASSERT(!thread_.joinable());
    auto thread = start_thread("the thread that watches", [this] { run(); });
    if (!thread) return std::unexpected(thread.error());
    thread_ = std::move(*thread);
    return {};
  }

  void replace(Settings settings) override {
    auto shared = std::make_shared<Settings>(std::move(settings));
    post([this, shared] {
      heartbeats_.replace(shared->checks);
      heartbeat_out_.replace(shared->heartbeat_out_url, shared->heartbeat_out_every);
      core_.replace(std::move(*shared), moment());
      turn();
      publish();
    });
  }

  bool heartbeat(std::string_view token, Beat beat) override {
    const Heartbeats::Taken taken = heartbeats_.take(token, std::move(beat));
    if (taken == Heartbeats::Taken::first) post([this] { fetch_heartbeats(); });
    return taken != Heartbeats::Taken::unknown;
  }

  std::shared_ptr<const View> view() const override {
    return view_.with([](const auto& view) { return view; });
  }

  Result<Series> history(std::string_view check, WallTime from, WallTime until, Duration step) const override {
    if (store_file_.empty()) return fail(Errc::not_found, "no store is configured: history is not kept");
    return read_series(store_file_, check, from, until, step);
  }

 private:
  Moment moment() const { return {clock_.now(), clock_.wall_now()}; }

  void post(transfer::Poller::Task task) {
    if (!poller_->post(std::move(task))) log::error("watch: its thread does not keep up; a change was lost");
  }

  void run() {
    heartbeat_out_.replace(core_.settings().heartbeat_out_url, core_.settings().heartbeat_out_every);
    turn();
    publish_from_now_on();
    poller_->run();
  }

  void turn() {
    core_.step(moment());
    carry_out();
  }

  void fetch_heartbeats() {
    for (const auto& [check, beats] : heartbeats_.fetch()) {
      for (const Beat& beat : beats) core_.beat(check, beat, moment());
    }
    carry_out();
  }

  void carry_out() {
    Core::Output output = core_.drain();
    for (DueLook& look : output.looks) ask(std::move(look));
    const Batch& batch = output.batch;
    const bool something =
        batch.size() != 0 || batch.alive_at || batch.hours_until || batch.uplink_down || batch.keep_results;
    if (writer_ && something) writer_->hand_in(std::move(output.batch));
    wake_at(core_.next());
  }

  void ask(DueLook look) {
    const std::shared_ptr<const Check> check = look.check;
    const CheckResult::Path path = look.path;
    Check within = *check;
    within.timeout = look.timeout;
    prober_->start(within, path, [this, asked = std::move(look)](CheckResult result) {
      core_.take(asked, std::move(result), moment());
      carry_out();
    });
  }

  void wake_at(TimePoint moment) {
    if (wake_ && wake_->first <= moment) return;
    if (wake_) poller_->cancel(wake_->second);
    const auto timer = poller_->at(moment, [this] {
      wake_.reset();
      turn();
    });
    wake_ = {moment, timer};
  }

  void publish_from_now_on() {
    publish();
    poller_->at(poller_->now() + view_every, [this] { publish_from_now_on(); });
  }

  void publish() {
    auto view = std::make_shared<View>(core_.view(moment()));
    if (writer_) {
      const HistoryWriter::Status status = writer_->status();
      view->history_errors_total = status.lost_total;
      view->history_error = status.error;
    }
    view->heartbeat_out_at = heartbeat_out_.confirmed_at();
    view->heartbeat_out_error = heartbeat_out_.error();
    view_.with([&](auto& published) { published = std::move(view); });
  }

  const Clock& clock_;
  const std::string store_file_;
  Heartbeats heartbeats_;
  Guarded<std::shared_ptr<const View>> view_;
  std::unique_ptr<HistoryWriter> writer_;  // none: nothing is stored

  // The thread's own.
  std::unique_ptr<transfer::Poller> poller_;
  std::unique_ptr<transfer::Transfers> transfers_;
  std::unique_ptr<Prober> prober_;
  HeartbeatOut heartbeat_out_;
  Core core_;
  std::optional<std::pair<TimePoint, transfer::Poller::TimerId>> wake_;

  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Watch>> Watch::make(const Setup& setup, Settings settings) {
  Parts parts;
  auto poller = transfer::Poller::make(setup.clock);
  if (!poller) return std::unexpected(poller.error());
  parts.poller = std::move(*poller);
  auto transfers = transfer::Transfers::make(*parts.poller);
  if (!transfers) return std::unexpected(transfers.error());
  parts.transfers = std::move(*transfers);
  auto prober = setup.make_prober(*parts.poller);
  if (!prober) return std::unexpected(prober.error());
  parts.prober = std::move(*prober);
  Retention retention;
  retention.results = settings.keep_results;
  Past past = read_past(setup.clock, setup.store_file, retention);
  return std::make_unique<WatchThread>(setup, std::move(settings), std::move(parts), std::move(past));
}

}  // namespace tenfold::watch
