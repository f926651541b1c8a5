#include "console/gate.hpp"

#include <algorithm>

#include "base/hmac.hpp"
#include "base/text/letters.hpp"
#include "net/address.hpp"

namespace tenfold::console {
namespace {

using http::Field;

// The host of "host:port" or "[v6]:port", without brackets.
std::string host_of(std::string_view authority) {
  if (authority.starts_with('[')) return std::string(authority.substr(1, authority.find(']') - 1));
  return lower_case(authority.substr(0, authority.find(':')));
}

// True when a browser says that a page of another site sent this. Programs send neither field.
bool from_another_site(const http::RequestHead& request) {
  const auto site = request.headers.find("sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") return true;
  const auto origin = request.headers.find(Field::origin);
  if (!origin) return false;
  const std::size_t scheme_end = origin->find("://");
  return scheme_end == std::string_view::npos ||
         lower_case(origin->substr(scheme_end + 3)) != lower_case(request.authority);
}

// A link or bookmark: the page is opened anew, and nobody else reads it.
bool is_navigation(const http::RequestHead& request) {
  return request.headers.find("sec-fetch-mode").value_or("") == "navigate" && http::is_safe(request.method);
}

bool has_token(const http::RequestHead& request, std::string_view token) {
  const std::string_view value = request.headers.find(Field::authorization).value_or("");
  constexpr std::string_view scheme = "bearer ";
  if (value.size() != scheme.size() + token.size() || lower_case(value.substr(0, scheme.size())) != scheme)
    return false;
  return equal_in_constant_time(value.substr(scheme.size()), token);
}

bool is_json(const http::RequestHead& request) {
  const std::string_view type = request.headers.find(Field::content_type).value_or("");
  return http::equals_ignoring_case(type.substr(0, type.find_first_of("; \t")), "application/json");
}

}  // namespace

bool is_ours(std::string_view authority, const std::vector<std::string>& host_names) {
  const std::string host = host_of(authority);
  if (host == "localhost" || host.ends_with(".localhost") || net::IpAddress::parse(host)) return true;
  return std::ranges::find(host_names, host) != host_names.end();
}

std::expected<void, Refusal> check(const http::RequestHead& request, Access access, const GateOptions& options) {
  if (!is_ours(request.authority, options.host_names)) {
    return std::unexpected(Refusal{421, "this name is not one of the console's",
                                   "a loopback name, an address, or a name from the configuration in Host"});
  }
  if (access == Access::open) return {};
  if (from_another_site(request) && !(access == Access::read && is_navigation(request))) {
    return std::unexpected(Refusal{403, "refused: sent by a page of another site",
                                   "a request from the console's own page or from a program"});
  }
  const bool takes_token = access == Access::change || options.guarded == GateOptions::Guarded::everything;
  if (takes_token && !options.token.empty() && !has_token(request, options.token)) {
    return std::unexpected(
        Refusal{401, "a token is needed", "Authorization: Bearer, with console.token of the configuration"});
  }
  if (access == Access::change && !is_json(request)) {
    return std::unexpected(Refusal{415, "changes are sent as JSON", "Content-Type: application/json"});
  }
  return {};
}

}  // namespace tenfold::console
