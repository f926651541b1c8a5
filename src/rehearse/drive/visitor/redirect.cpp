#include "rehearse/drive/visitor/redirect.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {

namespace {

std::string_view path_part(std::string_view target) { return target.substr(0, target.find('?')); }

// RFC 3986, 5.2.4, for a path that begins with "/".
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> segments;
  bool folder = false;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    folder = segment == "." || segment == "..";
    if (segment == ".." && !segments.empty()) segments.pop_back();
    if (!folder) segments.push_back(segment);
  }
  std::string made;
  for (const std::string_view segment : segments) made.append("/").append(segment);
  if (folder || made.empty()) made += '/';
  return made;
}

// True when it begins with "scheme:".
bool has_scheme(std::string_view text) {
  const std::size_t end = text.find_first_of(":/?#");
  return end != std::string_view::npos && end > 0 && text[end] == ':';
}

std::string merged_path(std::string_view from, std::string_view location) {
  const std::string_view path = from.substr(0, from.find('?'));
  if (location.empty()) return std::string(from);
  if (location.starts_with('?')) return std::string(path).append(location);
  const std::string_view query = location.substr(std::min(location.find('?'), location.size()));
  const std::string_view there = location.substr(0, location.size() - query.size());
  const std::string whole =
      there.starts_with('/') ? std::string(there) : std::string(path.substr(0, path.rfind('/') + 1)).append(there);
  return without_dots(whole).append(query);
}

}  // namespace

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string_view method_after(int status, std::string_view method) {
  if (status == 303) return method == "HEAD" ? method : "GET";
  if ((status == 301 || status == 302) && method == "POST") return "GET";
  return method;
}

std::shared_ptr<const KnownPages> known_pages_of(const TrafficModel& model) {
  constexpr std::size_t most_of_a_template = 200;  // the most popular
  auto known = std::make_shared<KnownPages>();
  for (const Template& each : model.templates) {
    if (each.kind != Template::Kind::page || each.method != "GET") continue;
    for (std::size_t i = 0; i < std::min(each.targets.size(), most_of_a_template); ++i)
      known->insert(std::string(path_part(each.targets[i].target)));
  }
  return known;
}

namespace {

// As shops call the page that asks who somebody is.
bool called_a_login(std::string_view path) {
  static constexpr std::array<std::string_view, 14> words{
      "login", "log-in",    "signin",       "sign-in", "sign_in",  "logon",    "sso",
      "oauth", "authorize", "authenticate", "auth/",   "anmelden", "session/", "customer/account"};
  const std::string lower = lower_case(path);
  return std::ranges::any_of(words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::string_view without_www(std::string_view host) { return host.starts_with("www.") ? host.substr(4) : host; }

std::string_view without_slash(std::string_view path) {
  return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

}  // namespace

Led where_led(const Target& origin, std::string_view from, std::string_view location, const KnownPages& known) {
  if (const auto here = resolve_location(origin, from, location)) {
    const std::string_view path = path_part(*here);
    if (called_a_login(path)) return Led::login;
    // To itself is no other page, but for a slash at its end.
    return path != path_part(from) && known.contains(std::string(path)) ? Led::known : Led::elsewhere;
  }
  const bool relative_to_scheme = location.starts_with("//");
  const auto there =
      parse_target(relative_to_scheme ? origin.scheme + ":" + std::string(location) : std::string(location));
  if (!there) return Led::elsewhere;
  if (called_a_login(path_part(there->path))) return Led::login;
  const bool same_shop = without_www(there->host) == without_www(origin.host);
  return same_shop && without_slash(path_part(there->path)) == without_slash(path_part(from)) ? Led::moved
                                                                                              : Led::elsewhere;
}

std::optional<std::string> resolve_location(const Target& origin, std::string_view from, std::string_view location) {
  constexpr std::size_t longest = 8'000;
  const bool visible = std::ranges::all_of(location, [](char c) { return c > ' ' && c < 0x7f; });
  if (!visible || location.size() > longest) return std::nullopt;
  location = location.substr(0, location.find('#'));
  const bool relative_to_scheme = location.starts_with("//");
  if (!relative_to_scheme && !has_scheme(location)) return merged_path(from, location);

  const auto there =
      parse_target(relative_to_scheme ? origin.scheme + ":" + std::string(location) : std::string(location));
  if (!there || there->scheme != origin.scheme || there->host != origin.host || there->port != origin.port) {
    return std::nullopt;
  }
  return merged_path("/", there->path);
}

}  // namespace tenfold::rehearse
