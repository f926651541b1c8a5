#include "oncall/channels/sip/key_presses.hpp"

#include <algorithm>
#include <cctype>

#include "base/text/letters.hpp"

namespace tenfold::oncall::sip {
namespace {

constexpr std::string_view keys = "0123456789*#ABCD";  // by RFC 4733's code

std::optional<char> digit_named(std::string_view word) {
  word = trimmed(word, blanks_and_line_ends);
  if (word.size() != 1) return std::nullopt;
  const char key = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
  if (!keys.contains(key)) return std::nullopt;
  return key;
}

}  // namespace

std::optional<char> digit_of_event(std::span<const std::uint8_t> payload) {
  constexpr std::size_t event_bytes = 4;
  if (payload.size() < event_bytes || payload[0] >= keys.size()) return std::nullopt;
  return keys[payload[0]];
}

std::optional<char> digit_of_info(std::string_view content_type, std::string_view body) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  if (equal_but_for_case(type, "application/dtmf")) return digit_named(body);
  if (!equal_but_for_case(type, "application/dtmf-relay")) return std::nullopt;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = trimmed(body.substr(0, end), blanks_and_line_ends);
    body.remove_prefix(std::min(end + 1, body.size()));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos ||
        !equal_but_for_case(trimmed(line.substr(0, equals), blanks_and_line_ends), "signal"))
      continue;
    return digit_named(line.substr(equals + 1));
  }
  return std::nullopt;
}

std::optional<char> KeyPresses::event(std::span<const std::uint8_t> payload, std::uint32_t began, TimePoint now) {
  const std::optional<char> digit = digit_of_event(payload);
  if (!digit || last_event_ == began) return std::nullopt;
  last_event_ = began;
  return press(Way::event, *digit, now);
}

std::optional<char> KeyPresses::tone(char digit, TimePoint now) {
  if (last_event_) return std::nullopt;
  return press(Way::tone, digit, now);
}

std::optional<char> KeyPresses::info(char digit, TimePoint now) { return press(Way::info, digit, now); }

std::optional<char> KeyPresses::press(Way way, char digit, TimePoint now) {
  const bool known = last_way_ != Way::none && way != last_way_ && digit == last_digit_ && now - last_at_ < one_press;
  if (known) return std::nullopt;
  last_way_ = way;
  last_digit_ = digit;
  last_at_ = now;
  return digit;
}

}  // namespace tenfold::oncall::sip
