#include "oncall/channels/ntfy/ntfy.hpp"

#include "oncall/channels/answers.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_push_title_bytes = 250;
constexpr std::size_t most_ntfy_bytes = 4000;  // past 4,096 the server makes an attachment of it

int priority_of(const Message& message) {  // 5: "max", 4: "high", 3: as any other
  if (message.kind == Message::Kind::over || message.severity == "info") return 3;
  return message.severity == "warning" ? 4 : 5;
}

}  // namespace

Result<transfer::Request> Ntfy::request(const std::string& to, const Message& message, const std::string&) {
  nlohmann::json body{{"topic", to},
                      {"title", subject_line(message, most_push_title_bytes)},
                      {"message", written_without_link(message, most_ntfy_bytes)},
                      {"priority", priority_of(message)},
                      {"tags", {message.kind == Message::Kind::over ? "white_check_mark" : "rotating_light"}}};
  if (!message.acknowledge_url.empty()) {
    body["click"] = message.acknowledge_url;
    body["actions"] = {
        {{"action", "view"}, {"label", phrases(message.language).acknowledge_label}, {"url", message.acknowledge_url}}};
  }
  auto post = json_post(options_.server, json_body(body));
  if (!options_.token.empty()) post.headers.emplace_back("Authorization", "Bearer " + header_safe(options_.token));
  return post;
}

Report Ntfy::judge(const transfer::Outcome& outcome) const {
  Report report = judged(outcome);
  if (report.state != Report::State::delivered) return report;
  report.id = text_of(json_of(outcome), "id").substr(0, 64);
  return report.id.empty() ? not_from("ntfy", outcome) : report;
}

}  // namespace tenfold::oncall::channels
