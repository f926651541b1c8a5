#include <array>
#include <cstring>

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"
#include "rehearse/log/fields.hpp"
#include "rehearse/log/formats.hpp"

namespace tenfold::rehearse {
namespace {

enum class Slot : std::uint8_t {
  none,
  time,
  client,
  method,
  target,
  request,
  status,
  bytes,
  seconds,
  nanoseconds,
  referer,
  agent
};
constexpr std::size_t slots = 12;

struct Name {
  std::string_view text;  // lower case, "_" for "-"
  Slot slot;
};
// nginx (by its variables), Caddy, Traefik, HAProxy, Envoy, and the edge itself.
constexpr Name names[] = {
    {"time_iso8601", Slot::time},
    {"msec", Slot::time},
    {"time", Slot::time},
    {"timestamp", Slot::time},
    {"@timestamp", Slot::time},
    {"ts", Slot::time},
    {"time_local", Slot::time},
    {"startutc", Slot::time},
    {"start_time", Slot::time},
    {"date", Slot::time},
    {"remote_addr", Slot::client},
    {"remote_ip", Slot::client},
    {"client_ip", Slot::client},
    {"clienthost", Slot::client},
    {"client", Slot::client},
    {"clientip", Slot::client},
    {"remote_host", Slot::client},
    {"downstream_remote_address", Slot::client},
    {"request_method", Slot::method},
    {"requestmethod", Slot::method},
    {"method", Slot::method},
    {"verb", Slot::method},
    {"request_uri", Slot::target},
    {"requestpath", Slot::target},
    {"uri", Slot::target},
    {"url", Slot::target},
    {"path", Slot::target},
    {"target", Slot::target},
    {"request", Slot::request},
    {"request_line", Slot::request},
    {"status", Slot::status},
    {"downstreamstatus", Slot::status},
    {"status_code", Slot::status},
    {"response_code", Slot::status},
    {"body_bytes_sent", Slot::bytes},
    {"bytes_sent", Slot::bytes},
    {"downstreamcontentsize", Slot::bytes},
    {"size", Slot::bytes},
    {"bytes", Slot::bytes},
    {"request_time", Slot::seconds},
    {"duration", Slot::seconds},
    {"http_referer", Slot::referer},
    {"referer", Slot::referer},
    {"referrer", Slot::referer},
    {"request_referer", Slot::referer},
    {"http_user_agent", Slot::agent},
    {"user_agent", Slot::agent},
    {"request_user_agent", Slot::agent},
    {"agent", Slot::agent},
};

Slot slot_of(std::string_view key) {
  std::array<char, 32> lower;
  if (key.empty() || key.size() > lower.size()) return Slot::none;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    lower[i] = c == '-' ? '_' : to_lower(c);
  }
  const std::string_view wanted(lower.data(), key.size());
  for (const Name& name : names) {
    if (name.text.size() == wanted.size() && name.text[0] == wanted[0] && name.text == wanted)
      // Traefik counts its "Duration" in nanoseconds, Caddy its "duration" in seconds.
      return key == "Duration" ? Slot::nanoseconds : name.slot;
  }
  return Slot::none;
}

// Reads an object and keeps the first value of each slot. Values are text; numbers as they stand.
class Scanner {
 public:
  Scanner(std::string_view text, std::string& unescaped) : text_(text), unescaped_(unescaped) {
    unescaped_.clear();
    unescaped_.reserve(text.size());  // what is unescaped is never longer: its views stay good
  }
  bool run() { return value(Slot::none, 0) && (skip_space(), at_ == text_.size()); }
  std::string_view operator[](Slot slot) const { return values_[static_cast<std::size_t>(slot)]; }

 private:
  static constexpr int most_depth = 8;

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void keep(Slot slot, std::string_view found) {
    std::string_view& kept = values_[static_cast<std::size_t>(slot)];
    if (slot != Slot::none && kept.empty()) kept = found;
  }

