#include "watch/probe/captures.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>

#include "base/text/letters.hpp"
#include "base/text/percent.hpp"
#include "watch/probe/words.hpp"

namespace tenfold::watch {
namespace {

bool begins_name(char c) { return is_letter(c) || c == '_'; }
bool is_name_part(char c) { return begins_name(c) || is_digit(c) || c == '-'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

struct Placeholder {
  std::string name;
  enum class As : unsigned char { plain, url } as = As::plain;
  std::size_t end = 0;  // behind its brace
};

// `at` is that of an opening brace.
std::optional<Placeholder> placeholder_at(std::string_view text, std::size_t at) {
  constexpr std::string_view encoded = ":url";
  std::size_t end = at + 1;
  if (end >= text.size() || !begins_name(text[end])) return std::nullopt;
  while (end < text.size() && is_name_part(text[end])) ++end;
  Placeholder found{.name = std::string(text.substr(at + 1, end - at - 1))};
  if (text.substr(end).starts_with(encoded)) {
    found.as = Placeholder::As::url;
    end += encoded.size();
  }
  if (end >= text.size() || text[end] != '}') return std::nullopt;
  found.end = end + 1;
  return found;
}

// Of a URL, as libcurl will read it; nothing: it is none.
std::optional<std::string> host_of(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  char* host = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK) return std::nullopt;
  std::string out = host;
  curl_free(host);
  return out;
}

// The host that stands in the URL itself, if no placeholder has a part in it. What follows the authority may come from
// captures; a capture right behind the host ("https://shop.example{path}") could otherwise lengthen it.
std::optional<std::string> fixed_beginning(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const auto from = scheme + 3;
  const auto brace = url.find('{');
  const auto end = std::min(url.find_first_of("/?#{", from), url.size());
  if (brace != std::string_view::npos && brace <= from) return std::nullopt;
  return std::string(url.substr(0, end));
}

std::optional<std::string> fixed_host(std::string_view url) {
  const auto beginning = fixed_beginning(url);
  return beginning ? host_of(*beginning) : std::nullopt;
}

Result<void> check_url(const std::string& pattern, const std::string& url) {
  if (std::ranges::any_of(url, is_control)) return fail(Errc::invalid, "a captured value would break the URL");
  const auto wanted = fixed_host(pattern);
  if (!wanted) return {};
  const auto host = host_of(url);
  if (!host) return fail(Errc::invalid, fmt::format("{} is not a URL", in_quotes(url)));
  if (*host == *wanted) return {};
  return fail(Errc::invalid, fmt::format("a captured value would lead to {} instead of {}", in_quotes(*host), *wanted));
}

Result<std::string> raw_capture(const Capture& what, const Answer& answer, Expressions& expressions) {
  if (what.header.empty() && !answer.unreadable.empty()) return fail(Errc::invalid, answer.unreadable);
  if (!what.matches.empty()) {
    const auto expression = expressions.get(what.matches);
    if (!expression) return std::unexpected(expression.error());
    if ((*expression)->NumberOfCapturingGroups() < 1) {
      return fail(Errc::invalid, fmt::format("{} has no group to capture", in_quotes(what.matches)));
    }
    std::string value;
    if (re2::RE2::PartialMatch(answer.body, **expression, &value)) return value;
    return fail(Errc::not_found, fmt::format("nothing in the page matches {}", in_quotes(what.matches)));
  }
  if (!what.header.empty()) {
    const std::string wanted = lower_case(what.header);
    for (const auto& [name, value] : answer.headers) {
      if (name == wanted) return value;
    }
    return fail(Errc::not_found, fmt::format("the header {} is missing", what.header));
  }
  return json_value(answer.body, what.pointer);
}

}  // namespace

std::optional<Destination> named_origin(std::string_view url) {
  const auto beginning = fixed_beginning(url);
  if (!beginning) return std::nullopt;
  auto origin = destination_of(*beginning);
  return origin ? std::optional(std::move(*origin)) : std::nullopt;
}

Result<std::string> expand(std::string_view text, const Captured& captured) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t brace = std::min(text.find('{', at), text.size());
    out += text.substr(at, brace - at);
    if (brace == text.size()) break;
    const auto found = placeholder_at(text, brace);
    if (!found) {
      out += '{';
      at = brace + 1;
      continue;
    }
    const auto value = captured.find(found->name);
    if (value == captured.end()) {
      return fail(Errc::not_found, fmt::format("no earlier step has captured {{{}}}", found->name));
    }
    out += found->as == Placeholder::As::url ? percent_encoded(value->second) : value->second;
    at = found->end;
  }
  return out;
}

Result<HttpProbe> expand(const HttpProbe& request, const Captured& captured) {
  HttpProbe out = request;
  auto url = expand(request.url, captured);
  if (!url) return std::unexpected(url.error());
  if (auto good = check_url(request.url, *url); !good) return std::unexpected(good.error());
  out.url = std::move(*url);
  for (auto& [name, value] : out.headers) {
    auto expanded = expand(value, captured);
    if (!expanded) return std::unexpected(expanded.error());
    if (std::ranges::any_of(*expanded, is_control)) {
      return fail(Errc::invalid, fmt::format("a captured value would break the header {}", name));
    }
    value = std::move(*expanded);
  }
  auto body = expand(request.body, captured);
  if (!body) return std::unexpected(body.error());
  out.body = std::move(*body);
  return out;
}

Result<std::string> capture(const Capture& what, const Answer& answer, Expressions& expressions) {
  auto value = raw_capture(what, answer, expressions);
  if (!value) return fail(value.error().code, fmt::format("for {{{}}}: {}", what.name, value.error().detail));
  if (value->size() <= most_captured_bytes) return value;
  return fail(Errc::too_large,
              fmt::format("for {{{}}}: the value is longer than {}", what.name, bytes_words(most_captured_bytes)));
}

}  // namespace tenfold::watch
