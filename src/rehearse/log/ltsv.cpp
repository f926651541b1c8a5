#include <algorithm>
#include <array>

#include "base/text/letters.hpp"
#include "rehearse/log/fields.hpp"
#include "rehearse/log/formats.hpp"
#include "rehearse/log/named_fields.hpp"

namespace tenfold::rehearse {
namespace {

struct Label {
  std::string_view name;
  Meaning meaning;
};
// ltsv.org's; others are known as everywhere.
constexpr Label labels[] = {{"host", {Slot::peer, 0}},
                            {"req", {Slot::request, 0}},
                            {"ua", {Slot::agent, 0}},
                            {"size", {Slot::bytes, 0}},
                            {"forwardedfor", {Slot::forwarded, 0}},
                            {"vhost", {Slot::host, 0}},
                            {"uri", {Slot::target, 1}},
                            {"time", {Slot::time, 1}}};

Meaning meaning_of_label(std::string_view name) {
  const auto* const at = std::ranges::find(labels, name, &Label::name);
  return at == std::end(labels) ? meaning_of(name) : at->meaning;
}

}  // namespace

bool is_ltsv(std::string_view line) {
  const std::size_t tab = line.find('\t');
  const std::size_t colon = line.find(':');
  if (tab == std::string_view::npos || colon == std::string_view::npos || colon == 0 || colon > tab) return false;
  return std::ranges::all_of(line.substr(0, colon), [](char c) { return is_letter(c) || c == '_' || c == '-'; });
}

bool parse_ltsv(std::string_view line, LogTime& time, std::string_view client_field, Scratch& scratch, Entry& entry,
                std::string_view& expected) {
  NamedFields found;
  std::array<char, 64> lower;
  while (!line.empty()) {
    const std::size_t tab = std::min(line.find('\t'), line.size());
    const std::string_view field = line.substr(0, tab);
    line.remove_prefix(std::min(tab + 1, line.size()));
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > lower.size()) continue;
    for (std::size_t i = 0; i < colon; ++i) lower[i] = field[i] == '-' ? '_' : to_lower(field[i]);
    const std::string_view name(lower.data(), colon);
    const Meaning meaning = meaning_of_label(name);
    found.saw(meaning.slot);
    const std::string_view value = scratch.without_backslashes(field.substr(colon + 1));
    if (value != "-") found.keep(meaning, value, !client_field.empty() && name == client_field);
  }
  return take_named_fields(found, time, scratch, entry, expected);
}

bool is_logfmt(std::string_view line) {
  const auto has = [&](std::string_view key) {
    return line.starts_with(key.substr(1)) || line.find(key) != std::string_view::npos;
  };
  return has(" status=") && (has(" method=") || has(" request=") || has(" path="));
}

bool parse_logfmt(std::string_view text, std::string_view line, LogTime& time, std::string_view client_field,
                  Scratch& scratch, Entry& entry, std::string_view& expected) {
  NamedFields found;
  std::array<char, 64> lower;
  // Where no field is the time: that of whoever carried the line.
  found.keep({Slot::time, 254}, next_word(line));
  while (!text.empty()) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    const std::size_t end = text.find_first_of("= ");
    if (end == std::string_view::npos) break;
    const std::string_view key = text.substr(0, end);
    const bool has_value = text[end] == '=';
    text.remove_prefix(end + 1);
    if (!has_value) continue;
    std::string_view value;
    if (text.starts_with('"')) {
      text.remove_prefix(1);
      const auto inside = until_quote(text);
      if (!inside) break;
      value = *inside;
    } else {
      value = next_word(text);
    }
    if (key.empty() || key.size() > lower.size()) continue;
    for (std::size_t i = 0; i < key.size(); ++i) lower[i] = key[i] == '-' ? '_' : to_lower(key[i]);
    const std::string_view name(lower.data(), key.size());
    const Meaning meaning = name == "fwd" ? Meaning{Slot::forwarded, 0} : meaning_of(name);
    found.saw(meaning.slot);
    if (value != "-")
      found.keep(meaning, scratch.without_backslashes(value), !client_field.empty() && name == client_field);
  }
  return take_named_fields(found, time, scratch, entry, expected);
}

}  // namespace tenfold::rehearse
