#pragma once

#include <string>

#include "config/config.hpp"

namespace tenfold::config {

// Why browsers take no cookie that is for all names in `domain`, with what was expected instead: "co.uk, under which
// ..."; empty: they do. A domain is one of the shop's if it is below a public suffix (publicsuffix.org); what the list
// does not know (shop.internal) is below its last label, as browsers have it. The list is the system's, else libpsl's.
std::string why_no_cookie_domain(const std::string& domain);

// A name for which the file says that the shop is there, and which is not in `domain`, one that browsers take: of the
// routes' hosts the first that is registered by the same owner, or of the routes' hosts and the checks' URLs the first
// if none of all is in it. Empty: there is none. A shop may have further domains, which have cookies of their own.
std::string shop_name_outside(const std::string& domain, const Replaceable& live);

}  // namespace tenfold::config
