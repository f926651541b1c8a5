#include <algorithm>

#include "rehearse/log/address_text.hpp"
#include "rehearse/log/fields.hpp"
#include "rehearse/log/formats.hpp"

namespace tenfold::rehearse {
namespace {

// Further words that are one list with the first: "203.0.113.7, 10.0.0.2, 10.0.0.3".
std::string_view whole_list(std::string_view first, std::string_view& rest) {
  std::string_view last = first;
  while (last.ends_with(',')) {
    std::string_view behind = rest;
    const std::string_view next = next_word(behind);
    const std::string_view element = next.ends_with(',') ? next.substr(0, next.size() - 1) : next;
    if (address_in(element).empty() && element != "unknown") break;
    rest = behind;
    last = next;
  }
  return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
}

std::string_view without_marks(std::string_view word) {
  const bool marked =
      word.size() > 2 && ((word.front() == '"' && word.back() == '"') || (word.front() == '[' && word.back() == ']') ||
                          (word.front() == '(' && word.back() == ')'));
  return marked ? word.substr(1, word.size() - 2) : word;
}

bool is_of_a_server(std::string_view word) { return word.ends_with(":443") || word.ends_with(":80"); }

// A log without addresses has names in their place: the first word, or the second where the first is a host with a
// port ("shop.example:443 visitor.example - -").
void take_name(std::string_view before, Entry& entry) {
  const std::string_view first = next_word(before);
  const std::string_view second = next_word(before);
  next_word(before);
  const bool four_words = !next_word(before).empty();
  entry.client = four_words && second != "-" ? second : first;
  entry.host = entry.client == first ? std::string_view() : host_in(first);
}

// The words before the time stamp: addresses are known by their shape, whatever else is there (a host, a user, dashes,
// the real address in brackets as of nginx's ingress).
void take_before(std::string_view before, Entry& entry) {
  std::string_view rest = before;
  std::string_view first, second;
  bool of_a_server = false;
  for (int index = 0; second.empty(); ++index) {
    std::string_view word = next_word(rest);
    if (word.empty()) break;
    if (word.size() < 2) continue;  // "-"
    if (word.ends_with(',')) word = whole_list(word, rest);
    if (word.front() == '"' && word.back() != '"') {  // a list in quotes
      const std::size_t close = std::min(rest.find('"'), rest.size());
      word = {word.data(), static_cast<std::size_t>(rest.data() - word.data()) + std::min(close + 1, rest.size())};
      rest.remove_prefix(std::min(close + 1, rest.size()));
    }
    word = without_marks(word);
    if (const std::string_view address = client_in(word); !address.empty()) {
      if (!first.empty() && of_a_server) first = {};
      (first.empty() ? first : second) = address;
      of_a_server = second.empty() && is_of_a_server(word);
    } else if (entry.host.empty() && index < 2) {
      entry.host = host_in(word);
    }
  }
  if (first.empty()) return take_name(before, entry);
  take_addresses(first, second, entry);
}

// "host=shop.example", "xff="203.0.113.7"", or a value alone.
void take_word(std::string_view word, Scratch& scratch, Entry& entry) {
  const std::size_t equals = word.find('=');
  const std::string_view key = equals == std::string_view::npos ? std::string_view() : word.substr(0, equals);
  std::string_view value = without_marks(equals == std::string_view::npos ? word : word.substr(equals + 1));
  if (!key.empty()) {
    const bool of_client = key.find("for") != std::string_view::npos || key.find("xff") != std::string_view::npos ||
                           key.find("client") != std::string_view::npos || key.find("real") != std::string_view::npos;
    const bool of_host = key == "host" || key == "vhost" || key == "sn" || key == "server_name" || key == "http_host";
    if (of_client || of_host) take_unnamed(value, scratch, entry);
    return;
  }
  // An internal one is that of a server behind the proxy.
  const std::string_view address = client_in(value);
  if (!address.empty() && !is_internal(address) && entry.forwarded.empty()) entry.forwarded = address;
}

// The next field behind the bytes: a text in quotes (true), or a word (false). Nothing: the end, or no closing quote.
std::optional<std::string_view> next_field(std::string_view& rest, bool& in_quotes) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  in_quotes = !rest.empty() && rest.front() == '"';
  if (in_quotes) {
    rest.remove_prefix(1);
    return until_quote(rest);
  }
  if (rest.empty()) return {};
  std::string_view word = next_word(rest);
  const std::size_t quote = word.find("=\"");  // key="a value with spaces"
  if (quote == std::string_view::npos) return word.ends_with(',') ? whole_list(word, rest) : word;
  std::string_view value = {word.data() + quote + 2,
                            static_cast<std::size_t>(rest.data() + rest.size() - word.data()) - quote - 2};
  const auto inside = until_quote(value);
  if (!inside) return {};
  rest = value;
  return std::string_view(word.data(), static_cast<std::size_t>(value.data() - word.data()));
}

constexpr int most_fields = 24;

// Behind referer and agent: the list of addresses that a proxy added, a host.
void take_behind(std::string_view rest, Scratch& scratch, Entry& entry) {
  bool in_quotes = false;
  for (int fields = 0; fields < most_fields && !rest.empty(); ++fields) {
    const auto field = next_field(rest, in_quotes);
    if (!field) return;
    if (field->size() < 3) continue;  // "-"
    const Look look = in_quotes ? look_of(*field) : Look::other;
    if (look == Look::addresses && is_internal(client_in(*field)) && field->find(':') != std::string_view::npos)
      continue;  // "$upstream_addr"
    if (look == Look::addresses || look == Look::host)
      take_unnamed(*field, scratch, entry);
    else if (!in_quotes)
      take_word(*field, scratch, entry);
  }
}

// Fields in an order of somebody's own. An agent that does not look like one is the text behind the referer.
void take_by_looks(std::string_view rest, Scratch& scratch, Entry& entry) {
  std::string_view behind_referer;
  bool in_quotes = false, referer_before = false;
  for (int fields = 0; fields < most_fields && !rest.empty(); ++fields) {
    const auto field = next_field(rest, in_quotes);
    if (!field) break;
    if (!in_quotes) {
      take_word(*field, scratch, entry);
      continue;
    }
    entry.agent_logged = true;
    const Look look = look_of(*field);
    if (look == Look::other && referer_before && behind_referer.empty()) behind_referer = *field;
    referer_before = look == Look::url || look == Look::nothing;
    take_unnamed(*field, scratch, entry);
  }
  if (entry.user_agent.empty()) entry.user_agent = scratch.without_backslashes(behind_referer);
}

bool may_be_referer(std::string_view text) {
  if (text.empty() || text == "-" || text.front() == 'h') return true;
  const Look look = look_of(text);
  return look == Look::url || look == Look::host || look == Look::other;  // some send a name alone
}
bool may_be_agent(std::string_view text) {
  if (text.empty() || text.front() == 'M' || text == "-") return true;
  const Look look = look_of(text);
  return look == Look::agent || look == Look::other;
}

// Referer and agent, in quotes and in this order, right behind the bytes: the combined format. False: something else;
// `expected` is set where a quote is not closed.
bool take_combined(std::string_view& rest, Scratch& scratch, Entry& entry, std::string_view& expected) {
  if (rest.size() < 2 || rest[0] != ' ' || rest[1] != '"') return false;
  std::string_view behind = rest.substr(2);
  const auto referer = until_quote(behind);
  if (!referer) expected = "the referer's closing quote";
  if (!referer || !may_be_referer(*referer)) return false;
  if (behind.size() < 2 || behind[0] != ' ' || behind[1] != '"') return false;
  behind.remove_prefix(2);
  const auto agent = until_quote(behind);
  if (!agent) expected = "the user agent's closing quote";
  if (!agent || !may_be_agent(*agent)) return false;
  entry.referer = unless_dash(scratch.without_backslashes(*referer));
  entry.user_agent = unless_dash(scratch.without_backslashes(*agent));
  rest = behind;
  return true;
}

}  // namespace

