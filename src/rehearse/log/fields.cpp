#include "rehearse/log/fields.hpp"

#include <cstring>

namespace tenfold::rehearse {
namespace {

bool is_method(std::string_view text) {
  if (text.empty() || text.size() > 20) return false;
  for (const char c : text) {
    if ((c < 'A' || c > 'Z') && c != '-' && c != '_') return false;
  }
  return true;
}

}  // namespace

std::string_view path_of(std::string_view target) {
  if (!target.empty() && target.front() == '/') return target;
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos || scheme > 8) return {};
  const std::size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

void take_request_line(std::string_view text, Entry& entry) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !is_method(text.substr(0, space))) return;
  std::string_view target = text.substr(space + 1);
  // HAProxy cuts long request lines, so that the version may be missing.
  const std::size_t version = target.rfind(" HTTP/");
  if (version != std::string_view::npos) target = target.substr(0, version);
  target = path_of(target);
  if (target.empty() || target.find(' ') != std::string_view::npos) return;
  entry.method = text.substr(0, space);
  entry.target = target;
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

}  // namespace tenfold::rehearse
