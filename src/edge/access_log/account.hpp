#pragma once

#include "edge/site.hpp"
#include "edge/visit.hpp"
#include "http/exchange.hpp"

namespace tenfold::edge {

// The walk's last step: counts the request and writes it to the access log.
void account(Visit& visit);

// One that never began its walk: only written to the access log, since the connection has counted it.
void account_refused(Site& site, const http::RefusedRequest& request);

}  // namespace tenfold::edge
