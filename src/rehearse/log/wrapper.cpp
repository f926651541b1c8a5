#include "rehearse/log/wrapper.hpp"

#include <cstddef>

#include "base/text/letters.hpp"
#include "rehearse/log/address_text.hpp"
#include "rehearse/log/fields.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view left_trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

// "2019-01-26T16:15:25"
bool begins_with_iso_time(std::string_view text) {
  return text.size() > 19 && text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' &&
         is_digit(text[0]);
}

// "Jan  6 16:15:25 "
bool begins_with_syslog_time(std::string_view text) {
  return text.size() > 16 && text[3] == ' ' && text[6] == ' ' && text[9] == ':' && text[12] == ':' && text[15] == ' ' &&
         is_letter(text[0]) && is_digit(text[5]);
}

// "nginx:", "haproxy[14389]:", and not an address that a colon ends.
bool is_tag(std::string_view word) {
  return word.size() > 1 && word.back() == ':' && is_letter_or_digit(word[0]) &&
         address_in(word.substr(0, word.size() - 1)).empty();
}

// Behind the time: host and tag, or one of the two. False: neither is there.
bool skip_host_and_tag(std::string_view& text) {
  std::string_view rest = text;
  const std::string_view first = next_word(rest);
  if (is_tag(first)) {
    text = rest;
    return true;
  }
  const std::string_view behind_host = rest;
  if (is_tag(next_word(rest))) {
    text = rest;
    return true;
  }
  text = behind_host;
  return false;
}

// "1 2003-10-11T22:14:15.003Z host app process id [data] text" (RFC 5424, 6), behind the priority.
std::string_view behind_5424(std::string_view text) {
  for (int word = 0; word < 6; ++word) next_word(text);
  text = left_trimmed(text);
  if (text.starts_with("- ")) {
    text.remove_prefix(2);
  } else {
    while (text.starts_with('[')) {
      std::size_t at = 1;
      while (at < text.size() && text[at] != ']') at += text[at] == '\\' ? 2 : 1;
      if (at >= text.size()) return {};
      text.remove_prefix(at + 1);
    }
  }
  text = left_trimmed(text);
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  // Some write 3164's tag here all the same.
  std::string_view behind_tag = text;
  return is_tag(next_word(behind_tag)) ? behind_tag : text;
}

// "2019-01-26T16:15:25.1Z stdout F text", "2019-01-26T16:15:25+00:00 web1 nginx: text"
std::string_view behind_iso_time(std::string_view text) {
  std::string_view rest = text;
  next_word(rest);
  std::string_view behind = rest;
  const std::string_view stream = next_word(behind);
  if (stream == "stdout" || stream == "stderr") {
    std::string_view behind_mark = behind;
    const std::string_view mark = next_word(behind_mark);
    return mark == "F" || mark == "P" ? behind_mark : behind;
  }
  if (left_trimmed(rest).starts_with('{')) return rest;  // docker logs --timestamps
  return skip_host_and_tag(rest) ? rest : text;
}

std::string_view behind_priority(std::string_view text) {
  const std::size_t close = text.find('>');
  if (close == std::string_view::npos || close < 2 || close > 4) return text;
  for (std::size_t i = 1; i < close; ++i) {
    if (!is_digit(text[i])) return text;
  }
  return text.substr(close + 1);
}

// "web-1  | text": docker compose, whose service may be anything.
std::string_view behind_bar(std::string_view text) {
  const std::size_t bar = text.substr(0, 80).find(" | ");
  if (bar == std::string_view::npos) return text;
  std::string_view before = text.substr(0, bar);
  next_word(before);
  return before.find_first_not_of(' ') == std::string_view::npos ? text.substr(bar + 3) : text;
}

}  // namespace

std::string_view unwrapped(std::string_view line) {
  std::string_view text = left_trimmed(line);
  if (text.starts_with(byte_order_mark)) text = left_trimmed(text.substr(byte_order_mark.size()));
  if (text.empty() || text.front() == '{') return text;
  if (text.front() == '<') {
    const std::string_view behind = behind_priority(text);
    if (behind.size() == text.size()) return text;
    text = left_trimmed(behind);
    if (text.size() > 2 && is_digit(text[0]) && text[1] == ' ') return left_trimmed(behind_5424(text));
  } else if (text.size() > 2 && text[0] == '1' && text[1] == ' ' && begins_with_iso_time(text.substr(2))) {
    return left_trimmed(behind_5424(text));  // as some write it into files: without the priority
  }
  if (begins_with_syslog_time(text)) {
    std::string_view rest = text.substr(15);
    skip_host_and_tag(rest);
    return left_trimmed(rest);
  }
  if (begins_with_iso_time(text)) return left_trimmed(behind_iso_time(text));
  if (is_digit(text.front())) return text;  // an address: nearly all lines
  return left_trimmed(behind_bar(text));
}

}  // namespace tenfold::rehearse
