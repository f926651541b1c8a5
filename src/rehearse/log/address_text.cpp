#include "rehearse/log/address_text.hpp"

#include <algorithm>
#include <cstddef>

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::size_t longest_address = 64;  // with a zone: "fe80::1%eth0"

// How many bytes at the front are four numbers up to 255; 0: they are not.
std::size_t four_numbers(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at == end || *at++ != '.')) return 0;
    if (at == end || !is_digit(*at)) return 0;
    int value = *at++ - '0';
    if (at != end && is_digit(*at)) value = value * 10 + (*at++ - '0');
    if (at != end && is_digit(*at)) value = value * 10 + (*at++ - '0');
    if (value > 255) return 0;
  }
  return static_cast<std::size_t>(at - text.data());
}

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

// RFC 4291, 2.2. Eight groups, or fewer with "::" among them: a time of day is none.
bool is_six(std::string_view text) {
  text = text.substr(0, text.find('%'));
  if (text.size() < 2 || text.size() > longest_address) return false;
  std::size_t groups = 0, digits = 0;
  bool gap = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_hex_digit(text[i])) {
      if (digits == 0 && ++groups >= 2 && four_numbers(text.substr(i)) == text.size() - i)
        return gap ? groups <= 6 : groups == 7;
      if (++digits > 4) return false;
    } else if (text[i] == ':') {
      if (i > 0 && text[i - 1] == ':') {
        if (gap) return false;
        gap = true;
      } else if (i == 0 && text[1] != ':') {
        return false;
      }
      digits = 0;
    } else {
      return false;
    }
  }
  return gap ? groups <= 7 : groups == 8 && digits > 0;
}

int number_at(std::string_view address, std::size_t dots) {
  std::size_t at = 0;
  for (; dots > 0; --dots) at = address.find('.', at) + 1;
  int value = 0;
  for (; at < address.size() && is_digit(address[at]); ++at) value = value * 10 + (address[at] - '0');
  return value;
}

}  // namespace

std::string_view address_in(std::string_view word) {
  if (word.size() < 2 || word.size() > longest_address) return {};
  if (word.front() == '[') {
    const std::size_t close = word.find(']');
    if (close == std::string_view::npos) return {};
    const std::string_view inside = word.substr(1, close - 1);
    const std::string_view port = word.substr(close + 1);
    const bool six = is_six(inside) && (port.empty() || (port.front() == ':' && all_digits(port.substr(1))));
    return six ? inside : std::string_view();
  }
  if (const std::size_t size = four_numbers(word); size > 0) {
    if (size == word.size()) return word;
    return word[size] == ':' && all_digits(word.substr(size + 1)) ? word.substr(0, size) : std::string_view();
  }
  return is_six(word) ? word : std::string_view();
}

bool is_internal(std::string_view address) {
  if (address.size() > 7 && equal_but_for_case(address.substr(0, 7), "::ffff:")) address.remove_prefix(7);
  if (four_numbers(address) == 0) {
    const char first = address.empty() ? '\0' : to_lower(address[0]);
    const char second = address.size() < 2 ? '\0' : to_lower(address[1]);
    return address == "::1" || (first == 'f' && (second == 'c' || second == 'd' || second == 'e'));
  }
  const int first = number_at(address, 0);
  const int second = number_at(address, 1);
  return first == 10 || first == 127 || first == 0 || (first == 172 && second >= 16 && second < 32) ||
         (first == 192 && second == 168) || (first == 169 && second == 254);
}

std::string_view client_in(std::string_view list) {
  if (const std::string_view only = address_in(list); !only.empty()) return only;
  std::string_view chosen;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view element = trimmed(list.substr(0, comma));
    // RFC 7239: for="[2001:db8::1]:4711";proto=https
    if (element.size() > 4 && equal_but_for_case(element.substr(0, 4), "for="))
      element = trimmed(element.substr(4, element.find(';') - 4), "\"\\");
    list.remove_prefix(std::min(comma + 1, list.size()));
    const std::string_view address = address_in(element);
    if (address.empty()) {
      if (element.empty() || element == "-" || element == "unknown") continue;
      return {};
    }
    if (chosen.empty() || (is_internal(chosen) && !is_internal(address))) chosen = address;
  }
  return chosen;
}

std::string_view host_in(std::string_view word) {
  const std::size_t colon = word.find(':');
  if (colon != std::string_view::npos && !all_digits(word.substr(colon + 1))) return {};
  const std::string_view name = word.substr(0, colon);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() > 253 || name.size() - dot < 3) return {};
  if (!std::ranges::all_of(name.substr(dot + 1), [](char c) { return is_letter(c) || c == '-' || is_digit(c); }) ||
      !is_letter(name[dot + 1]))
    return {};
  const bool plain =
      std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; });
  const std::string_view end = name.substr(dot + 1);
  const bool file = end == "php" || end == "html" || end == "js" || end == "css" || end == "png" || end == "jpg";
  return plain && !file ? name : std::string_view();
}

}  // namespace tenfold::rehearse
