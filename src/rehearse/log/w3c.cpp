#include "rehearse/log/w3c.hpp"

#include <algorithm>

#include "base/text/letters.hpp"
#include "rehearse/log/address_text.hpp"
#include "rehearse/log/fields.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::string_view iis =
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status "
    "sc-substatus sc-win32-status time-taken";
constexpr std::string_view cloudfront =
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
    "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end";

// "cs(User-Agent)" -> "user_agent", "c-ip" -> "c_ip"
std::string column_name(std::string_view name) {
  if (const std::size_t open = name.find('('); open != std::string_view::npos && name.ends_with(')'))
    name = name.substr(open + 1, name.size() - open - 2);
  std::string text = lower_case(name);
  std::ranges::replace(text, '-', '_');
  return text;
}

std::string_view next_column(std::string_view& rest, char apart) {
  const std::size_t end = std::min(rest.find(apart), rest.size());
  const std::string_view value = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

Meaning meaning_in_w3c(std::string_view name) {
  if (name == "c_ip") return {Slot::peer, 0};
  // What CloudFront calls the host is that of the distribution; the one that was asked for is in x-host-header.
  if (name == "host") return {Slot::host, 1};
  if (name == "cs_uri") return {Slot::target, 0};
  if (name == "date" || name == "time") return {};  // together
  return meaning_of(name);
}

bool begins_with_date(std::string_view line) {
  return line.size() > 20 && is_digit(line[0]) && line[4] == '-' && line[7] == '-' &&
         (line[10] == ' ' || line[10] == '\t') && line[13] == ':';
}

}  // namespace

std::vector<W3cColumns::Column> W3cColumns::columns_of(std::string_view names) {
  std::vector<Column> columns;
  constexpr std::size_t most_columns = 128;
  while (columns.size() < most_columns) {
    const std::string_view name = trimmed(next_word(names), blanks_and_line_ends);
    if (name.empty()) break;
    Column column{column_name(name), {}};
    column.meaning = meaning_in_w3c(column.name);
    columns.push_back(std::move(column));
  }
  return columns;
}

bool W3cColumns::take_directive(std::string_view line) {
  constexpr std::string_view directive = "#Fields:";
  if (!line.starts_with(directive)) return false;
  std::string names(line.substr(directive.size()));
  std::ranges::replace(names, '\t', ' ');
  columns_ = columns_of(names);
  return true;
}

bool W3cColumns::fits(std::string_view line) const { return !columns_.empty() || begins_with_date(line); }

bool W3cColumns::parse(std::string_view line, std::string_view client_field, Scratch& scratch, NamedFields& found,
                       std::string_view& expected) const {
  static const std::vector<Column> iis_columns = columns_of(iis);
  static const std::vector<Column> cloudfront_columns = columns_of(cloudfront);
  const bool tabs = line.find('\t') != std::string_view::npos;
  const std::vector<Column>& columns = !columns_.empty() ? columns_ : tabs ? cloudfront_columns : iis_columns;
  expected = "as many columns as #Fields names (without it: those of CloudFront, by tabs, or of IIS, by spaces)";
  std::string_view rest = line;
  std::string_view date, time;
  std::size_t at = 0;
  for (; at < columns.size() && !rest.empty(); ++at) {
    std::string_view value = next_column(rest, tabs ? '\t' : ' ');
    const Column& column = columns[at];
    if (column.name == "date") date = value;
    if (column.name == "time") time = value;
    found.saw(column.meaning.slot);
    if (value == "-" || column.meaning.slot == Slot::none) {
      if (value != "-" && !client_field.empty() && column.name == client_field) found.keep({}, value, true);
      continue;
    }
    if (column.meaning.slot == Slot::agent || column.meaning.slot == Slot::referer ||
        column.meaning.slot == Slot::forwarded)
      value = tabs ? scratch.without_percent(value) : scratch.with_spaces_for_plus(value);
    found.keep(column.meaning, value, !client_field.empty() && column.name == client_field);
  }
  // CloudFront adds columns at the end now and then.
  if (at < std::min<std::size_t>(columns.size(), columns_.empty() ? 12 : columns.size()) || (!rest.empty() && !tabs))
    return false;
  // Columns that nothing names are those only if they look like it.
  if (columns_.empty() && (address_in(found[Slot::peer]).empty() || !is_method(found[Slot::method]))) return false;
  if (!date.empty() && !time.empty()) {
    std::string& text = scratch.text();
    const std::size_t begin = text.size();
    text.append(date).append("T").append(time).append("Z");  // both are in UTC
    found.keep({Slot::time, 0}, scratch.since(begin));
  }
  return true;
}

}  // namespace tenfold::rehearse
