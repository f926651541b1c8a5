#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "rehearse/log/entry.hpp"
#include "rehearse/log/escapes.hpp"

// Pieces that the formats share.
namespace tenfold::rehearse {

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

inline std::string_view unless_dash(std::string_view text) { return text == "-" ? std::string_view() : text; }

// The next word, with the spaces before it left out; empty at the end.
std::string_view next_word(std::string_view& rest);

// "GET /a?b HTTP/1.1" into method, target and, where the target is absolute, host; all stay empty when it is nothing of
// the kind (a TLS greeting on a plain port, for instance): the line tells of a request all the same.
void take_request_line(std::string_view text, Scratch& scratch, Entry& entry);
// Whether a text begins like a request line.
bool is_request_line(std::string_view text);
bool is_method(std::string_view text);

// Method and target apart; "http://shop.example/a" gives the host, too.
void take_target(std::string_view method, std::string_view target, Scratch& scratch, Entry& entry);

// Splits at the next closing quote that no backslash precedes: the text before it, and `rest` behind it. Nothing: none.
std::optional<std::string_view> until_quote(std::string_view& rest);

// An address and what may be another one of the same request, in the order in which the line has them.
void take_addresses(std::string_view first, std::string_view second, Entry& entry);

// What a field behind the request says, told by its looks alone.
enum class Look : std::uint8_t {
  nothing,    // "", "-"
  number,     // 512, 0.123
  addresses,  // "203.0.113.7, 10.0.0.2"
  url,        // "https://shop.example/a"
  host,       // "shop.example:443"
  agent,      // "Mozilla/5.0 (X11)", "curl/8.1"
  other,
};
Look look_of(std::string_view text);

// Fields in quotes, of which nobody said what they are: a referer, an agent, X-Forwarded-For, a host.
void take_unnamed(std::string_view text, Scratch& scratch, Entry& entry);

}  // namespace tenfold::rehearse
