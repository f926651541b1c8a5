#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace tenfold::cache {

// Freshness that the origin did not state, guessed as a tenth of the time since Last-Modified (RFC 9111, 4.2.2). Never
// for a request with a cookie: neither is its response stored on a guess, nor is it answered with one that was.
enum class Heuristic : std::uint8_t {
  off,
  static_types,  // pictures, fonts, style sheets, scripts, sound and film only: a page that changed must be seen at
                 // once
  all_types,
};

// What a client's Cache-Control may ask of the shield.
enum class ClientDirectives : std::uint8_t {
  ignore,      // as CDNs do: a flood of "no-cache" must not reach the origin. only-if-cached is honoured always
  revalidate,  // no-cache, max-age, min-fresh and max-stale are honoured; a validation is shared by all who wait for it
};

enum class StoreSetCookie : std::uint8_t {
  never,
  when_public,  // only with "Cache-Control: public", without the cookie: for origins that put one on everything
};

// s-maxage carries the meaning of proxy-revalidate (RFC 9111, 5.2.2.10): nothing stale, whatever the owner configures,
// unless the response itself has stale-while-revalidate or stale-if-error.
enum class StaleAfterSMaxage : std::uint8_t { only_if_stated, allowed };

// Fixed at start. Durations of zero switch the thing off.
struct CacheOptions {
  // All that the cache holds: keys, heads, bodies, tables, fills under way, and entries still being sent after their
  // eviction. Strict: what does not fit is not stored. Of it fills under way take at most a quarter, those of at most
  // 64 KiB another; what is being sent, and so cannot be evicted, is at most half (0018). At least 1 MiB is used.
  std::size_t memory_bytes = std::size_t{256} * 1024 * 1024;
  // A larger response is passed through. Never more than an eighth of the memory.
  std::size_t max_object_bytes = std::size_t{8} * 1024 * 1024;
  // Per URL (Vary). One more takes the place of the one that has gone unused longest; where all have been used it is
  // passed on unstored, and a use is taken off each every ten seconds: what is used less often than that makes room.
  std::size_t max_variants = 16;
  // Where the response does not say; only for what was fresh as it came.
  Duration stale_if_error = std::chrono::minutes(10);
  Duration stale_while_revalidate{};
  Heuristic heuristic = Heuristic::static_types;
  Duration heuristic_limit = std::chrono::hours(1);  // no guess is longer
  ClientDirectives client_directives = ClientDirectives::ignore;
  StoreSetCookie set_cookie = StoreSetCookie::never;
  StaleAfterSMaxage stale_after_s_maxage = StaleAfterSMaxage::only_if_stated;
  // How long a URL that proved uncacheable is fetched without anybody waiting for anybody.
  Duration hit_for_miss = std::chrono::minutes(2);
  // After a failed refresh of a stale entry the next try is not before this.
  Duration retry_failed_refresh = std::chrono::seconds(2);
  // Nobody joins a fetch that is older than this: its fetcher is taken for lost.
  Duration longest_fetch = std::chrono::minutes(1);
  std::size_t max_waiters = 65536;  // in all; past it a request is told that it is unavailable (busy)
  std::size_t max_fetches = 16384;  // shared fetches at once; past it requests fetch each for themselves
  std::uint64_t hash_seed = 0;      // from entropy_seed(): nobody outside can make keys collide

  bool operator==(const CacheOptions&) const = default;
};

}  // namespace tenfold::cache
