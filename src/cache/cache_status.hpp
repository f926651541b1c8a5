#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.hpp"

namespace tenfold::cache {

// Why a request goes (or went) to the origin: the values of "fwd" (RFC 9211, 2.2).
enum class Forward : std::uint8_t { none, bypass, method, uri_miss, vary_miss, miss, request, stale, partial };

// The same in one word, as the access log has it.
enum class CacheWord : std::uint8_t { none, hit, stale, revalidated, miss, bypass };
std::string_view name(CacheWord word);  // "HIT"; "-" for none

// What the Cache-Status field says about one response (RFC 9211).
struct CacheStatus {
  CacheWord word = CacheWord::none;  // not in the field
  Forward forward = Forward::none;   // none: a hit
  int forward_status = 0;            // the origin's status code where it differs from what the client gets; 0: left out
  std::optional<std::int64_t> ttl_s;  // freshness left; negative: stale for so long
  bool stored = false;
  bool collapsed = false;   // waited for another request's fetch
  std::string_view detail;  // a token, e.g. "stale-if-error"; empty: left out
};

// "Tenfold; hit; ttl=30", "Tenfold; fwd=uri-miss; stored; collapsed". In the arena.
std::string_view cache_status_value(const CacheStatus& status, Arena& arena);

}  // namespace tenfold::cache
