#include "rehearse/log/fields.hpp"
#include "rehearse/log/formats.hpp"

namespace tenfold::rehearse {
namespace {

std::string_view word(std::string_view& rest) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const std::size_t end = rest.find(' ');
  const std::string_view found = rest.substr(0, end);
  rest.remove_prefix(found.size());
  return found;
}

// The last of TR/Tw/Tc/Tr/Ta: the whole time in milliseconds; a "+" in front says that the answer went on.
double seconds_of(std::string_view timers) {
  const std::size_t slash = timers.rfind('/');
  if (slash == std::string_view::npos) return -1;
  std::string_view last = timers.substr(slash + 1);
  if (!last.empty() && last.front() == '+') last.remove_prefix(1);
  const auto milliseconds = number<std::int64_t>(last);
  return milliseconds && *milliseconds >= 0 ? static_cast<double>(*milliseconds) / 1000 : -1;
}

// "{shop.example|Mozilla/5.0 ...}": which header is which only the owner knows, but an agent can be told by its looks.
void take_captured(std::string_view captured, Entry& entry) {
  while (!captured.empty()) {
    const std::size_t end = captured.find('|');
    const std::string_view each = captured.substr(0, end);
    if (each.starts_with("http://") || each.starts_with("https://")) {
      entry.referer = each;
    } else if (each.find("Mozilla/") != std::string_view::npos || each.find("bot") != std::string_view::npos ||
               each.starts_with("curl/")) {
      entry.user_agent = each;
    }
    if (end == std::string_view::npos) return;
    captured.remove_prefix(end + 1);
  }
}

}  // namespace

bool parse_haproxy(std::string_view line, std::size_t bracket, LogTime& time, Entry& entry,
                   std::string_view& expected) {
  expected = "an address and a port before the accept date";
  if (bracket < 2) return false;
  const std::string_view before = line.substr(0, bracket - 1);
  const std::size_t space = before.rfind(' ');
  const std::string_view client = space == std::string_view::npos ? before : before.substr(space + 1);
  const std::size_t colon = client.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  entry.client = client.substr(0, colon);

  expected = "an accept date such as [06/Feb/2009:12:14:14.655]";
  const std::size_t close = line.find(']', bracket);
  if (close == std::string_view::npos) return false;
  const auto at = time.common(line.substr(bracket + 1, close - bracket - 1));
  if (!at) return false;
  entry.at_ms = *at;

  std::string_view rest = line.substr(close + 1);
  word(rest);  // frontend
  word(rest);  // backend and server
  expected = "timers such as 10/0/30/69/109 behind the server";
  const std::string_view timers = word(rest);
  if (timers.find('/') == std::string_view::npos) return false;
  entry.seconds = seconds_of(timers);
  // HAProxy's date is that of the request's beginning, as it is here.
  expected = "a status behind the timers";
  const auto status = number<int>(word(rest));
  if (!status || *status < -1 || *status > 599) return false;
  entry.status = *status < 100 ? 0 : *status;  // -1: the client left
  expected = "a number of bytes behind the status";
  const auto bytes = number<std::int64_t>(word(rest));
  if (!bytes) return false;
  entry.bytes = *bytes;

  expected = "a request in double quotes at the end";
  const std::size_t quote = rest.find('"');
  if (quote == std::string_view::npos) return false;
  const std::string_view between = rest.substr(0, quote);
  if (const std::size_t open = between.find('{'); open != std::string_view::npos) {
    const std::size_t end = between.find('}', open);
    if (end != std::string_view::npos) take_captured(between.substr(open + 1, end - open - 1), entry);
  }
  rest.remove_prefix(quote + 1);
  const auto request = until_quote(rest);
  // A request line longer than the log allows has no closing quote.
  take_request_line(request ? *request : rest, entry);
  return true;
}

}  // namespace tenfold::rehearse
