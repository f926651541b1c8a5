#include "oncall/channels/telegram/telegram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "oncall/channels/answers.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_telegram_bytes = 4096;
constexpr std::int64_t longest_retry_after_s = 3600;
constexpr Duration updates_timeout = std::chrono::seconds(10);
constexpr Duration updates_after_trouble = std::chrono::seconds(30);
constexpr int most_updates = 100;
constexpr std::size_t most_updates_bytes = 1u << 20;
constexpr std::size_t most_reply_bytes = 200;

const nlohmann::json& at(const nlohmann::json& object, const char* key) {
  static const nlohmann::json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found != object.end() ? *found : nothing;
}

std::int64_t number_of(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = at(object, key);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

nlohmann::json buttons_of(const Message& message) {
  const Phrases& words = phrases(message.language);
  nlohmann::json rows = nlohmann::json::array();
  if (!message.acknowledge_url.empty()) {
    rows.push_back({{{"text", words.acknowledge_label}, {"url", message.acknowledge_url}}});
  }
  // As an SMS would be answered, with the alert's number, whichever others are open.
  if (!message.short_text_to_reply.empty()) {
    const auto button = [&](unsigned digit, std::string_view label) {
      return nlohmann::json{{"text", fmt::format("{}: {}", digit, label)},
                            {"callback_data", fmt::format("{} {}", digit, message.alert)}};
    };
    rows.push_back({button(message.digit_acknowledge, words.acknowledge_label),
                    button(message.digit_escalate, words.escalate_label)});
  }
  return rows;
}

}  // namespace

void Telegram::send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
                    Reporter report) {
  if (message.acknowledge_url.empty()) return PostChannel::send(to, message, key, timeout, std::move(report));
  PostChannel::send(to, message, key, timeout, [this, to, message, key, timeout, report](const Report& first) {
    if (first.state != Report::State::failed || first.detail.find("BUTTON_URL_INVALID") == std::string::npos) {
      return report(first);
    }
    Message without_button = message;
    without_button.text = written(message, most_telegram_bytes);
    without_button.acknowledge_url.clear();
    PostChannel::send(to, without_button, key, timeout, report);
  });
}

Result<transfer::Request> Telegram::request(const std::string& to, const Message& message, const std::string&) {
  nlohmann::json body{{"chat_id", to},
                      {"text", written_without_link(message, most_telegram_bytes)},
                      {"link_preview_options", {{"is_disabled", true}}}};
  Message answerable = message;
  if (!takes_replies()) answerable.short_text_to_reply.clear();
  if (auto rows = buttons_of(answerable); !rows.empty()) body["reply_markup"] = {{"inline_keyboard", std::move(rows)}};
  return json_post(method("sendMessage"), json_body(body));
}

std::string Telegram::method(std::string_view name) const {
  return fmt::format("{}/bot{}/{}", options_.base_url, options_.token, name);
}

void Telegram::hear_replies(HearReply hear) {
  hear_ = takes_replies() ? std::move(hear) : HearReply();
  const std::uint64_t turn = ++listening_turn_;
  listening_since_ = poller_.now();
  if (hear_) ask_later(turn, patience());
}

// People reply within minutes or not at all.
Duration Telegram::patience() const {
  const Duration every = options_.poll_every;
  return std::clamp<Duration>((poller_.now() - listening_since_) / 60, every, 10 * every);
}

void Telegram::ask_later(std::uint64_t turn, Duration after) {
  errands_.later(after, [this, turn] { ask(turn); });
}

void Telegram::ask(std::uint64_t turn) {
  if (turn != listening_turn_) return;
  nlohmann::json body{{"timeout", 0}, {"limit", most_updates}, {"allowed_updates", {"message", "callback_query"}}};
  if (next_update_ != 0) body["offset"] = next_update_;
  transfer::Request request = json_post(method("getUpdates"), json_body(body));
  request.timeout = updates_timeout;
  request.most_body_bytes = most_updates_bytes;
  errands_.ask(std::move(request), [this, turn](transfer::Outcome& outcome) { take(turn, outcome); });
}

void Telegram::take(std::uint64_t turn, const transfer::Outcome& outcome) {
  if (turn != listening_turn_) return;
  const Report report = judge(outcome);
  const bool was_deaf = std::exchange(is_deaf_, report.state != Report::State::delivered);
  if (is_deaf_) {
    if (!was_deaf) log::warn("on call: replies by Telegram are not heard: {}", report.detail);
    return ask_later(turn, std::max(report.retry_after, updates_after_trouble));
  }
  const auto json = json_of(outcome);
  const nlohmann::json updates = at(json, "result");
  for (const auto& update : updates.is_array() ? updates : nlohmann::json::array()) {
    next_update_ = std::max(next_update_, number_of(update, "update_id") + 1);
    take_update(update);
  }
  // At once where there were some: that tells Telegram that they are done.
  if (turn == listening_turn_) ask_later(turn, updates.empty() ? patience() : Duration::zero());
}

// A press of a button has no time of its own: it is of now.
void Telegram::take_update(const nlohmann::json& update) {
  const nlohmann::json& press = at(update, "callback_query");
  const nlohmann::json& message = press.is_object() ? at(press, "message") : at(update, "message");
  const std::int64_t chat = number_of(at(message, "chat"), "id");
  if (press.is_object()) thank(text_of(press, "id"));
  const std::string text = press.is_object() ? text_of(press, "data") : text_of(message, "text");
  if (chat == 0 || text.empty() || text.size() > most_reply_bytes) return;
  const auto written = WallTime(std::chrono::seconds(number_of(message, "date")));
  const HearReply hear = hear_;  // it may end the listening
  if (!hear) return;
  hear({.by = ChannelKind::telegram,
        .from = std::to_string(chat),
        .text = text,
        .at = press.is_object() ? poller_.clock().wall_now() : written});
}

// Ends the button's turning; whether it arrives is nobody's concern.
void Telegram::thank(const std::string& press) {
  if (press.empty() || !errands_.has_room()) return;
  transfer::Request request = json_post(method("answerCallbackQuery"), json_body({{"callback_query_id", press}}));
  request.timeout = updates_timeout;
  request.most_body_bytes = most_answer_bytes;
  errands_.ask(std::move(request), [](transfer::Outcome&) {});
}

Report Telegram::judge(const transfer::Outcome& outcome) const {
  Report report = judged(outcome);
  const auto json = json_of(outcome);
  if (report.state == Report::State::delivered) {
    if (!json.is_object() || json.value("ok", nlohmann::json()) != true) {
      return not_from("Telegram", outcome);
    }
    const auto id = nlohmann::json::json_pointer("/result/message_id");
    if (json.contains(id) && json[id].is_number_integer()) report.id = std::to_string(json[id].get<std::int64_t>());
    return report;
  }
  const auto wait = nlohmann::json::json_pointer("/parameters/retry_after");
  if (report.retry && json.is_object() && json.contains(wait) && json[wait].is_number_integer()) {
    report.retry_after =
        std::chrono::seconds(std::clamp<std::int64_t>(json[wait].get<std::int64_t>(), 0, longest_retry_after_s));
  }
  return report;
}

}  // namespace tenfold::oncall::channels
