#include "cache/policy/cache_control.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/text/letters.hpp"
#include "http/rules/characters.hpp"
#include "http/rules/quoting.hpp"

namespace tenfold::cache {

namespace {

using http::equals_ignoring_case;
using http::Field;

// The time that an unreadable number stands for: none, so that what it governs is stale (RFC 9111, 4.2.1).
constexpr Seconds unreadable = 0;

struct Directive {
  std::string_view name;
  std::optional<std::string_view> value;  // without quotes
};

Directive split(std::string_view element) {
  const auto equals = element.find('=');
  if (equals == std::string_view::npos) return {element, {}};
  std::string_view value = trimmed(element.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return {trimmed(element.substr(0, equals)), value};
}

Seconds delta_seconds(const std::optional<std::string_view>& text) {
  if (!text || text->empty()) return unreadable;
  Seconds value = 0;
  for (const char c : *text) {
    if (c < '0' || c > '9') return unreadable;
    value = std::min(value * 10 + (c - '0'), max_delta_seconds);
  }
  return value;
}

void keep_smaller(std::optional<Seconds>& into, Seconds value) { into = into ? std::min(*into, value) : value; }

void apply(const Directive& directive, ResponseDirectives& into) {
  struct Flag {
    std::string_view name;
    bool ResponseDirectives::*member;
  };
  static constexpr Flag flags[] = {
      {"no-store", &ResponseDirectives::no_store},
      {"no-cache", &ResponseDirectives::no_cache},
      {"private", &ResponseDirectives::private_},
      {"public", &ResponseDirectives::public_},
      {"must-revalidate", &ResponseDirectives::must_revalidate},
      {"proxy-revalidate", &ResponseDirectives::proxy_revalidate},
      {"must-understand", &ResponseDirectives::must_understand},
      {"immutable", &ResponseDirectives::immutable},
  };
  struct Number {
    std::string_view name;
    std::optional<Seconds> ResponseDirectives::*member;
  };
  static constexpr Number numbers[] = {
      {"max-age", &ResponseDirectives::max_age},
      {"s-maxage", &ResponseDirectives::s_maxage},
      {"stale-while-revalidate", &ResponseDirectives::stale_while_revalidate},
      {"stale-if-error", &ResponseDirectives::stale_if_error},
  };
  for (const Flag& flag : flags) {
    if (equals_ignoring_case(directive.name, flag.name)) into.*flag.member = true;
  }
  for (const Number& number : numbers) {
    if (equals_ignoring_case(directive.name, number.name)) {
      keep_smaller(into.*number.member, delta_seconds(directive.value));
    }
  }
}

void apply(const Directive& directive, RequestDirectives& into) {
  if (equals_ignoring_case(directive.name, "no-cache")) into.no_cache = true;
  if (equals_ignoring_case(directive.name, "no-store")) into.no_store = true;
  if (equals_ignoring_case(directive.name, "only-if-cached")) into.only_if_cached = true;
  if (equals_ignoring_case(directive.name, "max-age")) keep_smaller(into.max_age, delta_seconds(directive.value));
  if (equals_ignoring_case(directive.name, "max-stale")) {
    keep_smaller(into.max_stale, directive.value ? delta_seconds(directive.value) : max_delta_seconds);
  }
  if (equals_ignoring_case(directive.name, "min-fresh")) {
    const Seconds wish = delta_seconds(directive.value);
    into.min_fresh = into.min_fresh ? std::max(*into.min_fresh, wish) : wish;
  }
}

// ---- What is not well formed (RFC 9111, 5.2), mostly written by hand: "private; max-age=0" ----

bool is_quoted_string(std::string_view text) {
  if (text.size() < 2 || text.front() != '"') return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1 == text.size();
    }
  }
  return false;
}

bool is_well_formed(std::string_view element) {
  const auto equals = element.find('=');
  if (!http::is_token(trimmed(element.substr(0, equals)))) return false;
  if (equals == std::string_view::npos) return true;
  const std::string_view value = trimmed(element.substr(equals + 1));
  return http::is_token(value) || is_quoted_string(value);
}

// The tokens in it, whatever stands between them.
template <class F>
void for_each_word(std::string_view text, F&& visit) {
  while (!text.empty()) {
    const auto end = std::ranges::find_if_not(text, http::is_token_char);
    const auto length = static_cast<std::size_t>(end - text.begin());
    if (length > 0) visit(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return equals_ignoring_case(word, name); });
}

bool forbids(std::string_view word) { return is_any_of(word, {"private", "no-store", "no-cache"}); }

// What forbids counts, a lifetime is unreadable, and what allows is nothing: in doubt a page is one visitor's.
void apply_malformed(std::string_view element, ResponseDirectives& into) {
  for_each_word(element, [&](std::string_view word) {
    if (forbids(word) || is_any_of(word, {"max-age", "s-maxage"})) apply({word, {}}, into);
  });
}

// ---- Structured field dictionaries (RFC 8941, 3.2), as far as CDN-Cache-Control needs them: keys with no value
// (true), booleans, integers, tokens and strings; parameters are read over. ----

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '*';
}
bool is_key_start(char c) { return (c >= 'a' && c <= 'z') || c == '*'; }
bool is_token_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*'; }
bool is_token_char(char c) {
  return is_token_start(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~:/").find(c) != std::string_view::npos;
}

bool is_bare_item(std::string_view value) {
  if (value.empty()) return false;
  if (value == "?0" || value == "?1") return true;
  if (value.front() == '"') return value.size() >= 2 && value.back() == '"';
  if (is_token_start(value.front())) return std::ranges::all_of(value, is_token_char);
  if (value.front() == '-') value.remove_prefix(1);
  return !value.empty() && value.size() <= 16 &&
         std::ranges::all_of(value, [](char c) { return is_digit(c) || c == '.'; });
}

// False when the member breaks the syntax, which makes the whole field void.
bool apply_member(std::string_view member, ResponseDirectives& into) {
  const std::string_view item = member.substr(0, http::find_unquoted(member, ';'));
  const auto equals = item.find('=');
  const std::string_view key = item.substr(0, equals);
  if (key.empty() || !is_key_start(key.front()) || !std::ranges::all_of(key, is_key_char)) return false;
  if (equals == std::string_view::npos) {
    apply({key, {}}, into);
    return true;
  }
  const std::string_view value = item.substr(equals + 1);
  if (!is_bare_item(value)) return false;
  if (value != "?0") apply({key, value == "?1" ? std::optional<std::string_view>() : value}, into);
  return true;
}

std::optional<ResponseDirectives> targeted_directives(const http::Headers& headers) {
  ResponseDirectives directives;
  bool any = false;
  for (const http::Header& header : headers) {
    if (header.field != Field::cdn_cache_control) continue;
    bool valid = true;
    http::for_each_element(header.value, [&](std::string_view member) {
      any = true;
      valid = apply_member(member, directives);
      return valid;
    });
    if (!valid) return {};
  }
  if (!any) return {};
  return directives;
}

}  // namespace

