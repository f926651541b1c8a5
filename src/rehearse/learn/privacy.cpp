#include "rehearse/learn/privacy.hpp"

#include <algorithm>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {
namespace {

bool has_mail(std::string_view text) {
  return text.find('@') != std::string_view::npos || text.find("%40") != std::string_view::npos;
}

// "+49 170 1234567", "0912-345-6789": digits with what people put between them, percent-encoded or not.
bool has_telephone(std::string_view query) {
  int digits = 0;
  for (std::size_t i = 0; i < query.size(); ++i) {
    const char c = query[i];
    if (c == '%' && i + 2 < query.size()) {
      const std::string_view code = query.substr(i + 1, 2);
      if (code != "20" && code != "2B" && code != "2b" && code != "28" && code != "29" && code != "2D") digits = 0;
      i += 2;
    } else if (is_digit(c)) {
      if (++digits >= 9) return true;
    } else if (c != '-' && c != '+' && c != '.' && c != '(' && c != ')' && c != ' ') {
      digits = 0;
    }
  }
  return false;
}

// Random text mixes letters and digits; 20 of them in a row are no word. Of capitals and small letters mixed, 32 are
// none either.
bool has_token(std::string_view text) {
  std::size_t length = 0, digits = 0, letters = 0, turns = 0;
  char before = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    char c = i < text.size() ? text[i] : '/';
    if (c == '%') {  // percent-encoded words of other scripts are not tokens
      length = digits = letters = turns = 0;
      i += 2;
      continue;
    }
    const bool in = is_digit(c) || is_letter(c) || c == '_';
    if (in) {
      ++length;
      digits += is_digit(c);
      letters += is_letter(c);
      turns += length > 1 && (is_digit(before) != is_digit(c) || (before >= 'a') != (c >= 'a'));
    } else {
      length = digits = letters = turns = 0;
    }
    before = c;
    if (length >= 20 && digits >= 4 && letters >= 2 && turns >= 5) return true;
    if (length >= 32 && turns >= 12) return true;
  }
  return false;
}

}  // namespace

bool looks_private(std::string_view target, Secrecy where) {
  const auto question = target.find('?');
  const std::string_view query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  // What is no URL text is not passed on either.
  if (!std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7f; })) return true;
  if (has_mail(target) || has_telephone(query) || has_token(query)) return true;
  return where == Secrecy::path_and_query && has_token(target.substr(0, std::min(question, target.size())));
}

}  // namespace tenfold::rehearse