bool parse_combined(std::string_view line, std::size_t bracket, LogTime& time, Scratch& scratch, Entry& entry,
                    std::string_view& expected) {
  expected = "an address before the time stamp";
  if (bracket < 2) return false;
  take_before(line.substr(0, bracket - 1), entry);
  if (entry.client.empty()) return false;

  expected = "a time stamp such as [26/Jan/2019:19:45:25 +0330]";
  const std::size_t close = line.find(']', bracket);
  if (close == std::string_view::npos) return false;
  const std::string_view stamp = line.substr(bracket + 1, close - bracket - 1);
  const auto at = stamp.size() > 2 && stamp[2] == '/' ? time.common(stamp) : time.any(stamp);
  if (!at) return false;
  entry.at_ms = *at;
  entry.zoned = time.zoned();

  expected = "a request in double quotes behind the time stamp";
  std::string_view rest = line.substr(close + 1);
  if (rest.size() < 2 || rest[0] != ' ' || rest[1] != '"') return false;
  rest.remove_prefix(2);
  const auto request = until_quote(rest);
  if (!request) return false;
  take_request_line(*request, scratch, entry);

  expected = "a status from 100 to 599 behind the request";
  const auto status = number<int>(next_word(rest));
  if (!status || *status < 100 || *status > 599) return false;
  entry.status = *status;

  expected = "a number of bytes, or -, behind the status";
  const std::string_view bytes = next_word(rest);
  if (bytes != "-") {
    const auto value = number<std::int64_t>(bytes);
    if (!value && !number<double>(bytes)) return false;  // a duration in its place, as logs of one's own have it
    if (value && *value < 0) return false;
    entry.bytes = value ? *value : -1;
  } else {
    entry.bytes = 0;
  }

  entry.agent_logged = false;
  expected = {};
  if (take_combined(rest, scratch, entry, expected)) {
    entry.agent_logged = true;
    if (rest.size() > 3) take_behind(rest, scratch, entry);
    return true;
  }
  if (!expected.empty()) return false;
  take_by_looks(rest, scratch, entry);
  return true;
}

}  // namespace tenfold::rehearse
