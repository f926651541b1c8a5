#include "oncall/words/sms.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/text/letters.hpp"

namespace tenfold::oncall {
namespace {

constexpr std::size_t one_gsm7 = 160, part_gsm7 = 153;
constexpr std::size_t one_ucs2 = 70, part_ucs2 = 67;
// Less than that of what is the matter says too little: a further part is worth its price.
constexpr std::size_t least_of_what = 40;

// 3GPP TS 23.038, 6.2.1 and 6.2.1.1 (those count twice); letters and digits of ASCII besides.
constexpr std::string_view basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
constexpr std::string_view extended = "^{}\\[~]|€";

constexpr std::array<std::pair<std::string_view, std::string_view>, 69> nearest{{
    {"á", "a"},  {"â", "a"},  {"ã", "a"},  {"ą", "a"}, {"ç", "c"}, {"ć", "c"},      {"č", "c"},  {"ď", "d"},
    {"ê", "e"},  {"ë", "e"},  {"ę", "e"},  {"ě", "e"}, {"í", "i"}, {"î", "i"},      {"ï", "i"},  {"ł", "l"},
    {"ń", "n"},  {"ň", "n"},  {"ó", "o"},  {"ô", "o"}, {"õ", "o"}, {"ř", "r"},      {"ś", "s"},  {"š", "s"},
    {"ť", "t"},  {"ú", "u"},  {"û", "u"},  {"ů", "u"}, {"ý", "y"}, {"ÿ", "y"},      {"ź", "z"},  {"ż", "z"},
    {"ž", "z"},  {"À", "A"},  {"Á", "A"},  {"Â", "A"}, {"È", "E"}, {"Ê", "E"},      {"Í", "I"},  {"Î", "I"},
    {"Ó", "O"},  {"Ô", "O"},  {"Ú", "U"},  {"Û", "U"}, {"Š", "S"}, {"Ž", "Z"},      {"œ", "oe"}, {"Œ", "OE"},
    {"„", "\""}, {"“", "\""}, {"”", "\""}, {"’", "'"}, {"–", "-"}, {"…", "..."},    {"—", "-"},  {"‘", "'"},
    {"‚", "'"},  {"«", "\""}, {"»", "\""}, {"`", "'"}, {"´", "'"}, {"\u00a0", " "}, {"Ł", "L"},  {"ő", "ö"},
    {"ű", "ü"},  {"ă", "a"},  {"ș", "s"},  {"ț", "t"}, {"đ", "d"},
}};

std::size_t size_of(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

std::string_view first_found(std::string_view text) { return text.substr(0, size_of(text.front())); }

// Of the alphabet's seven bits; 0: it does not have the character.
std::size_t septets_of(std::string_view character) {
  if (character.size() == 1 && is_letter_or_digit(character.front())) return 1;
  if (basic.find(character) != std::string_view::npos) return 1;
  return extended.find(character) != std::string_view::npos ? 2 : 0;
}

// In septets where all of it is GSM-7, in UTF-16 units elsewhere.
std::size_t units_of(std::string_view text, bool gsm7) {
  std::size_t units = 0;
  while (!text.empty()) {
    const std::string_view character = first_found(text);
    units += gsm7 ? septets_of(character) : character.size() == 4 ? 2 : 1;
    text.remove_prefix(character.size());
  }
  return units;
}

std::string simplified(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view character = first_found(text);
    const auto* const found =
        std::ranges::find(nearest, character, &std::pair<std::string_view, std::string_view>::first);
    const bool known = septets_of(character) > 0 || found == nearest.end();
    out += known ? character : found->second;
    text.remove_prefix(character.size());
  }
  return out;
}

std::string cut(std::string_view text, std::size_t units, bool gsm7) {
  if (units_of(text, gsm7) <= units) return std::string(text);
  constexpr std::size_t dots = 3;
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::string_view character = first_found(text);
    used += units_of(character, gsm7);
    if (used + dots > units) break;
    out += character;
    text.remove_prefix(character.size());
  }
  while (out.ends_with(' ')) out.pop_back();
  return out + "...";
}

}  // namespace

bool is_gsm7(std::string_view text) {
  while (!text.empty()) {
    const std::string_view character = first_found(text);
    if (septets_of(character) == 0) return false;
    text.remove_prefix(character.size());
  }
  return true;
}

std::size_t sms_parts(std::string_view text) {
  const bool gsm7 = is_gsm7(text);
  if (units_of(text, gsm7) <= (gsm7 ? one_gsm7 : one_ucs2)) return 1;
  const std::size_t part = gsm7 ? part_gsm7 : part_ucs2;
  std::size_t parts = 1;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::string_view character = first_found(text);
    const std::size_t units = units_of(character, gsm7);
    if (used + units > part) ++parts, used = 0;
    used += units;
    text.remove_prefix(character.size());
  }
  return parts;
}

std::string sms_text(std::string_view what, std::string_view tail, std::string_view link) {
  std::string simple_what = simplified(what);
  std::string simple_tail = simplified(tail);
  const bool gsm7 = is_gsm7(simple_what) && is_gsm7(simple_tail) && is_gsm7(link);
  // Where it does not fit the small alphabet anyway, all of it may be as it is.
  if (!gsm7) simple_what = what, simple_tail = tail;
  const std::size_t part = gsm7 ? part_gsm7 : part_ucs2;
  const std::size_t for_tail = units_of(simple_tail, gsm7);
  const std::size_t least = for_tail + std::min(units_of(simple_what, gsm7), least_of_what);
  std::size_t whole = link.empty() ? (gsm7 ? one_gsm7 : one_ucs2) : part - 1;  // before the link, its line's beginning
  // A character of two units leaves one of a part empty.
  if (least > whole) whole = 2 * part - 1 - (link.empty() ? 0 : 1);
  while (least > whole) whole += part - 1;
  std::string text = cut(simple_what, whole - for_tail, gsm7) + simple_tail;
  if (!link.empty()) text.append("\n").append(link);
  return text;
}

}  // namespace tenfold::oncall
