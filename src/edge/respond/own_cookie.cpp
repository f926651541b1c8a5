#include "edge/respond/own_cookie.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace tenfold::edge {

namespace {

// The owner's domain, if the name that was asked for is in it: browsers take no cookie for another.
std::string_view domain_of(const Visit& visit) {
  const std::string_view domain = visit.guard->rules->cookie_domain;
  const std::string_view authority = visit.request().authority;
  const std::string_view host = authority.substr(0, authority.find(':'));
  if (domain.empty() || host.size() < domain.size()) return {};
  const std::size_t before = host.size() - domain.size();
  if (!http::equals_ignoring_case(host.substr(before), domain)) return {};
  return before == 0 || host[before - 1] == '.' ? domain : std::string_view();
}

}  // namespace

void add_own_cookie(Visit& visit, http::Headers& headers, std::string_view name, std::string_view value, Duration life,
                    FromOtherSites from_other_sites) {
  const bool secure = visit.client.scheme == Scheme::https;
  const bool always = secure && from_other_sites == FromOtherSites::always;
  const std::string_view domain = domain_of(visit);
  const std::string cookie =
      fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite={}{}{}{}", name, value,
                  std::chrono::duration_cast<std::chrono::seconds>(life).count(), always ? "None" : "Lax",
                  secure ? "; Secure" : "", domain.empty() ? "" : "; Domain=", domain);
  headers.add(http::Field::set_cookie, visit.arena().copy(cookie));
}

}  // namespace tenfold::edge
