#include "watch/probe/expect.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "base/text/letters.hpp"
#include "watch/probe/words.hpp"

namespace tenfold::watch {
namespace {

using nlohmann::json;
using Cause = CheckResult::Cause;

constexpr int deepest_json = 256;

Verdict content(std::string what) { return {Cause::content, std::move(what)}; }

Verdict judge_status(const Expectation& expectation, long status) {
  if (status >= expectation.status_from && status <= expectation.status_to) return {};
  const std::string expected = expectation.status_from == expectation.status_to
                                   ? fmt::format("{}", expectation.status_from)
                                   : fmt::format("{}-{}", expectation.status_from, expectation.status_to);
  return {Cause::status, fmt::format("status {}, expected {}", status, expected)};
}

// A field may be there several times: one that fits is enough.
Verdict judge_headers(const Expectation& expectation, const Answer& answer) {
  for (const auto& [name, value] : expectation.headers) {
    const std::string* other = nullptr;
    bool fits = false;
    for (const auto& [known, is] : answer.headers) {
      if (!equal_but_for_case(known, name)) continue;
      fits = fits || value.empty() || is == value;
      other = &is;
    }
    if (fits) continue;
    if (other == nullptr) return content(fmt::format("the header {} is missing", name));
    return content(fmt::format("the header {} is {}, expected {}", name, in_quotes(*other), in_quotes(value)));
  }
  return {};
}

Verdict judge_size(const Expectation& expectation, const Answer& answer) {
  if (answer.cut || answer.body_bytes > expectation.most_bytes) {
    return content(fmt::format("the page is larger than {}", bytes_words(expectation.most_bytes)));
  }
  if (answer.body_bytes >= expectation.least_bytes) return {};
  return content(fmt::format("the page has {}, expected at least {}", bytes_words(answer.body_bytes),
                             count_words(expectation.least_bytes)));
}

Verdict judge_text(const Expectation& expectation, const Answer& answer, Expressions& expressions) {
  if (!answer.unreadable.empty() && looks_into_body(expectation)) return content(answer.unreadable);
  if (!expectation.text.empty() && answer.body.find(expectation.text) == std::string::npos) {
    return content(fmt::format("the text {} is not in the page", in_quotes(expectation.text)));
  }
  if (!expectation.no_text.empty() && answer.body.find(expectation.no_text) != std::string::npos) {
    return content(fmt::format("the text {} is in the page, and must not be", in_quotes(expectation.no_text)));
  }
  if (expectation.matches.empty()) return {};
  const auto expression = expressions.get(expectation.matches);
  if (!expression) return content(expression.error().detail);
  if (re2::RE2::PartialMatch(answer.body, **expression)) return {};
  return content(fmt::format("nothing in the page matches {}", in_quotes(expectation.matches)));
}

// Deep documents cost stack where they are compared or printed: they are not even built.
Result<json> parse_json(std::string_view text) {
  bool too_deep = false;
  const auto shallow = [&too_deep](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > deepest_json;
    return depth <= deepest_json;
  };
  json value = json::parse(text, shallow, /*allow_exceptions=*/false);
  if (too_deep) return fail(Errc::invalid, fmt::format("the JSON is deeper than {} levels", deepest_json));
  if (value.is_discarded()) return fail(Errc::invalid, "the answer is not JSON");
  return value;
}

Result<json> at_pointer(const json& document, const std::string& pointer) {
  try {
    return document.at(json::json_pointer(pointer));
  } catch (const json::parse_error&) {
    return fail(Errc::invalid, fmt::format("{} is not a JSON pointer", in_quotes(pointer)));
  } catch (const json::exception&) {
    return fail(Errc::not_found, fmt::format("the JSON has nothing at {}", in_quotes(pointer)));
  }
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

Verdict judge_json(const Expectation& expectation, const std::string& body) {
  if (expectation.json_pointer.empty()) return {};
  const auto document = parse_json(body);
  if (!document) return content(document.error().detail);
  const auto value = at_pointer(*document, expectation.json_pointer);
  if (!value) return content(value.error().detail);
  if (expectation.json_equals.empty() || text_of(*value) == expectation.json_equals) return {};
  const json expected = json::parse(expectation.json_equals, nullptr, /*allow_exceptions=*/false);
  if (!expected.is_discarded() && expected == *value) return {};
  return content(fmt::format("the JSON has {} at {}, expected {}", in_quotes(text_of(*value)),
                             in_quotes(expectation.json_pointer), in_quotes(expectation.json_equals)));
}

}  // namespace

Expressions::Expressions() = default;
Expressions::~Expressions() = default;

Result<std::shared_ptr<const re2::RE2>> Expressions::get(const std::string& pattern) {
  if (const auto found = known_.find(pattern); found != known_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return found->second->second;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto expression = std::make_shared<const re2::RE2>(pattern, options);
  if (!expression->ok()) {
    return fail(Errc::invalid,
                fmt::format("the regular expression {} is not valid: {}", in_quotes(pattern), expression->error()));
  }
  if (known_.size() >= most) {
    known_.erase(by_use_.back().first);
    by_use_.pop_back();
  }
  by_use_.emplace_front(pattern, expression);
  known_.emplace(by_use_.front().first, by_use_.begin());
  return expression;
}

bool looks_into_body(const Expectation& expectation) {
  return !expectation.text.empty() || !expectation.no_text.empty() || !expectation.matches.empty() ||
         !expectation.json_pointer.empty();
}

Verdict judge(const Expectation& expectation, const Answer& answer, Expressions& expressions) {
  if (auto verdict = judge_status(expectation, answer.status); !verdict.what.empty()) return verdict;
  if (auto verdict = judge_headers(expectation, answer); !verdict.what.empty()) return verdict;
  if (auto verdict = judge_size(expectation, answer); !verdict.what.empty()) return verdict;
  if (auto verdict = judge_text(expectation, answer, expressions); !verdict.what.empty()) return verdict;
  return judge_json(expectation, answer.body);
}

Result<std::string> json_value(std::string_view text, const std::string& pointer) {
  const auto document = parse_json(text);
  if (!document) return std::unexpected(document.error());
  const auto value = at_pointer(*document, pointer);
  if (!value) return std::unexpected(value.error());
  return text_of(*value);
}

}  // namespace tenfold::watch
