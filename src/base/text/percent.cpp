#include "base/text/percent.hpp"

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"

namespace tenfold {
namespace {

bool is_unreserved(char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

// The byte that an encoding at `at` stands for; nothing: there is none.
std::optional<char> decoded_at(std::string_view text, std::size_t at) {
  if (text.size() - at < 3) return std::nullopt;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high << 4 | low);
}

// `broken(out)` is called for each percent sign without its digits; false ends it there.
template <typename Broken>
bool decode(std::string_view text, Plus plus, std::string& out, Broken broken) {
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' && plus == Plus::is_blank ? ' ' : text[i];
    } else if (const auto byte = decoded_at(text, i)) {
      out += *byte;
      i += 2;
    } else if (!broken(out)) {
      return false;
    }
  }
  return true;
}

}  // namespace

void append_percent(std::string& out, char byte) {
  out += '%';
  append_hex(out, byte, capital_hex_digits);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

std::optional<std::string> percent_decoded(std::string_view text, Plus plus) {
  std::string out;
  if (!decode(text, plus, out, [](std::string&) { return false; })) return std::nullopt;
  return out;
}

std::string percent_decoded_leniently(std::string_view text, Plus plus) {
  std::string out;
  decode(text, plus, out, [](std::string& to) {
    to += '%';
    return true;
  });
  return out;
}

}  // namespace tenfold
