#include "rehearse/drive/target.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {

namespace {

constexpr std::size_t longest_url = 8'000;
constexpr std::size_t longest_host = 253;  // RFC 1035, 2.3.4
constexpr std::string_view expected_form = R"(, expected something like "https://shop.example/")";

std::unexpected<Error> wrong(std::string_view url, std::string_view what) {
  constexpr std::size_t shown = 100;
  return fail(Errc::invalid,
              "\"" + std::string(url.substr(0, shown)) + "\": " + std::string(what) + std::string(expected_form));
}

bool is_name(std::string_view host) {
  if (host.empty() || host.size() > longest_host || host.front() == '.' || host.front() == '-') return false;
  if (host.back() == '.') return false;
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return std::ranges::all_of(host, good) && host.find("..") == std::string_view::npos;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

// "shop.example", "10.1.2.3" or "[::1]" into target.host; false when it is none of them.
bool set_host(std::string_view text, Target& target) {
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return false;
    const auto address = net::IpAddress::parse(text.substr(1, text.size() - 2));
    if (!address || text.find(':') == std::string_view::npos) return false;
    target.host = lower_case(text.substr(1, text.size() - 2));
    return true;
  }
  target.host = lower_case(text);
  if (target.host.ends_with('.')) target.host.pop_back();  // the root, which certificates and tokens do not name
  if (!is_name(target.host)) return false;
  // What ends in a number is an IPv4 address or nothing: resolvers read "127.1" or "0x7f.1" each in their own way.
  const std::string_view last = std::string_view(target.host).substr(target.host.rfind('.') + 1);
  const bool numeric = !last.empty() && last.front() >= '0' && last.front() <= '9';
  return !numeric || net::IpAddress::parse(target.host).has_value();
}

}  // namespace

std::string Target::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const bool usual = port == (tls() ? 443 : 80);
  return usual ? name : name + ":" + std::to_string(port);
}

Result<Target> parse_target(std::string_view url) {
  if (url.size() > longest_url) return wrong(url, "the URL is longer than 8,000 characters");
  if (!is_visible(url)) return wrong(url, "there is a blank, a control or a non-ASCII character in it");
  Target target;
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return wrong(url, "the scheme is missing");
  target.scheme = lower_case(url.substr(0, colon));
  if (target.scheme != "http" && target.scheme != "https") return wrong(url, "the scheme is not http or https");

  std::string_view rest = url.substr(colon + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) return wrong(url, "a user name does not belong there");

  const std::size_t host_end = authority.starts_with('[') ? authority.find(']') : authority.rfind(':');
  const std::size_t port_at = authority.find(':', host_end == std::string_view::npos ? authority.size() : host_end);
  target.port = target.tls() ? 443 : 80;
  if (port_at != std::string_view::npos) {
    const auto port = parse_port(authority.substr(port_at + 1));
    if (!port) return wrong(url, "the port is not a number from 1 to 65535");
    target.port = *port;
  }
  if (!set_host(authority.substr(0, port_at), target)) return wrong(url, "the host is not a name or an address");

  target.path = rest.substr(0, rest.find('#'));
  if (!target.path.starts_with('/')) target.path.insert(0, "/");
  return target;
}

}  // namespace tenfold::rehearse
