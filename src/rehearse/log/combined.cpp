#include <cstring>

#include "rehearse/log/fields.hpp"
#include "rehearse/log/formats.hpp"

namespace tenfold::rehearse {
namespace {

// The next word, with the spaces before it left out; empty at the end.
std::string_view next_word(std::string_view& rest) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const std::size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(word.size());
  return word;
}

// The address: the first word, or the second where the first is a host with a port ("shop.example:443 192.0.2.1 - -").
// Empty only if there is no word at all.
std::string_view client_of(std::string_view before) {
  const std::string_view first = next_word(before);
  const std::string_view second = next_word(before);
  next_word(before);
  const bool four_words = !next_word(before).empty();
  return four_words && second != "-" ? second : first;
}

}  // namespace

bool parse_combined(std::string_view line, std::size_t bracket, LogTime& time, Entry& entry,
                    std::string_view& expected) {
  expected = "an address before the time stamp";
  if (bracket < 2) return false;
  entry.client = client_of(line.substr(0, bracket - 1));
  if (entry.client.empty()) return false;

  expected = "a time stamp such as [26/Jan/2019:19:45:25 +0330]";
  const std::size_t close = line.find(']', bracket);
  if (close == std::string_view::npos) return false;
  const auto at = time.common(line.substr(bracket + 1, close - bracket - 1));
  if (!at) return false;
  entry.at_ms = *at;

  expected = "a request in double quotes behind the time stamp";
  std::string_view rest = line.substr(close + 1);
  if (rest.size() < 2 || rest[0] != ' ' || rest[1] != '"') return false;
  rest.remove_prefix(2);
  const auto request = until_quote(rest);
  if (!request) return false;
  take_request_line(*request, entry);

  expected = "a status from 100 to 599 behind the request";
  const auto status = number<int>(next_word(rest));
  if (!status || *status < 100 || *status > 599) return false;
  entry.status = *status;

  expected = "a number of bytes, or -, behind the status";
  const std::string_view bytes = next_word(rest);
  if (bytes != "-") {
    const auto value = number<std::int64_t>(bytes);
    if (!value || *value < 0) return false;
    entry.bytes = *value;
  } else {
    entry.bytes = 0;
  }
  if (rest.size() < 2 || rest[0] != ' ' || rest[1] != '"') return true;  // common, or fields of somebody's own

  expected = "the referer's closing quote";
  rest.remove_prefix(2);
  const auto referer = until_quote(rest);
  if (!referer) return false;
  entry.referer = unless_dash(*referer);
  if (rest.size() < 2 || rest[0] != ' ' || rest[1] != '"') return true;

  expected = "the user agent's closing quote";
  rest.remove_prefix(2);
  const auto agent = until_quote(rest);
  if (!agent) return false;
  entry.user_agent = unless_dash(*agent);
  return true;
}

}  // namespace tenfold::rehearse