  // `slot`: what a text or number here means; an array's elements are what the array is ("Referer": ["..."]).
  bool value(Slot slot, int depth) {
    skip_space();
    if (at_ >= text_.size() || depth > most_depth) return false;
    switch (text_[at_]) {
      case '{': return object(depth);
      case '[': return array(slot, depth);
      case '"': {
        std::string_view found;
        if (!string(found, slot != Slot::none)) return false;
        keep(slot, found);
        return true;
      }
      default: return literal(slot);
    }
  }
  bool object(int depth) {
    ++at_;
    if (take('}')) return true;
    do {
      skip_space();
      std::string_view key;
      if (!string(key, true) || !take(':') || !value(slot_of(key), depth + 1)) return false;
    } while (take(','));
    return take('}');
  }
  bool array(Slot slot, int depth) {
    ++at_;
    if (take(']')) return true;
    do {
      if (!value(slot, depth + 1)) return false;
    } while (take(','));
    return take(']');
  }
  bool literal(Slot slot) {
    const std::size_t from = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool part =
          (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
      if (!part) break;
      ++at_;
    }
    const std::string_view found = text_.substr(from, at_ - from);
    if (found.empty()) return false;
    if (found != "null" && found != "true" && found != "false") keep(slot, found);
    return true;
  }
  bool string(std::string_view& found, bool wanted) {
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    std::string_view rest = text_.substr(at_ + 1);
    const auto inside = until_quote(rest);
    if (!inside) return false;
    at_ = text_.size() - rest.size();
    found = *inside;
    if (wanted && found.find('\\') != std::string_view::npos) return unescape(found);
    return true;
  }
  bool unescape(std::string_view& found);

  std::string_view text_;
  std::string& unescaped_;
  std::size_t at_ = 0;
  std::array<std::string_view, slots> values_;
};

void append_utf8(unsigned code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    // Halves of a surrogate pair are kept apart: nothing here depends on such characters.
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

bool Scanner::unescape(std::string_view& found) {
  const std::size_t begin = unescaped_.size();
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] != '\\') {
      unescaped_.push_back(found[i]);
      continue;
    }
    if (++i >= found.size()) return false;
    switch (found[i]) {
      case 'n': unescaped_.push_back('\n'); break;
      case 't': unescaped_.push_back('\t'); break;
      case 'r': unescaped_.push_back('\r'); break;
      case 'b':
      case 'f': unescaped_.push_back(' '); break;
      case 'u': {
        if (i + 4 >= found.size()) return false;
        unsigned code = 0;
        for (int digit = 0; digit < 4; ++digit) {
          const int value = hex_value(found[i + 1 + static_cast<std::size_t>(digit)]);
          if (value < 0) return false;
          code = code * 16 + static_cast<unsigned>(value);
        }
        i += 4;
        append_utf8(code, unescaped_);
        break;
      }
      default: unescaped_.push_back(found[i]);
    }
  }
  found = std::string_view(unescaped_).substr(begin);
  return true;
}

std::optional<std::int64_t> time_of(std::string_view text, LogTime& time) {
  if (auto at = LogTime::rfc3339(text)) return at;
  if (auto at = LogTime::unix_time(text)) return at;
  return time.common(text);
}

// "192.0.2.1:4711" and "[2001:db8::1]:4711" without the port.
std::string_view without_port(std::string_view client) {
  if (client.starts_with('[')) return client.substr(1, client.find(']') - 1);
  const std::size_t colon = client.find(':');
  if (colon == std::string_view::npos || client.find(':', colon + 1) != std::string_view::npos) return client;
  return client.substr(0, colon);
}

double seconds_of(const Scanner& found) {
  if (const auto nanoseconds = number<double>(found[Slot::nanoseconds])) return *nanoseconds / 1e9;
  const auto seconds = number<double>(found[Slot::seconds]);
  return seconds && *seconds >= 0 ? *seconds : -1;
}

}  // namespace

bool parse_json_line(std::string_view line, LogTime& time, std::string& unescaped, Entry& entry,
                     std::string_view& expected) {
  Scanner found(line, unescaped);
  expected = "a whole JSON object on the line";
  if (!found.run()) return false;
  expected = "a time in one of the members time_iso8601, time, timestamp, ts, msec, StartUTC ...";
  const auto at = time_of(found[Slot::time], time);
  if (!at) return false;
  entry.at_ms = *at;
  expected = "a client in one of the members remote_addr, remote_ip, client_ip, ClientHost ...";
  entry.client = without_port(found[Slot::client]);
  if (entry.client.empty()) return false;

  if (!found[Slot::target].empty() && !found[Slot::method].empty()) {
    entry.target = path_of(found[Slot::target]);
    if (!entry.target.empty()) entry.method = found[Slot::method];
  } else {
    take_request_line(found[Slot::request], entry);
  }
  if (const auto status = number<int>(found[Slot::status]); status && *status >= 100 && *status <= 599)
    entry.status = *status;
  if (const auto bytes = number<std::int64_t>(found[Slot::bytes]); bytes && *bytes >= 0) entry.bytes = *bytes;
  entry.seconds = seconds_of(found);
  entry.referer = unless_dash(found[Slot::referer]);
  entry.user_agent = unless_dash(found[Slot::agent]);
  return true;
}

}  // namespace tenfold::rehearse
