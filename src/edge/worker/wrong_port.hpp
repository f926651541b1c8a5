#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

namespace tenfold::edge {

// True if a client that was expected to begin a TLS handshake begins a request in plain HTTP. A handshake begins with
// the byte 22 (RFC 8446, 5.1), a method in practice with a capital.
bool begins_plain_http(std::string_view first_bytes);

// Answers it with 400 and a sentence that says what is wrong, as somebody who typed http:// before a port of https://
// should see it. Then gives the client a moment to take that, and closes.
net::Task<void> say_that_this_is_https(net::Stream& stream, Duration write_timeout);

}  // namespace tenfold::edge
