#include "oncall/escalate/saved.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "oncall/escalate/alert_book.hpp"

// The book as JSON. Times are nanoseconds since 1970, which no rounding changes; names are those of the enums.
namespace tenfold::oncall {
namespace {

using Json = nlohmann::json;

constexpr int version = 1;

// Any fault in a saved book ends up as one: load() is the only catcher.
struct BadBook : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Json written(WallTime time) { return time.time_since_epoch().count(); }
Json written(const std::optional<WallTime>& time) { return time ? written(*time) : Json(nullptr); }

// A number that the type can hold: JSON's own conversion cuts it without a word.
template <class Number>
Number whole_number(const Json& json) {
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
  const bool fits =
      json.is_number_unsigned() ? json.get<std::uint64_t>() <= most
      : json.is_number_integer()
          ? json.get<std::int64_t>() >= std::int64_t{std::is_signed_v<Number> ? std::numeric_limits<Number>::min() : 0}
          : false;
  if (!fits) throw BadBook(fmt::format("{} is not a number that fits", json.dump().substr(0, 40)));
  return json.get<Number>();
}

// Far from the ends of what a time can hold, so that adding durations of a plan to it is safe.
constexpr std::int64_t latest_ns = std::int64_t{1} << 62;
std::int64_t bounded_ns(const Json& json) {
  const auto count = whole_number<std::int64_t>(json);
  if (count > latest_ns || count < -latest_ns) throw BadBook("a time is out of all bounds");
  return count;
}

WallTime time_of(const Json& json) { return WallTime(Duration(bounded_ns(json))); }
std::optional<WallTime> optional_time_of(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(time_of(json));
}

template <class Value>
Value named(const Json& json, std::initializer_list<Value> values) {
  const auto text = json.get<std::string>();
  for (const Value value : values) {
    if (name(value) == text) return value;
  }
  throw BadBook(fmt::format("\"{}\" is not known", text));
}

Alert::State state_of(const Json& json) {
  using enum Alert::State;
  return named(json, {ringing, acknowledged, silenced, resting, settling, over});
}

Alert::Kind alert_kind_of(const Json& json) {
  return named(json, {Alert::Kind::trouble, Alert::Kind::drill, Alert::Kind::uplink});
}

Message::Kind message_kind_of(const Json& json) {
  using enum Message::Kind;
  return named(json, {alert, reminder, over, gap, drill, uplink});
}

ChannelKind channel_of(const Json& json) {
  const auto found = channel_kind(json.get<std::string>());
  if (!found) throw BadBook("a channel is not known");
  return *found;
}

Language language_of(const Json& json) {
  const auto found = language(json.get<std::string>());
  if (!found) throw BadBook("a language is not known");
  return *found;
}

// Absent in what earlier versions wrote.
Alert::Means means_of(const Json& json) {
  using enum Alert::Means;
  const auto found = json.find("acknowledged_by_means");
  return found == json.end() ? elsewhere : named(*found, {elsewhere, call, reply});
}

Json written(const Trouble& trouble) {
  return {{"source", trouble.source},
          {"what", trouble.what},
          {"severity", trouble.severity},
          {"escalation", trouble.escalation},
          {"since", written(trouble.since)},
          {"uplink", trouble.about == Trouble::About::uplink},
          {"rests", trouble.rests == Trouble::Rests::yes}};
}

Trouble trouble_of(const Json& json) {
  return {.source = json.at("source"),
          .what = json.at("what"),
          .severity = json.at("severity"),
          .escalation = json.at("escalation"),
          .since = time_of(json.at("since")),
          .about = json.at("uplink").get<bool>() ? Trouble::About::uplink : Trouble::About::shop,
          .rests = json.value("rests", false) ? Trouble::Rests::yes : Trouble::Rests::no};
}

Json written(const Recipient& recipient) {
  return {{"who", recipient.who},
          {"because", recipient.because},
          {"language", name(recipient.language)},
          {"channel", name(recipient.contact.channel)},
          {"to", recipient.contact.to},
          {"contact_after", recipient.contact.after.count()},
          {"after", recipient.after.count()},
          {"outside_party", recipient.kind == Recipient::Kind::outside_party},
          {"customer_number", recipient.customer_number}};
}

Recipient recipient_of(const Json& json) {
  return {.who = json.at("who"),
          .because = json.at("because"),
          .language = language_of(json.at("language")),
          .contact = {channel_of(json.at("channel")), json.at("to"), Duration(bounded_ns(json.at("contact_after")))},
          .after = Duration(bounded_ns(json.at("after"))),
          .kind = json.at("outside_party").get<bool>() ? Recipient::Kind::outside_party : Recipient::Kind::person,
          .customer_number = json.at("customer_number")};
}

Json written(const Progress::Reached& reached) {
  return {{"recipient", written(reached.recipient)}, {"arrival", name(reached.arrival)}};
}

Progress::Reached reached_of(const Json& json) {
  using enum Progress::Reached::Arrival;
  return {recipient_of(json.at("recipient")), named(json.at("arrival"), {unknown, arrived, failed})};
}

Json written(const Order& order) {
  return {{"alert", order.alert},
          {"kind", name(order.kind)},
          {"recipient", written(order.recipient)},
          {"round", order.round},
          {"step", order.step}};
}

Order order_of(const Json& json) {
  return {.alert = whole_number<std::int64_t>(json.at("alert")),
          .kind = message_kind_of(json.at("kind")),
          .recipient = recipient_of(json.at("recipient")),
          .round = whole_number<std::int32_t>(json.at("round")),
          .step = whole_number<std::uint32_t>(json.at("step"))};
}

template <class Items, class Of>
auto list_of(const Json& json, Of of) {
  Items items;
  for (const Json& item : json) items.push_back(of(item));
  return items;
}

template <class Items>
Json written_list(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(written(item));
  return list;
}

Json written(const Alert& alert) {
  return {{"state", name(alert.state)},
          {"kind", name(alert.kind)},
          {"id", alert.id},
          {"escalation", alert.escalation},
          {"severity", alert.severity},
          {"began", written(alert.began)},
          {"joined_at", written(alert.joined_at)},
          {"troubles", written_list(alert.troubles)},
          {"past", alert.past},
          {"acknowledged_at", written(alert.acknowledged_at)},
          {"acknowledged_by", alert.acknowledged_by},
          {"acknowledged_how", alert.acknowledged_how},
          {"acknowledged_by_means", name(alert.acknowledged_by_means)},
          {"replied_at", written(alert.replied_at)},
          {"quiet_until", written(alert.quiet_until)},
          {"over_at", written(alert.over_at)},
          {"told", alert.told},
          {"gaps", alert.gaps},
          {"heard", alert.heard},
          {"rang", alert.rang}};
}

Alert alert_of(const Json& json) {
  return {.state = state_of(json.at("state")),
          .kind = alert_kind_of(json.at("kind")),
          .id = whole_number<std::int64_t>(json.at("id")),
          .escalation = json.at("escalation"),
          .severity = json.at("severity"),
          .began = time_of(json.at("began")),
          .joined_at = json.contains("joined_at") ? optional_time_of(json.at("joined_at")) : std::nullopt,
          .troubles = list_of<std::vector<Trouble>>(json.at("troubles"), trouble_of),
          .past = json.at("past"),
          .acknowledged_at = optional_time_of(json.at("acknowledged_at")),
          .acknowledged_by = json.at("acknowledged_by"),
          .acknowledged_how = json.at("acknowledged_how"),
          .acknowledged_by_means = means_of(json),
          .replied_at = json.contains("replied_at") ? optional_time_of(json.at("replied_at")) : std::nullopt,
          .quiet_until = optional_time_of(json.at("quiet_until")),
          .over_at = optional_time_of(json.at("over_at")),
          .told = json.at("told"),
          .gaps = json.at("gaps"),
          .heard = json.at("heard"),
          .rang = json.at("rang")};
}

Json written(const Progress& progress) {
  Json pending = Json::array();
  for (const auto& each : progress.pending) {
    pending.push_back({{"at", written(each.at)}, {"order", written(each.order)}});
  }
  Json told = Json::array();
  for (const auto& [key, order] : progress.told) told.push_back(written(order));
  return {{"round_began", written(progress.round_began)},
          {"round", progress.round},
          {"repeats", progress.repeats},
          {"step", progress.step},
          {"last_step_at", written(progress.last_step_at)},
          {"remind_at", written(progress.remind_at)},
          {"expires_at", written(progress.expires_at)},
          {"settled_at", written(progress.settled_at)},
          {"before", name(progress.before)},
          {"pending", std::move(pending)},
          {"told", std::move(told)},
          {"failed", progress.failed},
          {"failed_calm", progress.failed_calm},
          {"rested_from", name(progress.rested_from)},
          {"interrupted", progress.interrupted},
          {"resting", progress.resting},
          {"reached", written_list(progress.reached)},
          {"end_untold", progress.end == Progress::End::untold}};
}

// Earlier versions have written other things of the end, and nothing of rests.
void read_newer(const Json& json, Progress& progress) {
  if (json.contains("failed_calm")) progress.failed_calm = json.at("failed_calm").get<std::vector<std::string>>();
  if (json.contains("rested_from")) progress.rested_from = state_of(json.at("rested_from"));
  progress.interrupted = json.value("interrupted", false);
  if (json.contains("resting")) {
    for (const auto& [who, round] : json.at("resting").items()) {
      progress.resting[who] = whole_number<std::int32_t>(round);
    }
  }
  if (json.value("end_untold", false)) progress.end = Progress::End::untold;
  if (json.contains("reached")) {
    progress.reached = list_of<std::vector<Progress::Reached>>(json.at("reached"), reached_of);
  } else {
    for (const Json& each : json.at("to_be_told_over")) progress.reached.push_back({recipient_of(each)});
  }
}

Progress progress_of(const Json& json) {
  Progress progress{.round_began = time_of(json.at("round_began")),
                    .round = whole_number<std::int32_t>(json.at("round")),
                    .repeats = whole_number<std::uint32_t>(json.at("repeats")),
                    .step = whole_number<std::uint32_t>(json.at("step")),
                    .last_step_at = time_of(json.at("last_step_at")),
                    .remind_at = optional_time_of(json.at("remind_at")),
                    .expires_at = optional_time_of(json.at("expires_at")),
                    .settled_at = optional_time_of(json.at("settled_at")),
                    .before = state_of(json.at("before"))};
  for (const Json& each : json.at("pending")) {
    progress.pending.push_back({time_of(each.at("at")), order_of(each.at("order"))});
  }
  for (const Json& each : json.at("told")) {
    Order order = order_of(each);
    std::string by = key(order);
    progress.told.emplace(std::move(by), std::move(order));
  }
  progress.failed = json.at("failed").get<std::set<std::string>>();
  read_newer(json, progress);
  return progress;
}

}  // namespace

std::string saved(const Order& order) { return written(order).dump(-1, ' ', false, Json::error_handler_t::replace); }

Result<Order> load_order(std::string_view saved) {
  try {
    return order_of(Json::parse(saved));
  } catch (const Json::exception& wrong) {
    return fail(Errc::invalid, fmt::format("a saved order: {}", wrong.what()));
  } catch (const BadBook& wrong) {
    return fail(Errc::invalid, fmt::format("a saved order: {}", wrong.what()));
  }
}

std::string AlertBook::save_book() const { return Json{{"version", version}, {"next_id", next_id_}}.dump(); }

std::string AlertBook::save_alert(std::int64_t id) const {
  const Json whole{{"alert", written(alerts_.at(id))}, {"progress", written(progress_.at(id))}};
  return whole.dump(-1, ' ', false, Json::error_handler_t::replace);
}

AlertBook::Saved AlertBook::save() const {
  Saved saved{save_book(), {}};
  for (const auto& [id, alert] : alerts_) saved.alerts.push_back(save_alert(id));
  return saved;
}

Result<AlertBook> AlertBook::load(Plan plan, const Saved& saved) {
  try {
    const Json whole = Json::parse(saved.book);
    if (whole.at("version") != version) throw BadBook("it is of another version");
    AlertBook book(std::move(plan));
    book.next_id_ = whole_number<std::int64_t>(whole.at("next_id"));
    for (const std::string& text : saved.alerts) {
      const Json each = Json::parse(text);
      Alert alert = alert_of(each.at("alert"));
      if (alert.id >= book.next_id_) throw BadBook("an alert's number is yet to be given");
      const std::int64_t id = alert.id;
      book.progress_.emplace(id, progress_of(each.at("progress")));
      if (!book.alerts_.emplace(id, std::move(alert)).second) throw BadBook("two alerts have one number");
    }
    return book;
  } catch (const Json::exception& wrong) {
    return fail(Errc::invalid, fmt::format("the saved alerts: {}", wrong.what()));
  } catch (const BadBook& wrong) {
    return fail(Errc::invalid, fmt::format("the saved alerts: {}", wrong.what()));
  }
}

}  // namespace tenfold::oncall
