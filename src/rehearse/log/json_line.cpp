#include "base/text/letters.hpp"
#include "rehearse/log/formats.hpp"
#include "rehearse/log/json_scanner.hpp"
#include "rehearse/log/named_fields.hpp"

namespace tenfold::rehearse {
bool parse_json_line(std::string_view line, LogTime& time, std::string_view client_field, Scratch& scratch,
                     Entry& entry, std::string_view& wrapped, std::string_view& expected) {
  JsonScanner scanner(line, scratch, client_field);
  expected = "a whole JSON object on the line";
  if (!scanner.run()) return false;
  const NamedFields& found = scanner.fields();
  if (!take_named_fields(found, time, scratch, entry, expected)) {
    wrapped = trimmed(found[Slot::wrapped], blanks_and_line_ends);
    return false;
  }
  const bool tells_of_a_request = !entry.target.empty() || entry.status != 0;
  if (!tells_of_a_request) wrapped = trimmed(found[Slot::wrapped], blanks_and_line_ends);
  return true;
}

}  // namespace tenfold::rehearse
