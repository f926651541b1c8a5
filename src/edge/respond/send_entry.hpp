#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "cache/store/entry.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/task.hpp"

// Sending what is stored, however slowly the client takes it. While a body is being sent it is kept, in the cache or
// not: nobody is cut because a page is renewed, purged or evicted. What may be kept is bounded (Cache::hold). Where
// slow readers keep that much, those lose out who keep the most, or take it slowest: what remains for them is copied
// part by part, and they are cut if the page leaves the cache meanwhile.
namespace tenfold::edge {

// The head, whose texts may be in the entry, with `body`, all of the entry's or a part.
net::Task<Result<void>> send_whole(Visit& visit, cache::EntryPtr entry, http::ResponseHead& head,
                                   std::string_view body);
// What follows the first `sent_bytes` of the entry's body, which went out with their head already.
net::Task<Result<void>> send_rest(Visit& visit, cache::EntryPtr entry, std::size_t sent_bytes,
                                  const http::Headers* trailers);

}  // namespace tenfold::edge
