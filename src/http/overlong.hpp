#pragma once

#include <cstdint>
#include <string_view>

namespace tenfold::http {

// Whether a path (without query) has ".", "/", "\" or NUL in it in more bytes than UTF-8 gives them ("%c0%ae", the
// bytes as they are or escaped; RFC 3629, 3 and 10). Strict decoders take that for no character, lenient ones for the
// character itself, so that a rule about paths sees another path than the server.
//
// Not every such pair of bytes is one: in EUC-JP "c0 ae" is a common letter, and so it is in GBK, Big5 and EUC-KR. As
// one of a name it climbs nowhere.
enum class Overlong : std::uint8_t {
  none,
  in_a_name,  // read leniently it leads to another name
  climbs,     // read leniently it has a ".." in it, a "\" or a NUL: nobody honest sends that
};
Overlong overlong_in(std::string_view path);

}  // namespace tenfold::http
