#include <algorithm>
#include <array>

#include "base/text/letters.hpp"
#include "rehearse/log/address_text.hpp"
#include "rehearse/log/fields.hpp"
#include "rehearse/log/formats.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::size_t most_tokens = 64;

struct Token {
  std::string_view text;
  enum class Kind : std::uint8_t { word, quoted, bracketed } kind = Kind::word;
};

struct Tokens {
  std::array<Token, most_tokens> all;
  std::size_t count = 0;
};

// Values that bars keep apart may have spaces.
void split_at_bars(std::string_view line, Tokens& tokens) {
  while (!line.empty() && tokens.count < most_tokens) {
    const std::size_t bar = std::min(line.find('|'), line.size());
    tokens.all[tokens.count++] = {trimmed(line.substr(0, bar)), Token::Kind::quoted};
    line.remove_prefix(std::min(bar + 1, line.size()));
  }
}

// Words, texts in quotes and texts in brackets. False: a quote has no end.
bool split(std::string_view line, Tokens& tokens) {
  if (std::ranges::count(line, '|') >= 3 && line.find('"') == std::string_view::npos) {
    split_at_bars(line, tokens);
    return true;
  }
  while (tokens.count < most_tokens) {
    const std::size_t begin = line.find_first_not_of(" \t|;,");
    if (begin == std::string_view::npos) return true;
    line.remove_prefix(begin);
    Token& token = tokens.all[tokens.count++];
    if (line.front() == '"') {
      line.remove_prefix(1);
      const auto inside = until_quote(line);
      if (!inside) return false;
      token = {*inside, Token::Kind::quoted};
      continue;
    }
    if (line.front() == '[') {
      const std::size_t close = line.find(']');
      if (close != std::string_view::npos) {
        token = {line.substr(1, close - 1), Token::Kind::bracketed};
        line.remove_prefix(close + 1);
        continue;
      }
    }
    const std::size_t end = std::min(line.find_first_of(" \t|"), line.size());
    token = {line.substr(0, end), Token::Kind::word};
    line.remove_prefix(end);
  }
  return true;
}

std::optional<int> status_in(std::string_view text) {
  if (text.size() != 3) return {};
  const auto status = number<int>(text);
  return status && *status >= 100 && *status <= 599 ? status : std::optional<int>();
}

class Guess {
 public:
  Guess(const Tokens& tokens, LogTime& time, Scratch& scratch, Entry& entry)
      : tokens_(tokens), time_(time), scratch_(scratch), entry_(entry) {}

  bool run(std::string_view& expected) {
    expected = "a request such as \"GET / HTTP/1.1\" on the line";
    if (!find_request()) return false;
    expected = "a time such as 2019-01-26T16:15:25Z or 26/Jan/2019:16:15:25 +0000 on the line";
    if (!find_time()) return false;
    expected = "a status from 100 to 599 on the line";
    if (!find_status()) return false;
    expected = "an address on the line";
    find_addresses();
    if (entry_.client.empty()) return false;
    take_the_rest();
    return true;
  }

 private:
  const Token& at(std::size_t i) const { return tokens_.all[i]; }

  bool find_request() {
    for (std::size_t i = 0; i < tokens_.count; ++i) {
      const std::string_view text = at(i).text;
      if (at(i).kind != Token::Kind::word && is_request_line(text)) {
        request_ = i;
        request_end_ = i + 1;
        take_request_line(text, scratch_, entry_);
        return true;
      }
      // A method and a target, each for itself.
      if (i + 1 >= tokens_.count || !is_method(text) || text.size() < 3) continue;
      const std::string_view next = at(i + 1).text;
      if (!next.starts_with('/') && next.find("://") > 8) continue;
      request_ = i;
      request_end_ = i + 2;
      if (request_end_ < tokens_.count && at(request_end_).text.starts_with("HTTP/")) ++request_end_;
      take_target(text, scratch_.without_backslashes(next), scratch_, entry_);
      return !entry_.target.empty();
    }
    return false;
  }

