#include "rehearse/log/line_parser.hpp"

#include <utility>

#include "base/text/letters.hpp"
#include "rehearse/log/formats.hpp"
#include "rehearse/log/known_formats.hpp"
#include "rehearse/log/wrapper.hpp"

namespace tenfold::rehearse {
namespace {

constexpr Entry nothing_yet;
constexpr int most_wrappings = 2;  // Docker's file of a collector's JSON

// Where a "[dd/Mon/yyyy:hh:mm:ss" with at least one byte behind it, or "[yyyy-mm-ddThh:mm:ss", stands; a user name or a
// tag in front may have brackets of its own.
std::size_t time_bracket(std::string_view line) {
  std::size_t from = 0;
  while (true) {
    const std::size_t at = line.find('[', from);
    if (at == std::string_view::npos || at + 21 >= line.size()) return std::string_view::npos;
    if (line[at + 3] == '/' && line[at + 7] == '/' && line[at + 12] == ':') return at;
    if (line[at + 5] == '-' && line[at + 8] == '-' && line[at + 14] == ':' && line[at + 17] == ':') return at;
    from = at + 1;
  }
}

// HAProxy's date has a fraction and no zone, and what follows it is no request.
bool is_haproxy(std::string_view text, std::size_t bracket) {
  if (text[bracket + 21] != '.' || text[bracket + 3] != '/') return false;
  const std::size_t close = text.find(']', bracket);
  return close == std::string_view::npos || text.substr(close + 1, 2) != " \"";
}

}  // namespace

LineParser::LineParser(LineOptions options) : options_(std::move(options)) {
  options_.client_field = field_name(options_.client_field);
  if (options_.format.empty()) return;
  if (auto format = LineFormat::of(options_.format)) format_ = std::move(*format);
}

bool LineParser::parse(std::string_view line, Entry& entry, std::string_view& expected) {
  scratch_.clear(line);
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  return parse_text(line, 0, entry, expected);
}

// What a format that did not fit has left behind is gone: the views of the next one stay good.
void LineParser::start_again(Entry& entry) {
  entry = nothing_yet;
  scratch_.text().resize(begin_);
}

bool LineParser::parse_by(const LineFormat& format, std::string_view text, Entry& entry, std::string_view& expected) {
  NamedFields found;
  start_again(entry);
  if (!format.parse(text, options_.client_field, scratch_, found, expected)) return false;
  return take_named_fields(found, time_, scratch_, entry, expected);
}

bool LineParser::parse_columns(std::string_view text, Entry& entry, std::string_view& expected) {
  NamedFields found;
  start_again(entry);
  if (!columns_.parse(text, options_.client_field, scratch_, found, expected)) return false;
  return take_named_fields(found, time_, scratch_, entry, expected);
}

bool LineParser::parse_json(std::string_view text, int wrappings, Entry& entry, std::string_view& expected) {
  while (text.ends_with(',') || text.ends_with(']') || text.ends_with(' '))
    text.remove_suffix(1);  // of a list of objects
  std::string_view wrapped;
  const bool good = parse_json_line(text, time_, options_.client_field, scratch_, entry, wrapped, expected);
  if (wrapped.empty() || wrappings >= most_wrappings) return good;
  Entry inner;
  std::string_view inner_expected;
  if (parse_text(wrapped, wrappings + 1, inner, inner_expected)) {
    entry = inner;
    return true;
  }
  if (!good) expected = inner_expected;
  return good;
}

// Formats that are told by all of the line: the known ones, the last one first, then by looks alone.
bool LineParser::parse_other(std::string_view text, Entry& entry, std::string_view& expected) {
  const std::vector<LineFormat>& known = known_formats();
  for (std::size_t i = 0; i < known.size(); ++i) {
    const std::size_t index = (known_ + i) % known.size();
    if (!parse_by(known[index], text, entry, expected)) continue;
    known_ = index;
    return true;
  }
  start_again(entry);
  return parse_loose(text, time_, scratch_, entry, expected);
}

bool LineParser::parse_text(std::string_view line, int wrappings, Entry& entry, std::string_view& expected) {
  entry = nothing_yet;
  begin_ = scratch_.text().size();  // a wrapped line is in front
  std::string_view text = unwrapped(line);
  if (text.starts_with("[{")) text.remove_prefix(1);
  if (format_) return parse_by(*format_, text, entry, expected) || parse_by(*format_, line, entry, expected);
  if (!text.empty() && text.front() == '{') return parse_json(text, wrappings, entry, expected);
  if (columns_.named()) {
    if (parse_columns(text, entry, expected)) return true;
    start_again(entry);
  }
  const std::size_t bracket = time_bracket(text);
  if (bracket != std::string_view::npos) {
    const bool good = is_haproxy(text, bracket) ? parse_haproxy(text, bracket, time_, scratch_, entry, expected)
                                                : parse_combined(text, bracket, time_, scratch_, entry, expected);
    if (good) return true;
  }
  // What has the combined format's head and a request, and no good status or bytes, is a broken line of it.
  const bool broken = bracket != std::string_view::npos && !entry.target.empty() &&
                      (expected.starts_with("a status") || expected.starts_with("a number of bytes"));
  std::string_view of_others;
  start_again(entry);
  if (is_ltsv(text)) return parse_ltsv(text, time_, options_.client_field, scratch_, entry, expected);
  if (is_logfmt(text) && parse_logfmt(text, line, time_, options_.client_field, scratch_, entry, of_others))
    return true;
  start_again(entry);
  if (!columns_.named() && columns_.fits(text) && parse_columns(text, entry, of_others)) return true;
  if (!broken && parse_other(text, entry, of_others)) return true;
  if (bracket == std::string_view::npos && !columns_.named())
    expected =
        "a line of nginx, Apache or HAProxy with a time stamp such as [26/Jan/2019:19:45:25 +0330], or a JSON object, "
        "or "
        "another format of docs/logs.md (--format names one of your own)";
  return false;
}

}  // namespace tenfold::rehearse
