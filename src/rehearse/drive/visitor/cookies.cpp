#include "rehearse/drive/visitor/cookies.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

#include "base/text/letters.hpp"
#include "http/message.hpp"

namespace tenfold::rehearse {

namespace {

constexpr std::int64_t longest_age_s = 10LL * 365 * 24 * 3600;  // and so no arithmetic overflows

// What is before the separator, which is taken off `rest` with it.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

// RFC 6265, 5.1.4.
std::string_view default_path(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::size_t slash = path.rfind('/');
  if (!path.starts_with('/') || slash == 0 || slash == std::string_view::npos) return "/";
  return path.substr(0, slash);
}
bool path_matches(std::string_view target, std::string_view path) {
  const std::string_view asked = target.substr(0, target.find('?'));
  if (!asked.starts_with(path)) return false;
  return asked.size() == path.size() || path.ends_with('/') || asked[path.size()] == '/';
}

bool domain_matches(std::string_view host, std::string_view domain) {
  if (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.empty() || http::equals_ignoring_case(host, domain)) return true;
  if (host.size() <= domain.size() || host[host.size() - domain.size() - 1] != '.') return false;
  return http::equals_ignoring_case(host.substr(host.size() - domain.size()), domain);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    return text.front() == '-' ? 0 : std::numeric_limits<std::int64_t>::max();
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

// False: the cookie is not for this host. Max-Age goes before Expires (RFC 6265, 5.3).
bool CookieJar::read_attributes(std::string_view text, std::string_view host, http::HttpDate now, Cookie& cookie) {
  bool has_age = false;
  while (!text.empty()) {
    std::string_view value = cut(text, ';');
    const std::string_view attribute = trimmed(cut(value, '='));
    value = trimmed(value);
    if (http::equals_ignoring_case(attribute, "domain")) {
      if (!domain_matches(host, value)) return false;
    } else if (http::equals_ignoring_case(attribute, "path")) {
      if (value.starts_with('/')) cookie.path = value;
    } else if (http::equals_ignoring_case(attribute, "secure")) {
      cookie.secure = true;
    } else if (http::equals_ignoring_case(attribute, "max-age")) {
      const auto age = whole_number(value);
      if (!age) continue;
      has_age = true;
      cookie.expires = *age <= 0 ? http::HttpDate::min() : now + std::chrono::seconds(std::min(*age, longest_age_s));
    } else if (http::equals_ignoring_case(attribute, "expires") && !has_age) {
      if (const auto date = http::parse_date(value, now)) cookie.expires = *date;
    }
  }
  return true;
}

void CookieJar::take(std::string_view set_cookie, std::string_view target, std::string_view host, http::HttpDate now) {
  if (set_cookie.size() > most_bytes) return;
  std::string_view value = cut(set_cookie, ';');
  if (value.find('=') == std::string_view::npos) return;
  Cookie cookie;
  cookie.name = trimmed(cut(value, '='));
  cookie.value = trimmed(value);
  cookie.path = default_path(target);
  if (cookie.name.empty() || !read_attributes(set_cookie, host, now, cookie)) return;

  const auto same = std::ranges::find_if(
      cookies_, [&](const Cookie& each) { return each.name == cookie.name && each.path == cookie.path; });
  if (same != cookies_.end()) {
    if (cookie.expires <= now) {
      cookies_.erase(same);
    } else {
      *same = std::move(cookie);
    }
    return;
  }
  if (cookie.expires <= now) return;
  if (cookies_.size() == most_cookies) cookies_.erase(cookies_.begin());
  cookies_.push_back(std::move(cookie));
}

void CookieJar::append_field(std::string& text, std::string_view target, Transport transport,
                             http::HttpDate now) const {
  std::string_view separator = "Cookie: ";
  for (const Cookie& each : cookies_) {
    if (each.expires <= now || (each.secure && transport == Transport::clear)) continue;
    if (!path_matches(target, each.path)) continue;
    text.append(separator).append(each.name).append("=").append(each.value);
    separator = "; ";
  }
  if (separator == "; ") text.append("\r\n");
}

}  // namespace tenfold::rehearse
