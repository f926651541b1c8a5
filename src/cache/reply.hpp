#pragma once

#include <string_view>

#include "base/arena.hpp"
#include "base/clock.hpp"
#include "cache/cache_status.hpp"
#include "cache/store/entry.hpp"
#include "http/message.hpp"

namespace tenfold::cache {

// An answer made of a stored entry. Its texts are in the entry and the arena: hold both until it is sent.
struct Reply {
  http::ResponseHead head;  // Content-Length included; for the codec's framing see ServerExchange::send()
  std::string_view body;    // all of it; empty for HEAD, 304 and 416
};

// Answers a GET or HEAD from the entry: 304 where the client's conditions say so, 206 or 416 for a Range of one part,
// else the whole. Several ranges that overlap or touch are one part; if they are not, the whole is sent (RFC 9110, 14.2
// lets a server ignore Range), so that a request cannot ask for more bytes than there are.
// Adds Age and Cache-Status. `age_s` is that of Hit or Stale; `wall_now` only judges conditions. Allocates nothing
// from the heap for heads of up to 20 fields.
Reply reply_from(const Entry& entry, const http::RequestHead& request, Seconds age_s, const CacheStatus& status,
                 WallTime wall_now, Arena& arena);

}  // namespace tenfold::cache