  // A date, also as two words; a bare number of seconds only where nothing else is a time.
  bool find_time() {
    for (const bool numbers : {false, true}) {
      for (std::size_t i = 0; i < tokens_.count; ++i) {
        if (i >= request_ && i < request_end_) continue;
        std::string_view text = at(i).text;
        if (text.size() < 10) continue;
        const bool bare = std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
        if (bare != numbers || (bare && !text.starts_with('1'))) continue;
        if (!bare && i + 1 < tokens_.count && at(i).kind == Token::Kind::word &&
            text.find(':') == std::string_view::npos) {
          const std::string_view next = at(i + 1).text;
          text = {text.data(), static_cast<std::size_t>(next.data() + next.size() - text.data())};
        }
        if (const auto found = time_.any(text)) {
          entry_.at_ms = *found;
          entry_.zoned = time_.zoned();
          return true;
        }
      }
    }
    return false;
  }

  // Behind the request, with the bytes behind it; or in front of it, where the first such number behind is followed by
  // something else: that is the bytes.
  bool find_status() {
    std::optional<int> behind, before;
    std::string_view after;
    bool in_quotes = false;
    for (std::size_t i = request_end_; i < tokens_.count && !behind; ++i) {
      behind = status_in(at(i).text);
      if (!behind || i + 1 >= tokens_.count) continue;
      after = at(i + 1).text;
      in_quotes = at(i + 1).kind == Token::Kind::quoted;
    }
    for (std::size_t i = request_; i-- > 0 && !before;) before = status_in(at(i).text);
    const auto bytes = number<std::int64_t>(after);
    if (behind && (!before || bytes || (after == "-" && !in_quotes))) {
      entry_.status = *behind;
      entry_.bytes = bytes && *bytes >= 0 ? *bytes : -1;
      return true;
    }
    if (before) entry_.status = *before;
    return before.has_value();
  }

  void find_addresses() {
    std::string_view first, second;
    for (const bool behind : {false, true}) {
      const std::size_t begin = behind ? request_end_ : 0;
      const std::size_t end = behind ? tokens_.count : request_;
      for (std::size_t i = begin; i < end && second.empty(); ++i) {
        const std::string_view text = at(i).text;
        std::string_view address = client_in(text.ends_with(',') ? text.substr(0, text.size() - 1) : text);
        if (address.empty() && text.starts_with("Client ")) address = client_in(text.substr(7));
        // Behind the request an internal address is that of a server.
        if (address.empty() || address == first || (behind && !first.empty() && is_internal(address))) continue;
        (first.empty() ? first : second) = address;
      }
    }
    if (!first.empty()) take_addresses(first, second, entry_);
  }

  void take_the_rest() {
    std::string_view behind_referer;
    bool referer_before = false;
    entry_.agent_logged = false;
    for (std::size_t i = 0; i < tokens_.count; ++i) {
      if (at(i).kind != Token::Kind::quoted || (i >= request_ && i < request_end_)) continue;
      entry_.agent_logged = true;
      const Look look = look_of(at(i).text);
      if (look == Look::addresses) continue;
      if (look == Look::other && referer_before && behind_referer.empty()) behind_referer = at(i).text;
      referer_before = look == Look::url || look == Look::nothing;
      take_unnamed(at(i).text, scratch_, entry_);
    }
    if (entry_.user_agent.empty()) entry_.user_agent = scratch_.without_backslashes(behind_referer);
  }

  const Tokens& tokens_;
  LogTime& time_;
  Scratch& scratch_;
  Entry& entry_;
  std::size_t request_ = 0, request_end_ = 0;
};

}  // namespace

bool parse_loose(std::string_view line, LogTime& time, Scratch& scratch, Entry& entry, std::string_view& expected) {
  Tokens tokens;
  expected = "a closing quote";
  return split(line, tokens) && Guess(tokens, time, scratch, entry).run(expected);
}

}  // namespace tenfold::rehearse
