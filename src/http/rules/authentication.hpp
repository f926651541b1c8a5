#pragma once

#include "http/message.hpp"

namespace tenfold::http {

// True when a head, a request's or a response's, uses or offers an authentication that holds for the connection and all
// that comes over it (NTLM, and Negotiate, RFC 4559), where RFC 9110, 11 has one that holds for a request. What says so
// without cause only costs a connection: nothing is made of quotes.
bool authenticates_connection(const Headers& headers);

}  // namespace tenfold::http
