#include "oncall/channels/answers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "oncall/plain_text.hpp"
#include "transfer/web_page.hpp"

namespace tenfold::oncall::channels {
namespace {

using transfer::Outcome;

constexpr std::size_t most_word_bytes = 200;
constexpr Duration longest_retry_after = std::chrono::hours(1);  // an alert does not wait for longer than that

std::string words_in(const nlohmann::json& json) {
  if (!json.is_object()) return {};
  for (const char* key : {"message", "description", "detail", "error", "errors"}) {
    const auto found = json.find(key);
    if (found == json.end()) continue;
    if (found->is_string()) return found->get<std::string>();
    if (found->is_object() && !text_of(*found, "message").empty()) return text_of(*found, "message");
    if (found->is_array() && !found->empty() && found->front().is_string()) return found->front().get<std::string>();
  }
  return {};
}

bool is_worth_another_try(long status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

}  // namespace

nlohmann::json json_of(const Outcome& outcome) { return nlohmann::json::parse(outcome.body, nullptr, false); }

std::string text_of(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string json_body(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string provider_words(const Outcome& outcome) {
  std::string words = words_in(json_of(outcome));
  const bool is_redirect = outcome.status >= 300 && outcome.status < 400;
  if (words.empty() && (is_redirect || transfer::is_web_page(outcome))) {
    return plain(transfer::what_came(outcome), most_word_bytes);
  }
  if (words.empty()) words = outcome.body;
  words = shortened(plain(words, most_answer_bytes), most_word_bytes);
  return words.empty() ? fmt::format("status {}", outcome.status) : fmt::format("status {}, {}", outcome.status, words);
}

Report not_from(std::string_view provider, const Outcome& outcome) {
  return {.state = Report::State::failed,
          .detail = plain(fmt::format("not the answer of {}, but {}", provider, transfer::what_came(outcome)),
                          2 * most_word_bytes),
          .retry = true};
}

Report judged(const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::not_sent:
      return {.state = Report::State::failed, .detail = plain(outcome.error, most_word_bytes), .retry = true};
    case Outcome::Kind::lost:
      return {.state = Report::State::unknown,
              .detail = "the answer was lost: " + plain(outcome.error, most_word_bytes)};
    case Outcome::Kind::answered: break;
  }
  if (outcome.status >= 200 && outcome.status < 300) return {.state = Report::State::delivered};
  return {.state = Report::State::failed,
          .detail = provider_words(outcome),
          .retry = is_worth_another_try(outcome.status),
          .retry_after = std::min(outcome.retry_after, longest_retry_after)};
}

}  // namespace tenfold::oncall::channels
