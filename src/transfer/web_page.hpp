#pragma once

#include <string>

#include "transfer/transfers.hpp"

// Whether what came was made for a browser: the login page of a network in between (a captive portal, a proxy) answers
// any request with one, and with status 200. Pure; any thread.
namespace tenfold::transfer {

// By its body, which begins with a tag: many programs call their "ok" text/html. Without a body by its Content-Type.
bool is_web_page(const Outcome& outcome);

// "status 200 and a web page ("Hotel: log in")", "status 302 and a redirect to https://login.hotel.example": what came
// instead of what was expected, without what may be secret in an address. Bounded, one line.
std::string what_came(const Outcome& outcome);

}  // namespace tenfold::transfer
