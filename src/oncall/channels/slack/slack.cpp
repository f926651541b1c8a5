#include "oncall/channels/slack/slack.hpp"

#include "base/text/letters.hpp"
#include "oncall/channels/answers.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_header_bytes = 150;    // of a header block, in characters
constexpr std::size_t most_section_bytes = 2000;  // of a section block: 3,000 characters, escaping included
constexpr std::size_t most_link_bytes = 500;

}  // namespace

std::string slack_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return out;
}

// Header and section are plain_text, in which nothing but the three escapes has a meaning; the link is mrkdwn of ours.
Result<transfer::Request> Slack::request(const std::string&, const Message& message, const std::string&) {
  const std::string subject = subject_line(message, most_header_bytes);
  nlohmann::json blocks = nlohmann::json::array();
  const auto plain_text = [](const std::string& text) {
    return nlohmann::json{{"type", "plain_text"}, {"text", text}, {"emoji", false}};
  };
  if (!subject.empty()) blocks.push_back({{"type", "header"}, {"text", plain_text(subject)}});
  const std::string text = written_without_link(message, most_section_bytes);
  if (!text.empty()) blocks.push_back({{"type", "section"}, {"text", plain_text(text)}});
  const std::string& link = message.acknowledge_url;
  if (!link.empty() && link.size() <= most_link_bytes && link.find_first_of("|>\n") == std::string::npos) {
    const std::string label(phrases(message.language).acknowledge_label);
    blocks.push_back(
        {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", "<" + slack_escaped(link) + "|" + label + ">"}}}});
  }
  return json_post(options_.url, json_body({{"text", slack_escaped(subject)}, {"blocks", std::move(blocks)}}));
}

// Slack and most that take its webhooks (Mattermost, Discord) say `ok`; a workflow's says {"ok":true}, and Rocket.Chat
// {"success":true}.
Report Slack::judge(const transfer::Outcome& outcome) const {
  Report report = judged(outcome);
  if (report.state != Report::State::delivered || trimmed(outcome.body, blanks_and_line_ends) == "ok") return report;
  const auto json = json_of(outcome);
  const auto says = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && *found == true;
  };
  return json.is_object() && (says("ok") || says("success")) ? report : not_from("Slack", outcome);
}

}  // namespace tenfold::oncall::channels
