#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"

namespace tenfold::edge {

// With which requests that another site makes of a browser the cookie is sent: links only (SameSite=Lax), or forms too.
// A bank's page that leads back from a payment is such a form, and whoever comes back by it must be known.
enum class FromOtherSites : std::uint8_t { links, always };

// Adds a Set-Cookie of our own: for all of the shop, also at other names in the owner's cookie_domain, for scripts out
// of reach, and over TLS only where it came so. What is to be sent always is sent with links only where it did not:
// browsers take "None" over TLS alone.
void add_own_cookie(Visit& visit, http::Headers& headers, std::string_view name, std::string_view value, Duration life,
                    FromOtherSites from_other_sites = FromOtherSites::links);

}  // namespace tenfold::edge
