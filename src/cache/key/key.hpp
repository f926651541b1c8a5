#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.hpp"
#include "http/message.hpp"

namespace tenfold::cache {

// What a stored response belongs to: the target URI, e.g. "https://shop.example/shoes?size=44". Scheme and host in
// lower case, the scheme's own port left out, path and query exactly as received: another query is another key. The
// text belongs to whoever made the key (an arena, mostly).
struct Key {
  std::string_view text;
  std::uint64_t hash = 0;  // keyed by the cache's seed
};

// Empty when the request has no such key: no target beginning with "/", or an authority with bytes that no host and
// port may have (a "/" or "?" in there would let one URI pass for another).
std::optional<std::string_view> key_text(std::string_view scheme, std::string_view authority, std::string_view target,
                                         Arena& arena);

std::uint64_t key_hash(std::string_view text, std::uint64_t seed);

// The authority as the key has it: in lower case, without the scheme's own port (RFC 3986, 6.2.2.1 and 6.2.3). It is
// given back itself where it is so already. An origin must be sent this one, or what it says of the other spelling (a
// redirect to the canonical name) is stored for all.
std::string_view normal_authority(std::string_view scheme, std::string_view authority, Arena& arena);

}  // namespace tenfold::cache
