#include "oncall/channels/teams/teams.hpp"

#include <algorithm>

#include "base/text/letters.hpp"
#include "oncall/channels/answers.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/written.hpp"
#include "transfer/web_page.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_card_title_bytes = 200;
constexpr std::size_t most_card_bytes = 8 * 1024;  // the whole may have 28 KB; a byte becomes six at worst ("\u0001")

// A RichTextBlock says its text as it is: in a TextBlock, Markdown and {{DATE()}} would have a meaning.
nlohmann::json literal(const std::string& text, const char* size, const char* weight) {
  return {{"type", "RichTextBlock"},
          {"inlines", {{{"type", "TextRun"}, {"text", text}, {"size", size}, {"weight", weight}}}}};
}

}  // namespace

Result<transfer::Request> Teams::request(const std::string&, const Message& message, const std::string&) {
  nlohmann::json body = nlohmann::json::array();
  body.push_back(literal(subject_line(message, most_card_title_bytes), "Large", "Bolder"));
  std::string text = written_without_link(message, most_card_bytes);
  for (std::size_t from = 0; from < text.size();) {  // a TextRun shows no line breaks
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (end > from) body.push_back(literal(text.substr(from, end - from), "Default", "Default"));
    from = end + 1;
  }
  nlohmann::json card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                      {"type", "AdaptiveCard"},
                      {"version", "1.4"},
                      {"body", std::move(body)}};
  if (!message.acknowledge_url.empty()) {
    card["actions"] = {{{"type", "Action.OpenUrl"},
                        {"title", phrases(message.language).acknowledge_label},
                        {"url", message.acknowledge_url}}};
  }
  return json_post(options_.url, json_body({{"type", "message"},
                                            {"attachments",
                                             {{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                               {"contentUrl", nullptr},
                                               {"content", std::move(card)}}}}}));
}

// A workflow says 202. The webhooks of old say 200 and "1", and 200 with a sentence where Teams itself refused.
Report Teams::judge(const transfer::Outcome& outcome) const {
  Report report = judged(outcome);
  if (report.state != Report::State::delivered) return report;
  if (outcome.body.find("delivery failed") != std::string::npos) {
    return {.state = Report::State::failed, .detail = provider_words(outcome), .retry = true};
  }
  const bool is_workflows = outcome.status == 202 && !transfer::is_web_page(outcome);
  const bool is_webhooks = trimmed(outcome.body, blanks_and_line_ends) == "1";
  return is_workflows || is_webhooks ? report : not_from("Teams", outcome);
}

}  // namespace tenfold::oncall::channels
