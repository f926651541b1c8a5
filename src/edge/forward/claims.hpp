#pragma once

#include <string_view>

namespace tenfold::edge {

// True for a field with which a client, or a proxy before us, would tell the origin what is not its to tell: who the
// client is, by which name, port, scheme or path it asked, with which method, through which proxy. Such fields select
// what the origin answers and are in no cache key, so that one request could poison a page for all. Compared as those
// servers compare that hand fields to programs as variables (CGI, WSGI, PHP): a byte that is no letter or digit is like
// any other, so that X_Real_IP and X.Real.IP are X-Real-IP. docs/configuration.md lists them.
bool is_claim(std::string_view name);

}  // namespace tenfold::edge
