#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "rehearse/log/entry.hpp"

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

// "GET /a?b HTTP/1.1" into method and target; both stay empty when it is nothing of the kind (a TLS greeting on a
// plain port, for instance): the line tells of a request all the same.
void take_request_line(std::string_view text, Entry& entry);

// A target in absolute form ("http://shop.example/a") to its path; what is neither path nor that becomes empty.
std::string_view path_of(std::string_view target);

// Splits at the next closing quote that no backslash precedes: the text before it, and `rest` behind it. Nothing: none.
std::optional<std::string_view> until_quote(std::string_view& rest);

}  // namespace tenfold::rehearse
