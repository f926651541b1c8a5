#include "oncall/channels/telegram/telegram.hpp"

#include <algorithm>

#include "oncall/channels/answers.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_telegram_bytes = 4096;
constexpr std::int64_t longest_retry_after_s = 3600;

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
  if (!message.acknowledge_url.empty()) {
    const nlohmann::json button{{"text", phrases(message.language).acknowledge_label},
                                {"url", message.acknowledge_url}};
    body["reply_markup"] = {{"inline_keyboard", {{button}}}};
  }
  return json_post(options_.base_url + "/bot" + options_.token + "/sendMessage", json_body(body));
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
