#include "rehearse/log/fields.hpp"

#include <algorithm>
#include <cstring>

#include "base/text/letters.hpp"
#include "rehearse/log/address_text.hpp"

namespace tenfold::rehearse {

std::string_view next_word(std::string_view& rest) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

bool is_method(std::string_view text) {
  if (text.empty() || text.size() > 20) return false;
  for (const char c : text) {
    if ((c < 'A' || c > 'Z') && c != '-' && c != '_') return false;
  }
  return text != "-";
}

void take_target(std::string_view method, std::string_view target, Scratch& scratch, Entry& entry) {
  if (target.empty() || target.front() != '/') {
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos || scheme > 8) return;
    target.remove_prefix(scheme + 3);
    const std::size_t path = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, path);
    if (entry.host.empty()) entry.host = host_in(authority.substr(authority.rfind('@') + 1));
    target = path == target.size() ? std::string_view("/") : target.substr(path);
    if (target.front() == '?') target = scratch.joined("/", target);
  }
  entry.method = method;
  entry.target = scratch.sendable(target.substr(0, target.find('#')));
}

void take_request_line(std::string_view text, Scratch& scratch, Entry& entry) {
  text = scratch.without_backslashes(text);
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !is_method(text.substr(0, space))) return;
  std::string_view target = text.substr(space + 1);
  // HAProxy cuts long request lines, so that the version may be missing.
  const std::size_t version = target.rfind(" HTTP/");
  if (version != std::string_view::npos) target = target.substr(0, version);
  if (target.find(' ') != std::string_view::npos) return;
  take_target(text.substr(0, space), target, scratch, entry);
}

bool is_request_line(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !is_method(text.substr(0, space))) return false;
  const std::string_view target = text.substr(space + 1);
  return target.starts_with('/') || target.find("://") < 9 || target.find(" HTTP/") != std::string_view::npos;
}

std::optional<std::string_view> until_quote(std::string_view& rest) {
  std::size_t from = 0;
  while (true) {
    const void* const found = std::memchr(rest.data() + from, '"', rest.size() - from);
    if (found == nullptr) return {};
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - rest.data());
    std::size_t backslashes = 0;
    while (backslashes < at && rest[at - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) {
      const std::string_view inside = rest.substr(0, at);
      rest.remove_prefix(at + 1);
      return inside;
    }
    from = at + 1;
  }
}

void take_addresses(std::string_view first, std::string_view second, Entry& entry) {
  entry.client = first;
  if (second != first) entry.forwarded = second;
}

namespace {

bool all_of(std::string_view text, bool (*is)(char)) { return std::ranges::all_of(text, is); }

// A product and its version (RFC 9110, 10.1.5), such as "ShopApp/3.1".
bool has_product(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 >= text.size()) return false;
  return is_letter(text[0]) && (is_digit(text[slash + 1]) || text[slash + 1] == 'v') &&
         text.substr(0, slash).find_first_of("=;,") == std::string_view::npos;
}

bool is_random(std::string_view text) {  // request ids
  return text.size() >= 16 && all_of(text, [](char c) { return (c >= 'a' && c <= 'f') || is_digit(c) || c == '-'; });
}

}  // namespace

Look look_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text == "-") return Look::nothing;
  if (!client_in(text).empty()) return Look::addresses;
  if (all_of(text, [](char c) { return is_digit(c) || c == '.' || c == '-' || c == '+' || c == ' '; }))
    return Look::number;
  if (text.find("Mozilla/") != std::string_view::npos) return Look::agent;
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos && scheme < 16) return Look::url;
  if (!host_in(text).empty()) return Look::host;
  if (has_product(text)) return Look::agent;
  if (is_random(text) || !std::ranges::any_of(text, is_letter)) return Look::other;
  // "gzip, deflate", "de-DE,de;q=0.9", "Root=1-58337262", "text/html; charset=utf-8", "no-cache", "TLSv1.3", "/a/path"
  if (text.front() == '/' || text.front() == '.' || text.starts_with("gzip") || text.starts_with("TLSv") ||
      text.starts_with("HTTP/") || text.find('=') != std::string_view::npos ||
      (text.find('/') != std::string_view::npos && text.find(' ') == std::string_view::npos))
    return Look::other;
  return text.find(' ') != std::string_view::npos && text.find('(') != std::string_view::npos ? Look::agent
                                                                                              : Look::other;
}

void take_unnamed(std::string_view text, Scratch& scratch, Entry& entry) {
  switch (look_of(text)) {
    case Look::addresses:
      if (entry.forwarded.empty()) entry.forwarded = client_in(text);
      break;
    case Look::url:
      if (entry.referer.empty()) entry.referer = scratch.without_backslashes(text);
      break;
    case Look::agent:
      if (entry.user_agent.empty()) entry.user_agent = scratch.without_backslashes(text);
      break;
    case Look::host:
      if (entry.host.empty()) entry.host = host_in(text);
      break;
    default: break;
  }
}

}  // namespace tenfold::rehearse
