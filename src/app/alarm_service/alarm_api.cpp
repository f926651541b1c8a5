#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "app/alarm_service/ack_page.hpp"
#include "app/alarm_service/alarm.hpp"
#include "app/alarm_service/api_json.hpp"
#include "app/alarm_service/job_report.hpp"
#include "app/serve/in_query.hpp"
#include "app/wiring/oncall_plan.hpp"
#include "base/text/iso_time.hpp"
#include "config/units.hpp"
#include "console/json.hpp"
#include "oncall/link/signed_link.hpp"
#include "oncall/people/local_time.hpp"

// What the console asks of watch and on-call. Answers come from views that are at most a second old, but for history
// and readiness, which read the store.
namespace tenfold::app {
namespace {

using Answer = console::ApiPart::Answer;
using Request = console::ApiPart::Request;

constexpr std::string_view heartbeat_path = "/heartbeat/";
constexpr std::string_view link_path = "/ack/";
// Of a silence: past it somebody has forgotten it.
constexpr Duration longest_silence = std::chrono::hours(7 * 24);
// So long an act that was accepted may be missing in on-call's view.
constexpr Duration view_age = std::chrono::seconds(1);
// Between two who have an alert; it ends at once, and only a crash in between lets it last.
constexpr Duration take_over_pause = std::chrono::minutes(1);
constexpr std::string_view html = "text/html; charset=utf-8";

Answer json(const Json& value, int status = 200) { return {.status = status, .body = console::to_text(value)}; }

Answer error(int status, std::string_view message, std::string_view expected) {
  return json(console::error_json(message, expected), status);
}

Answer not_there(std::string_view what) {
  return error(404, what, "a configuration that names `oncall:` or checks under `watch:`");
}

Answer page(std::string body, int status = 200, Answer::Form form = Answer::Form::none) {
  return {.status = status, .content_type = std::string(html), .body = std::move(body), .form = form};
}

std::optional<WallTime> seconds_since_epoch(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t last = 7'258'118'400;  // 2200-01-01
  if (code != std::errc() || end != text.data() + text.size() || value < 0 || value >= last) return std::nullopt;
  return WallTime(std::chrono::seconds(value));
}

// Whoever gives no name.
constexpr std::string_view nameless = "console";

// Whose alert it is, and what about it.
struct Wanted {
  std::int64_t id = 0;
  std::string by{nameless};
  std::string escalation;
  Duration duration = std::chrono::hours(1);
  enum class Holder : unsigned char { stays, is_replaced } holder = Holder::stays;
};

std::expected<Wanted, std::string> parse_wanted(std::string_view body, bool with_id) {
  const auto value = nlohmann::json::parse(body, nullptr, false);
  if (!value.is_object()) return std::unexpected("a JSON object");
  Wanted wanted;
  for (const auto& [key, field] : value.items()) {
    if (key == "id" && field.is_number_integer()) {
      wanted.id = field.get<std::int64_t>();
    } else if (key == "by" && field.is_string() && !field.get_ref<const std::string&>().empty()) {
      wanted.by = field.get<std::string>();
    } else if (key == "take_over" && field.is_boolean()) {
      wanted.holder = field.get<bool>() ? Wanted::Holder::is_replaced : Wanted::Holder::stays;
    } else if (key == "escalation" && field.is_string()) {
      wanted.escalation = field.get<std::string>();
    } else if (key == "for" && field.is_string()) {
      const auto duration = config::parse_duration(field.get<std::string>());
      if (!duration || *duration <= Duration::zero() || *duration > longest_silence) {
        return std::unexpected("\"for\" such as \"30m\" or \"2h\", a week at most");
      }
      wanted.duration = *duration;
    } else {
      return std::unexpected(
          R"({"id": 7} with "by": "ada", "take_over": true, "for": "1h" or "escalation": "shop-down")");
    }
  }
  if (with_id && wanted.id <= 0) return std::unexpected("\"id\": the alert's number, as /api/v1/alerts has it");
  return wanted;
}

// Says who has it, in words and as values.
Json taken_json(const oncall::Plan& plan, std::int64_t id, const Holder& holder) {
  const std::string who = holder.by == nameless ? "somebody who gave no name" : holder.by;
  Json body =
      console::error_json(fmt::format("alert {} is with {} since {} ({})", id, who,
                                      oncall::shown_text(oncall::zone_of(plan.time_zone), holder.since), holder.how),
                          "\"take_over\": true (`tenfold ack --take-over`), to take it from them");
  body["acknowledged_by"] = holder.by;
  body["acknowledged_at"] = iso_time(holder.since);
  return body;
}

const oncall::AlertView* find_alert(const oncall::View& view, std::int64_t id) {
  const auto found = std::ranges::find(view.alerts, id, [](const auto& each) { return each.alert.id; });
  return found == view.alerts.end() ? nullptr : &*found;
}

}  // namespace

std::vector<console::ApiPart::Endpoint> Alarm::endpoints() const {
  using console::Access;
  return {
      {"/api/v1/checks"},
      {"/api/v1/checks/history"},
      {"/api/v1/alerts"},
      {"/api/v1/oncall"},
      {"/api/v1/ready"},
      {"/api/v1/alerts/acknowledge", Access::change, "POST"},
      {"/api/v1/alerts/escalate", Access::change, "POST"},
      {"/api/v1/alerts/silence", Access::change, "POST"},
      {"/api/v1/oncall/drill", Access::change, "POST"},
      // What carries its own proof: a token nobody guesses, a signature of ours.
      {heartbeat_path, Access::open, "GET, HEAD, POST", Endpoint::Body::beginning},
      {link_path, Access::open, "GET, HEAD, POST"},
  };
}

console::ApiPart::Answer Alarm::answer(const Request& request) {
  if (request.path.starts_with(heartbeat_path)) return heartbeat(request);
  if (request.path.starts_with(link_path)) return acknowledge_by_link(request);
  if (request.method == "POST") return change(request);
  if (request.path == "/api/v1/ready") return json(ready_json(readiness()));
  if (request.path == "/api/v1/oncall") return who(request);
  if (request.path == "/api/v1/checks/history") return history(request);
  if (request.path == "/api/v1/checks") {
    const auto view = checks();
    return json(checks_json(view ? *view : watch::View()));
  }
  const auto view = alerts();
  return json(alerts_json(view ? *view : oncall::View()));
}

console::ApiPart::Answer Alarm::who(const Request& request) const {
  WallTime at = setup_.clock.wall_now();
  if (const auto text = in_query(request.query, "at"); !text.empty()) {
    const auto given = seconds_since_epoch(text);
    if (!given) return error(400, "at is not a time", "at=<seconds since 1970>");
    at = *given;
  }
  const auto plan = shared_.with([](const Shared& shared) { return shared.planned.plan; });
  const std::string escalation(in_query(request.query, "escalation"));
  if (!has_escalation(plan, escalation)) {
    return error(400, "there is no such escalation", "escalation=<its name in the configuration>");
  }
  return json(who_json(plan, escalation, at));
}

// Reads the store for as long as that takes, a second at most: the console's page waits meanwhile, and no worker does.
console::ApiPart::Answer Alarm::history(const Request& request) const {
  const auto watch = shared_watch();
  if (!watch) return not_there("nothing is watched here");
  const WallTime now = setup_.clock.wall_now();
  const auto from_text = in_query(request.query, "from");
  const auto until_text = in_query(request.query, "until");
  const auto step_text = in_query(request.query, "step");
  const auto from = from_text.empty() ? std::optional(now - std::chrono::hours(24)) : seconds_since_epoch(from_text);
  const auto until = until_text.empty() ? std::optional(now) : seconds_since_epoch(until_text);
  const auto step = config::parse_duration(step_text.empty() ? "5m" : step_text);
  if (!from || !until || !step) {
    return error(400, "this cannot be read", "check=<name>&from=<seconds since 1970>&until=<...>&step=5m");
  }
  auto series = watch->history(in_query(request.query, "check"), *from, *until, *step);
  if (series) return json(history_json(*series));
  const Error& why = series.error();
  return error(why.code == Errc::not_found ? 404
               : why.code == Errc::invalid ? 400
                                           : 503,
               why.text(), "check=<name>, as /api/v1/checks has it");
}

console::ApiPart::Answer Alarm::change(const Request& request) {
  const bool drill = request.path == "/api/v1/oncall/drill";
  const auto oncall = shared_oncall();
  if (!oncall) return not_there("nobody is on call here");
  const auto wanted = parse_wanted(request.body, !drill);
  if (!wanted) return error(400, "this cannot be read", wanted.error());
  if (drill) {
    if (!shared_.with([&](const Shared& shared) { return has_escalation(shared.planned.plan, wanted->escalation); })) {
      return error(400, "there is no such escalation", "\"escalation\" by its name in the configuration");
    }
    oncall->drill(wanted->escalation);
    return json({{"accepted", true}}, 202);
  }
  const auto plan = shared_.with([](const Shared& shared) { return shared.planned.plan; });
  const auto view = oncall->view();
  const oncall::AlertView* const alert = find_alert(*view, wanted->id);
  if (alert == nullptr) {
    return error(404, fmt::format("there is no alert {}", wanted->id), "a number that `tenfold alerts` shows");
  }
  if (alert->alert.state == oncall::Alert::State::over) {
    return error(409, fmt::format("alert {} is over", wanted->id), "one that is open");
  }
  if (wanted->by != nameless && !has_somebody(plan, wanted->by)) {
    return error(400, nobody_called(plan, wanted->by), "\"by\" by a name of oncall.people");
  }
  if (request.path == "/api/v1/alerts/acknowledge") {
    const auto holder = holder_of(alert->alert);
    const bool is_anothers = holder && (holder->by != wanted->by || wanted->by == nameless);
    if (is_anothers && wanted->holder == Wanted::Holder::stays) return json(taken_json(plan, wanted->id, *holder), 409);
    take(*oncall, alert->alert, wanted->by, "through the console's API");
  } else if (request.path == "/api/v1/alerts/escalate") {
    oncall->escalate(wanted->id, wanted->by == nameless ? std::string() : wanted->by);
  } else {
    oncall->silence(wanted->id, setup_.clock.wall_now() + wanted->duration);
  }
  return json({{"accepted", true}, {"id", wanted->id}}, 202);
}

// What was accepted a moment ago is not in the view yet.
std::optional<Holder> Alarm::holder_of(const oncall::Alert& alert) const {
  const auto promise = promises_.find(alert.id);
  if (promise != promises_.end() && setup_.clock.now() < promise->second.until) return promise->second.holder;
  if (alert.state != oncall::Alert::State::acknowledged) return std::nullopt;
  return Holder{
      .by = alert.acknowledged_by, .how = alert.acknowledged_how, .since = alert.acknowledged_at.value_or(WallTime())};
}

void Alarm::take(oncall::OnCall& oncall, const oncall::Alert& alert, const std::string& by, const std::string& how) {
  const auto plan = shared_.with([](const Shared& shared) { return shared.planned.plan; });
  // An outside party that has heard of it takes nothing from the shop's own.
  if (oncall::find_outside_party(plan, by) != nullptr) return oncall.acknowledge(alert.id, by, how);
  // The book keeps to the first who has it. Silent for a moment it is nobody's, and rings for nobody.
  if (holder_of(alert)) oncall.silence(alert.id, setup_.clock.wall_now() + take_over_pause);
  const TimePoint now = setup_.clock.now();
  std::erase_if(promises_, [&](const auto& each) { return each.second.until <= now; });
  promises_[alert.id] = {.holder = {.by = by, .how = how, .since = setup_.clock.wall_now()}, .until = now + view_age};
  oncall.acknowledge(alert.id, by, how);
}

console::ApiPart::Answer Alarm::heartbeat(const Request& request) {
  const auto [watch, ending] =
      shared_.with([](const Shared& shared) { return std::pair(shared.watch, shared.ending); });
  if (ending) return error(503, "shutting down", "a heartbeat once it runs again");
  const auto run = run_of(request.query);
  if (!run) return error(400, "this is no run of a job", "rid=<1 to 64 letters, digits, \"-\", \"_\" and \".\">");
  const std::string_view whole = request.path.substr(heartbeat_path.size());
  const std::size_t slash = whole.rfind('/');  // a token may have some of its own
  auto beat = slash == std::string_view::npos ? std::nullopt : job_report(whole.substr(slash + 1), request.body);
  if (beat) beat->run = *run;
  watch::Beat good;
  good.run = *run;
  const bool known =
      watch && (watch->heartbeat(whole, good) || (beat && watch->heartbeat(whole.substr(0, slash), *beat)));
  if (!known) {
    return error(404, "no heartbeat has this token, or no job reports like this",
                 "/heartbeat/<token of the configuration>, with /start, /fail or /<exit status> after it or without");
  }
  return {.content_type = "text/plain; charset=utf-8", .body = "ok\n"};
}

console::ApiPart::Answer Alarm::acknowledge_by_link(const Request& request) {
  const auto oncall = shared_oncall();
  const auto [secret, plan] =
      shared_.with([](const Shared& shared) { return std::pair(shared.link_secret, shared.planned.plan); });
  const std::string link =
      request.query.empty() ? std::string(request.path) : fmt::format("{}?{}", request.path, request.query);
  const auto claim = oncall ? oncall::signed_claim(link, secret) : std::nullopt;
  if (!claim) return page(acknowledge_answer(plan, "", 0, LinkOutcome::not_ours), 403);
  const auto says = [&](LinkOutcome outcome) { return acknowledge_answer(plan, claim->who, claim->alert, outcome); };
  if (claim->expires <= setup_.clock.wall_now()) return page(says(LinkOutcome::expired), 403);
  const auto view = oncall->view();
  const oncall::AlertView* const alert = find_alert(*view, claim->alert);
  if (alert == nullptr || alert->alert.state == oncall::Alert::State::over) return page(says(LinkOutcome::over));
  const Visitor visitor{.who = claim->who, .holder = holder_of(alert->alert)};
  if (request.method != "POST") return page(acknowledge_page(plan, *alert, visitor), 200, Answer::Form::own);
  const bool is_anothers = visitor.holder && visitor.holder->by != visitor.who;
  // Whoever had the page open before somebody else took it is asked once more.
  if (is_anothers && !takes_over(request.body)) {
    return page(acknowledge_page(plan, *alert, visitor), 409, Answer::Form::own);
  }
  take(*oncall, alert->alert, claim->who, "the link's button");
  return page(says(LinkOutcome::taken));
}

// For the page: what it draws each second.
std::string Alarm::reading() const {
  const auto watch = checks();
  const auto oncall = alerts();
  Json all = Json::object();
  if (watch) {
    Json shown = checks_json(*watch);
    all["checks"] = std::move(shown["checks"]);
    all["uplink"] = std::move(shown["uplink"]);
  }
  if (oncall) {
    Json open = Json::array();
    for (const auto& each : oncall->alerts) {
      if (each.alert.state == oncall::Alert::State::over) continue;
      oncall::View one;
      one.alerts = {{each.alert, {}}};
      open.push_back(alerts_json(one)["alerts"][0]);
    }
    all["alerts"] = std::move(open);
    all["rings_from_memory"] = oncall->from_memory;
  }
  return console::to_text(all);
}

void Alarm::write_metrics(MetricsText& text) const {
  if (const auto watch = checks()) {
    for (const watch::CheckView& check : watch->checks) {
      if (check.state == watch::State::unknown) continue;  // neither: no sample says so
      const bool good = check.state == watch::State::up || check.state == watch::State::slow;
      text.gauge("tenfold_check_up", "Whether the check's state is up or slow", good ? 1 : 0, {{"check", check.name}});
    }
    text.gauge("tenfold_uplink_down", "Whether our own uplink is down", watch->uplink.down ? 1 : 0);
    text.counter("tenfold_looks_total", "Looks of checks that have ended, second looks included",
                 static_cast<double>(watch->looks_total));
    text.counter("tenfold_looks_late_total", "Looks that began more than a second after they were due",
                 static_cast<double>(watch->late_total));
    text.counter("tenfold_looks_skipped_total", "Looks that were due and never began",
                 static_cast<double>(watch->skipped_total));
    text.counter("tenfold_history_errors_total", "Results that could not be kept",
                 static_cast<double>(watch->history_errors_total));
  }
  if (const auto oncall = alerts()) {
    const auto open = std::ranges::count_if(
        oncall->alerts, [](const auto& each) { return each.alert.state != oncall::Alert::State::over; });
    text.gauge("tenfold_alerts_open", "Alerts that are not over", static_cast<double>(open));
    text.gauge("tenfold_oncall_from_memory", "Whether sends are kept in memory only, since the store cannot be written",
               oncall->from_memory ? 1 : 0);
    text.counter("tenfold_sends_total", "Calls and messages that were ordered",
                 static_cast<double>(oncall->sends_total));
    text.counter("tenfold_sends_failed_total", "Calls and messages that failed for good",
                 static_cast<double>(oncall->sends_failed_total));
  }
}

std::shared_ptr<oncall::OnCall> Alarm::shared_oncall() const {
  return shared_.with([](const Shared& shared) { return shared.oncall; });
}
std::shared_ptr<watch::Watch> Alarm::shared_watch() const {
  return shared_.with([](const Shared& shared) { return shared.watch; });
}
std::shared_ptr<const oncall::View> Alarm::alerts() const {
  const auto oncall = shared_oncall();
  return oncall ? oncall->view() : nullptr;
}
std::shared_ptr<const watch::View> Alarm::checks() const {
  const auto watch = shared_watch();
  return watch ? watch->view() : nullptr;
}

}  // namespace tenfold::app
