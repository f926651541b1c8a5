#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/alarm_service/ack_page.hpp"
#include "app/alarm_service/callback_server.hpp"
#include "app/alarm_service/facts.hpp"
#include "app/wiring/watch_pass.hpp"
#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "console/api_part.hpp"
#include "console/model.hpp"
#include "oncall/service/oncall.hpp"
#include "ready/readiness.hpp"
#include "watch/service/watch.hpp"

namespace tenfold::app {

// Watch and on call, joined to each other and to the console. What the configuration does not name is not started, and
// begins when a reload names it. All but what the console asks, which is asked on the console's thread, and what watch
// tells, on watch's, is called on the service's thread.
class Alarm final : public watch::Listener, public console::ApiPart, public console::MetricsSource {
 public:
  struct Setup {
    const Clock& clock;
    std::string store_file;  // empty: nothing is kept (a drill of its own)
    enum class Watching : unsigned char { yes, no } watching = Watching::yes;
  };
  explicit Alarm(Setup setup) : setup_(std::move(setup)) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() override { stop(); }

  // Opens the listener for providers' callbacks, if there is one: before rights are given up, since its port may be a
  // low one. Without it prepare() does. Errors: those of CallbackServer::make.
  Result<void> open_listeners(const config::Replaceable& live);
  // Makes what the configuration names; once, before start(). Errors: those of OnCall::make, Watch::make and
  // CallbackServer::make.
  // guard_secret: what this process's guard signs with, so that it knows the checks for the shop's own.
  Result<void> prepare(const config::Replaceable& live, std::string guard_secret = {});
  // Starts what is not running yet; it may be called again where that failed. Errors: exhausted (no thread).
  Result<void> start();
  // Ends the checks: while the edge is drained they would take its end for a failure, and wake somebody.
  void stop_watching();
  // Ends all threads. What is open is in the store, and goes on at the next start.
  void stop();
  // Channels stay as they were at the start; the operator is told so if they differ.
  void replace(const config::Replaceable& live);

  // Null: the configuration names neither people nor checks.
  oncall::OnCall* oncall() { return oncall_.get(); }
  // Reads the store's newest proofs: milliseconds on the disk.
  std::vector<ready::Item> readiness() const;

  void down(const watch::Check& check, const watch::Change& change) override;
  void over(const watch::Check& check, const watch::Change& change) override;
  void uplink(const watch::UplinkVerdict& verdict) override;
  void maintenance(const watch::Check& check, const watch::Change& change, Maintenance now) override;

  std::vector<Endpoint> endpoints() const override;
  Answer answer(const Request& request) override;
  std::string reading() const override;
  void write_metrics(MetricsText& text) const override;

 private:
  struct Shared {  // between the service's thread and the console's
    Planned planned;
    std::string link_secret;
    std::shared_ptr<oncall::OnCall> oncall;
    std::shared_ptr<watch::Watch> watch;
    bool ending = false;
  };

  Result<void> make_parts(const config::Replaceable& live);
  Result<void> make_oncall(const config::Replaceable& live);
  std::shared_ptr<oncall::OnCall> shared_oncall() const;
  std::shared_ptr<watch::Watch> shared_watch() const;
  std::shared_ptr<const oncall::View> alerts() const;
  std::shared_ptr<const watch::View> checks() const;

  Answer who(const Request& request) const;
  Answer history(const Request& request) const;
  Answer change(const Request& request);
  Answer heartbeat(const Request& request);
  Answer acknowledge_by_link(const Request& request);
  std::optional<Holder> holder_of(const oncall::Alert& alert) const;
  void take(oncall::OnCall& oncall, const oncall::Alert& alert, const std::string& by, const std::string& how);

  // An acknowledgement that was accepted and is not in on-call's view yet.
  struct Promise {
    Holder holder;
    TimePoint until{};
  };

  Setup setup_;
  std::map<std::int64_t, Promise> promises_;  // by alert, those of the last second; the console's thread alone
  config::Channels channels_;
  std::string watch_authorities_;  // with which the checks are made; fixed until a restart
  Guarded<Shared> shared_;
  std::unique_ptr<CallbackServer> callbacks_;  // null: no provider reports to us; outlives the channels
  CallbackServer::Ask ask_;                    // until the callbacks are started
  std::shared_ptr<oncall::OnCall> oncall_;
  std::shared_ptr<WatchPass> pass_;      // null until prepare()
  std::shared_ptr<watch::Watch> watch_;  // reports to this, and ends before on-call does
  bool oncall_started_ = false;
  bool callbacks_started_ = false;
  bool watch_started_ = false;
};

}  // namespace tenfold::app
