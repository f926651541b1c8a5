#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "base/arena.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "cache/cache_status.hpp"
#include "cache/coalesce/stake.hpp"
#include "cache/fill.hpp"
#include "cache/key/key.hpp"
#include "cache/options.hpp"
#include "cache/store/entry.hpp"
#include "cache/store/hold.hpp"
#include "http/message.hpp"
#include "net/cancel.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"

namespace tenfold::cache {

class Flight;
struct CacheState;

// May be served as it is.
struct Hit {
  EntryPtr entry;
  Seconds age_s = 0;
  Seconds ttl_s = 0;
  bool collapsed = false;  // came of a fetch that this request waited for
  bool backed = false;     // and its stake was better than the fetcher's own and all before
};

// Stale, and may be served now: within stale-while-revalidate, or because the origin fails (stale-if-error).
struct Stale {
  EntryPtr entry;
  Seconds age_s = 0;
  Seconds ttl_s = 0;  // negative
  enum class Reason : std::uint8_t { while_revalidating, origin_failed } reason = Reason::while_revalidating;
  // Valid for one of the requests: it is the one to refresh the entry, in the background, in a task of its own.
  Fill refresh;
};

// This request is the one to fetch, or fetches for itself only (a URL known not to be cacheable).
struct Miss {
  Fill fill;
  Forward forward = Forward::uri_miss;
};

// Somebody else is fetching this: pass it to Cache::wait().
struct Wait {
  std::shared_ptr<Flight> flight;
  Forward forward = Forward::uri_miss;
  Asker asker = {};
};

// Goes to the origin past the cache, the client's conditions and Range untouched.
struct Bypass {
  Forward forward = Forward::bypass;
  std::string_view detail;  // a token for Cache-Status
};

// Must not, or cannot, go to the origin.
struct Unavailable {
  enum class Reason : std::uint8_t {
    only_if_cached,  // 504 (RFC 9111, 5.2.1.7)
    fetch_failed,    // those who fetched for it failed: 502
    turned_away,     // there was no place at the origin for it, nor for those who fetched for it: 503
    busy,            // as many wait as may: 503
    cancelled,       // the waiting was cancelled: nobody is there to be answered
  } reason = Reason::fetch_failed;
};

using Found = std::variant<Hit, Stale, Miss, Wait, Bypass, Unavailable>;

// Sums over all threads since the start, and what is held now.
struct CacheSnapshot {
  std::uint64_t hits = 0;
  std::uint64_t stale_hits = 0;
  std::uint64_t misses = 0;     // fetches for the cache, refreshes included
  std::uint64_t collapsed = 0;  // requests that waited for another's fetch
  std::uint64_t bypasses = 0;
  std::uint64_t stored = 0;
  std::uint64_t validated = 0;  // stored heads renewed by a 304
  std::uint64_t refused = 0;    // responses that were not stored
  std::uint64_t evictions = 0;
  std::uint64_t purged = 0;
  std::size_t entries = 0;
  std::size_t waiting = 0;  // requests that wait for another's fetch now
  std::size_t bytes = 0;
  std::size_t held_bytes = 0;  // of bodies that are being sent
  std::size_t limit_bytes = 0;
};

// A shared HTTP cache in memory (RFC 9111), one for all threads of the process. Thread-safe.
//
// One request:
//   auto key = cache.key_of(request, arena);       // none: the request goes past the cache
//   Found found = cache.lookup(*key, request, loop.now());
//   if (auto* wait = std::get_if<Wait>(&found)) found = co_await cache.wait(...);   // never gives a Wait
//   then by what it is; Hit and Stale become an answer by reply_from().
class Cache {
 public:
  // The clock gives times for Date and Expires of what is stored; `now` arguments are of the same clock.
  Cache(const CacheOptions& options, const Clock& clock);
  ~Cache();  // no entry, fill or wait may be left
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // The key's text is in the arena. Empty: such a request cannot be cached.
  std::optional<Key> key_of(const http::RequestHead& request, Arena& arena) const;

  // Never waits; a hit allocates nothing. The request and the key must stay until a Wait has been waited for. `client`
  // is as Asker has it.
  Found lookup(const Key& key, const http::RequestHead& request, TimePoint now, std::uint64_t client = 0);

  // Waits for the fetch of another request. At the deadline this request gets what is stale, if that may be served, or
  // a Miss of its own. `stake`: what whoever fetches is told of it (Backing).
  net::Task<Found> wait(Wait waiting, Key key, const http::RequestHead& request, net::Loop& loop, TimePoint deadline,
                        net::CancelToken token = {}, Stake stake = {});

  // To be kept while a large body is sent, so that slow readers together keep at most half of the memory from eviction.
  // Without it, or once it is lost to others, whoever sends must let go of the entry between its writes, and
  // find_again() gives it if it is still there. Entries whose bodies are no larger need none: a socket takes those at
  // once. client: the same for all that one asks for.
  static constexpr std::size_t unheld_bytes = 16 * 1024;
  void hold(Hold& hold, const Entry& entry, std::uint64_t client);
  // The entry for this request if its body is that one still (Body::number()), whatever became of its head; else null.
  EntryPtr find_again(const Key& key, const http::RequestHead& request, std::uint64_t body_number) const;

  // After the answer to an unsafe method (RFC 9111, 4.4): forgets the target, and Location and Content-Location where
  // they are on the same host. Does nothing for safe methods and error answers. Returns how many entries went.
  std::size_t invalidate_after(const http::RequestHead& request, const http::ResponseHead& response);

  // Forgets all variants of this URI ("https://shop.example/a?b"); what is being fetched now is not stored.
  // Returns how many entries went. Not a URI with a host: invalid.
  Result<std::size_t> purge(std::string_view uri);
  // Forgets all whose URI begins so ("https://shop.example/pictures/"). Goes through everything that is stored, some
  // hundred entries under a lock at a time: for a thread that may take milliseconds, not for a worker.
  Result<std::size_t> purge_prefix(std::string_view uri_prefix);

  CacheSnapshot snapshot() const;
  void describe(MetricsText& out) const;
  const CacheOptions& options() const;

 private:
  friend class Fill;
  struct Steps;
  std::unique_ptr<CacheState> state_;
};

}  // namespace tenfold::cache