void parse_response_directives(std::string_view line, ResponseDirectives& into) {
  http::for_each_element(line, [&](std::string_view element) {
    apply(split(element), into);
    if (!is_well_formed(element)) apply_malformed(element, into);
    return true;
  });
}

void parse_request_directives(std::string_view line, RequestDirectives& into) {
  http::for_each_element(line, [&](std::string_view element) {
    apply(split(element), into);
    return true;
  });
}

BindingDirectives binding_directives(const http::Headers& headers) {
  using Source = BindingDirectives::Source;
  if (headers.has(Field::cdn_cache_control)) {
    if (const auto targeted = targeted_directives(headers)) return {*targeted, Source::targeted};
  }
  BindingDirectives binding;
  for (const http::Header& header : headers) {
    if (header.field == Field::cdn_cache_control) {
      // Void as a whole (RFC 9213, 2.2), "Private" for one; that need not mean that all may have the page.
      for_each_word(header.value, [&](std::string_view word) {
        if (forbids(word)) apply({word, {}}, binding.directives);
      });
    }
    if (header.field != Field::cache_control) continue;
    binding.source = Source::cache_control;
    parse_response_directives(header.value, binding.directives);
  }
  return binding;
}

RequestDirectives request_directives(const http::Headers& headers) {
  RequestDirectives directives;
  bool cache_control = false;
  for (const http::Header& header : headers) {
    if (header.field != Field::cache_control) continue;
    cache_control = true;
    parse_request_directives(header.value, directives);
  }
  if (!cache_control && http::has_element(headers, Field::pragma, "no-cache")) directives.no_cache = true;
  return directives;
}

}  // namespace tenfold::cache
