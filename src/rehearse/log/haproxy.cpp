#include "rehearse/log/address_text.hpp"
#include "rehearse/log/fields.hpp"
#include "rehearse/log/formats.hpp"

namespace tenfold::rehearse {
namespace {

// The last of TR/Tw/Tc/Tr/Ta: the whole time in milliseconds; a "+" in front says that the answer went on.
double seconds_by(std::string_view timers) {
  const std::size_t slash = timers.rfind('/');
  if (slash == std::string_view::npos) return -1;
  std::string_view last = timers.substr(slash + 1);
  if (!last.empty() && last.front() == '+') last.remove_prefix(1);
  const auto milliseconds = number<std::int64_t>(last);
  return milliseconds && *milliseconds >= 0 ? static_cast<double>(*milliseconds) / 1000 : -1;
}

// "{shop.example|Opera/9.80 (X11)}": which header is which only the owner knows, but each can be told by its looks. A
// text that looks like nothing else is the agent: apps call themselves what they like.
void take_captured(std::string_view captured, Scratch& scratch, Entry& entry) {
  std::string_view left_over;
  int left = 0;
  while (true) {
    const std::size_t end = captured.find('|');
    const std::string_view each = scratch.without_hashes(captured.substr(0, end));
    if (look_of(each) == Look::other && each.size() >= 4 && each.find_first_of("=;,/") == std::string_view::npos) {
      left_over = each;
      ++left;
    }
    take_unnamed(each, scratch, entry);
    if (end == std::string_view::npos) break;
    captured.remove_prefix(end + 1);
  }
  if (entry.user_agent.empty() && left == 1) entry.user_agent = left_over;
  entry.agent_logged = !entry.user_agent.empty();
}

}  // namespace

bool parse_haproxy(std::string_view line, std::size_t bracket, LogTime& time, Scratch& scratch, Entry& entry,
                   std::string_view& expected) {
  expected = "an address and a port before the accept date";
  if (bracket < 2) return false;
  const std::string_view before = line.substr(0, bracket - 1);
  const std::size_t space = before.rfind(' ');
  const std::string_view client = space == std::string_view::npos ? before : before.substr(space + 1);
  const std::size_t colon = client.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  entry.client = client.substr(0, colon);
  entry.agent_logged = false;

  expected = "an accept date such as [06/Feb/2009:12:14:14.655]";
  const std::size_t close = line.find(']', bracket);
  if (close == std::string_view::npos) return false;
  // The date is that of the request's beginning, as it is here.
  const auto at = time.common(line.substr(bracket + 1, close - bracket - 1));
  if (!at) return false;
  entry.at_ms = *at;
  entry.zoned = time.zoned();

  std::string_view rest = line.substr(close + 1);
  next_word(rest);  // frontend
  next_word(rest);  // backend and server
  expected = "timers such as 10/0/30/69/109 behind the server";
  const std::string_view timers = next_word(rest);
  if (timers.find('/') == std::string_view::npos) return false;
  entry.seconds = seconds_by(timers);
  expected = "a status behind the timers";
  const auto status = number<int>(next_word(rest));
  if (!status || *status < -1 || *status > 599) return false;
  entry.status = *status < 100 ? 0 : *status;  // -1: the client left
  expected = "a number of bytes behind the status";
  const auto bytes = number<std::int64_t>(next_word(rest));
  if (!bytes) return false;
  entry.bytes = *bytes;

  expected = "a request in double quotes at the end";
  const std::size_t quote = rest.find('"');
  if (quote == std::string_view::npos) return false;
  const std::string_view between = rest.substr(0, quote);
  // The request's headers come first; those of the answer tell nothing of the visitor.
  if (const std::size_t open = between.find('{'); open != std::string_view::npos) {
    const std::size_t end = between.find('}', open);
    if (end != std::string_view::npos) take_captured(between.substr(open + 1, end - open - 1), scratch, entry);
  }
  rest.remove_prefix(quote + 1);
  const auto request = until_quote(rest);
  // A request line longer than the log allows has no closing quote.
  take_request_line(scratch.without_hashes(request ? *request : rest), scratch, entry);
  return true;
}

}  // namespace tenfold::rehearse
