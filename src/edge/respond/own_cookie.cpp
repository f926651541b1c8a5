#include "edge/respond/own_cookie.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>

namespace tenfold::edge {

void add_own_cookie(Visit& visit, http::Headers& headers, std::string_view name, std::string_view value, Duration life,
                    FromOtherSites from_other_sites) {
  const bool secure = visit.client.scheme == Scheme::https;
  const bool always = secure && from_other_sites == FromOtherSites::always;
  const std::string cookie = fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite={}{}", name, value,
                                         std::chrono::duration_cast<std::chrono::seconds>(life).count(),
                                         always ? "None" : "Lax", secure ? "; Secure" : "");
  headers.add(http::Field::set_cookie, visit.arena().copy(cookie));
}

}  // namespace tenfold::edge
