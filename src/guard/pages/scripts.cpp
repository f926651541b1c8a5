#include "guard/pages/scripts.hpp"

#include <algorithm>

#include "base/text/letters.hpp"

namespace tenfold::guard {
namespace {

bool is_in_word(char c) { return is_letter_or_digit(c) || c == '_' || c == '$'; }

void append_compacted(std::string& out, std::string_view line) {
  const bool has_text = line.find_first_of("'\"`") != std::string_view::npos;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool parts_words = i > 0 && i + 1 < line.size() && is_in_word(line[i - 1]) && is_in_word(line[i + 1]);
    if (line[i] != ' ' || has_text || parts_words) out += line[i];
  }
}

}  // namespace

std::string compacted(std::string_view script) {
  std::string out;
  while (!script.empty()) {
    std::string_view line = script.substr(0, script.find('\n'));
    script.remove_prefix(std::min(line.size() + 1, script.size()));
    line = trimmed(line);
    if (line.starts_with("//")) continue;
    line = trimmed(line.substr(0, line.find("  //")));
    if (line.empty()) continue;
    append_compacted(out, line);
    out += '\n';
  }
  return out;
}

}  // namespace tenfold::guard
