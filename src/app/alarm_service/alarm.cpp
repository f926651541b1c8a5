#include "app/alarm_service/alarm.hpp"

#include <fmt/format.h>

#include <utility>

#include "app/alarm_service/api_json.hpp"
#include "app/alarm_service/channel_health.hpp"
#include "app/alarm_service/facts.hpp"
#include "app/own_key.hpp"
#include "app/wiring/channels.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "app/wiring/watch_settings.hpp"
#include "base/log.hpp"

// Its parts: how they are made, replaced and ended, and what watch tells on-call. alarm_api.cpp has what the console
// asks.
namespace tenfold::app {
namespace {

// The source of the trouble that is no check's. No check can have its name: checks' names have no blanks.
constexpr std::string_view uplink_source = "our own uplink";

bool has_watch(const config::Watch& watch) {
  return !watch.checks.empty() || !watch.anchors.empty() || watch.heartbeat_out.has_value();
}

watch::Watch::MakeProber probers(const config::Watch& watch, std::shared_ptr<WatchPass> pass) {
  return [options = watch_prober_options(watch, std::move(pass))](transfer::Poller& poller) {
    return watch::make_prober(poller, options);
  };
}

oncall::Trouble trouble_of(const watch::Check& check, const watch::Change& change) {
  return {.source = check.name,
          .what = change.what.empty() ? "down" : fmt::format("down: {}", change.what),
          .severity = std::string(severity_name(check.severity)),
          .escalation = check.escalation,
          .since = change.at};
}

std::string link_secret(const config::Replaceable& live, const std::string& store_file) {
  if (!live.guard.secret.empty()) return "link:" + live.guard.secret.reveal();
  return own_key(store_file, "link", "links in messages");
}

}  // namespace

Result<void> Alarm::prepare(const config::Replaceable& live, std::string guard_secret) {
  pass_ = std::make_shared<WatchPass>(setup_.clock, std::move(guard_secret));
  pass_->follow(live);
  return make_parts(live);
}

void Alarm::stop_watching() {
  shared_.with([](Shared& shared) {
    shared.watch.reset();
    shared.ending = true;
  });
  watch_.reset();  // not under the lock: it waits for its thread
}

void Alarm::stop() {
  // In the order in which one talks to the next: checks to on-call, callbacks to on-call, on-call to the callbacks'
  // loop.
  stop_watching();
  if (callbacks_) callbacks_->stop();
  shared_.with([](Shared& shared) { shared.oncall.reset(); });
  oncall_.reset();
  callbacks_.reset();
}

// On-call is there as soon as anything can go wrong: without people it only keeps the alerts.
Result<void> Alarm::make_parts(const config::Replaceable& live) {
  shared_.with([&](Shared& shared) { shared.planned = planned(live); });
  const bool watching = setup_.watching == Setup::Watching::yes && has_watch(live.watch);
  if (!oncall_ && (live.oncall || watching)) {
    auto made = make_oncall(live);
    if (!made) return made;
  }
  if (!watch_ && watching) {
    auto made = watch::Watch::make({.clock = setup_.clock,
                                    .listener = *this,
                                    .store_file = setup_.store_file,
                                    .make_prober = probers(live.watch, pass_)},
                                   watch_settings(live.watch));
    if (!made) return std::unexpected(made.error());
    watch_ = std::move(*made);
    watch_authorities_ = live.watch.authorities;
    shared_.with([&](Shared& shared) { shared.watch = watch_; });
  }
  return {};
}

Result<void> Alarm::open_listeners(const config::Replaceable& live) {
  if (!live.oncall || !live.oncall->channels.twilio || !live.oncall->channels.twilio->callbacks) return {};
  const config::TwilioChannel& twilio = *live.oncall->channels.twilio;
  auto server = CallbackServer::make(setup_.clock, *twilio.callbacks, twilio.public_url);
  if (!server) return std::unexpected(server.error());
  callbacks_ = std::move(*server);
  return {};
}

Result<void> Alarm::make_oncall(const config::Replaceable& live) {
  const config::OnCall oncall = live.oncall.value_or(config::OnCall());
  if (!callbacks_) {
    if (auto opened = open_listeners(live); !opened) return opened;
  }
  const std::string secret = link_secret(live, setup_.store_file);
  CallbackServer::Ask ask;
  auto made = oncall::OnCall::make({.clock = setup_.clock,
                                    .store_file = setup_.store_file,
                                    .link_url = oncall.link_url,
                                    .link_secret = secret,
                                    .make_channels = make_channels(oncall, live.shop, setup_.clock, ask)},
                                   oncall_plan(live));
  if (!made) {
    callbacks_.reset();  // the next configuration may name another address
    return std::unexpected(made.error());
  }
  channels_ = oncall.channels;
  oncall_ = std::move(*made);
  ask_ = std::move(ask);
  shared_.with([&](Shared& shared) {
    shared.oncall = oncall_;
    shared.link_secret = secret;
  });
  return {};
}

Result<void> Alarm::start() {
  if (oncall_ && !oncall_started_) {
    if (auto started = oncall_->start(); !started) return started;
    oncall_started_ = true;
  }
  if (callbacks_ && !callbacks_started_) {
    if (auto started = callbacks_->start(ask_); !started) return started;
    callbacks_started_ = true;
    log::info("provider callbacks on http://{}", callbacks_->address().text());
  }
  if (watch_ && !watch_started_) {
    if (auto started = watch_->start(); !started) return started;
    watch_started_ = true;
  }
  return {};
}

void Alarm::replace(const config::Replaceable& live) {
  if (oncall_ && (live.oncall ? live.oncall->channels : config::Channels()) != channels_) {
    log::warn("SIGHUP: oncall.channels: a change of the channels takes a restart");
  }
  if (oncall_) oncall_->replace_plan(oncall_plan(live));
  if (watch_ && live.watch.authorities != watch_authorities_) {
    log::warn("SIGHUP: watch.authorities: another file takes a restart");
  }
  pass_->follow(live);
  if (watch_) watch_->replace(watch_settings(live.watch));
  auto made = make_parts(live);
  if (made) made = start();
  if (!made) log::error("SIGHUP: watch and oncall could not be started: {}", made.error().text());
}

void Alarm::down(const watch::Check& check, const watch::Change& change) {
  oncall_->trouble(trouble_of(check, change));
}

void Alarm::maintenance(const watch::Check& check, const watch::Change& change, Maintenance now) {
  oncall::Trouble trouble = trouble_of(check, change);
  if (now == Maintenance::begun) trouble.rests = oncall::Trouble::Rests::yes;
  oncall_->trouble(std::move(trouble));
}

void Alarm::over(const watch::Check& check, const watch::Change&) { oncall_->over(check.name); }

void Alarm::uplink(const watch::UplinkVerdict& verdict) {
  if (!verdict.down) return oncall_->over(std::string(uplink_source));
  oncall_->trouble({.source = std::string(uplink_source),
                    .what = verdict.why,
                    .severity = "critical",
                    .escalation = {},
                    .since = verdict.since,
                    .about = oncall::Trouble::About::uplink});
}

std::vector<ready::Item> Alarm::readiness() const {
  const auto planned = shared_.with([](const Shared& shared) { return shared.planned; });
  const WallTime now = setup_.clock.wall_now();
  const auto view = checks();
  auto facts = readiness_facts(planned, view.get(), setup_.store_file, now);
  if (const auto told = alerts()) {
    facts.channels = channel_health(tried_in(*told));
    facts.store_error = told->store_error;
  }
  return ready::judge(facts, now);
}

}  // namespace tenfold::app
