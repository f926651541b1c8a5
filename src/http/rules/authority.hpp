#pragma once

#include <string_view>

// Host and port as requests name them: Host, ":authority" and the targets that have one (RFC 9110, 4.2 and 7.2).
namespace tenfold::http {

// host[:port]: a name of letters, digits and "-._~", or an address in brackets, and a port of digits up to 65535.
// Stricter than RFC 3986, which would let commas and escapes in.
bool is_valid_authority(std::string_view authority);

// The same with a port, as CONNECT has it (RFC 9110, 9.3.6).
bool is_valid_authority_with_port(std::string_view authority);

// True when both are for the same host and port, under that scheme ("http" or "https", in any case), whose own port may
// be left out.
bool is_same_authority(std::string_view one, std::string_view other, std::string_view scheme);

}  // namespace tenfold::http
