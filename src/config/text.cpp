#include "config/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace tenfold::config {
namespace {

// The length of the UTF-8 character that begins there (RFC 3629, section 4), or 0 if it is malformed.
std::size_t character_bytes(std::string_view at) {
  const auto byte = [&](std::size_t i) { return i < at.size() ? static_cast<unsigned char>(at[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!tail(1) || !tail(2) || (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return 0;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    return (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f) ? 0 : 4;
  }
  return 0;
}

bool continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

Lines::Lines(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool lone_cr = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || lone_cr) starts_.push_back(i + 1);
  }
}

std::string_view Lines::line(int number) const {
  if (number < 0 || static_cast<std::size_t>(number) >= starts_.size()) return {};
  const auto at = static_cast<std::size_t>(number);
  const std::size_t end = at + 1 < starts_.size() ? starts_[at + 1] : text_.size();
  return text_.substr(starts_[at], end - starts_[at]);
}

int Lines::characters(int number, int bytes) const {
  const std::string_view part = line(number).substr(0, static_cast<std::size_t>(std::max(bytes, 0)));
  return static_cast<int>(std::ranges::count_if(part, [](char c) { return !continuation(c); }));
}

std::optional<Lines::BadText> Lines::find_bad_text() const {
  for (std::size_t number = 0; number < starts_.size(); ++number) {
    const std::string_view row = line(static_cast<int>(number));
    int column = 1;
    for (std::size_t i = 0; i < row.size(); ++column) {
      const std::size_t bytes = character_bytes(row.substr(i));
      const auto code = static_cast<unsigned char>(row[i]);
      if (bytes == 0) {
        return BadText{static_cast<int>(number) + 1, column,
                       fmt::format("the byte 0x{:02x} is not UTF-8; save the file as UTF-8", code)};
      }
      if ((code < ' ' && code != '\t' && code != '\n' && code != '\r') || code == 0x7f) {
        return BadText{static_cast<int>(number) + 1, column,
                       fmt::format("the control character 0x{:02x} cannot stand in YAML", code)};
      }
      i += bytes;
    }
  }
  return std::nullopt;
}

bool Lines::unclosed_quote(int number, int column_bytes) const {
  if (number < 0 || static_cast<std::size_t>(number) >= starts_.size()) return false;
  std::size_t at = starts_[static_cast<std::size_t>(number)] + static_cast<std::size_t>(column_bytes);
  if (at >= text_.size()) return false;
  const char quote = text_[at];
  if (quote != '"' && quote != '\'') return false;
  for (++at; at < text_.size(); ++at) {
    if (quote == '"' && text_[at] == '\\') {
      ++at;
    } else if (text_[at] == quote) {
      return false;
    }
  }
  return true;
}

std::optional<Lines::BadText> Lines::unquoted_ipv6(int number) const {
  for (const int candidate : {number, number - 1}) {
    const std::string_view row = line(candidate);
    const std::size_t close = row.find("]:");
    const std::size_t open = row.substr(0, close).rfind('[');
    if (close == std::string_view::npos || open == std::string_view::npos) continue;
    const std::string_view inside = row.substr(open + 1, close - open - 1);
    const bool address = inside.find(':') != std::string_view::npos &&
                         inside.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    const bool in_quotes = open > 0 && (row[open - 1] == '"' || row[open - 1] == '\'');
    if (!address || in_quotes) continue;
    const std::size_t end = row.find_first_not_of("0123456789", close + 2);
    return BadText{candidate + 1, characters(candidate, static_cast<int>(open)) + 1,
                   fmt::format("an IPv6 address must be in quotes: \"{}\"", row.substr(open, end - open))};
  }
  return std::nullopt;
}

std::optional<int> Lines::tab_in_indentation(int number) const {
  for (const int candidate : {number, number - 1}) {
    const std::string_view row = line(candidate);
    const std::string_view indentation = row.substr(0, row.find_first_not_of(" \t"));
    if (indentation.find('\t') != std::string_view::npos) return candidate;
  }
  return std::nullopt;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  if (word.size() > 64) return best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t apart = distance(word, candidate);
    if (apart < best_distance && apart < candidate.size()) best = candidate, best_distance = apart;
  }
  return best;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = character_bytes(text.substr(i));
    out += bytes == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(i, bytes);
    i += std::max<std::size_t>(1, bytes);
  }
  return out;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string out;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++characters) {
    if (characters == most) return out + "…";
    const std::size_t bytes = std::max<std::size_t>(1, character_bytes(text.substr(i)));
    const auto code = static_cast<unsigned char>(text[i]);
    if (code < ' ' || code == 0x7f) {
      out += ' ';
    } else {
      out += text.substr(i, bytes);
    }
    i += bytes;
  }
  return out;
}

std::string joined(const std::vector<std::string_view>& words, std::string_view last_word) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? fmt::format(" {} ", last_word) : ", ";
    out += words[i];
  }
  return out;
}

}  // namespace tenfold::config
