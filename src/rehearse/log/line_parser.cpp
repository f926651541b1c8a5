#include "rehearse/log/line_parser.hpp"

#include <cstring>

#include "rehearse/log/formats.hpp"

namespace tenfold::rehearse {
namespace {

// Where a "[dd/Mon/yyyy:hh:mm:ss" with at least one byte behind it stands; a user name or a syslog tag in front may
// have brackets of its own.
std::size_t time_bracket(std::string_view line) {
  std::size_t from = 0;
  while (true) {
    const std::size_t at = line.find('[', from);
    if (at == std::string_view::npos || at + 21 >= line.size()) return std::string_view::npos;
    if (line[at + 3] == '/' && line[at + 7] == '/' && line[at + 12] == ':') return at;
    from = at + 1;
  }
}

}  // namespace

bool LineParser::parse(std::string_view line, Entry& entry, std::string_view& expected) {
  entry = Entry();
  std::string_view text = line;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  if (!text.empty() && text.front() == '{') return parse_json_line(text, time_, unescaped_, entry, expected);
  const std::size_t bracket = time_bracket(text);
  if (bracket == std::string_view::npos) {
    expected =
        "a line of nginx, Apache or HAProxy with a time stamp such as [26/Jan/2019:19:45:25 +0330], or a JSON object";
    return false;
  }
  const bool milliseconds = text[bracket + 21] == '.';
  return milliseconds ? parse_haproxy(text, bracket, time_, entry, expected)
                      : parse_combined(text, bracket, time_, entry, expected);
}

}  // namespace tenfold::rehearse
