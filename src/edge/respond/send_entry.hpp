#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "cache/store/entry.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/task.hpp"

// Sending what is stored, however slowly the client takes it. While a body is being sent its entry cannot be evicted;
// where slow readers keep as much memory as they may (Cache::hold), this one's is copied part by part instead, and its
// entry may be evicted between two parts: then the answer stays unfinished.
namespace tenfold::edge {

// The head, whose texts may be in the entry, with `body`, all of the entry's or a part.
net::Task<Result<void>> send_whole(Visit& visit, cache::EntryPtr entry, http::ResponseHead& head,
                                   std::string_view body);
// What follows the first `sent_bytes` of the entry's body, which went out with their head already.
net::Task<Result<void>> send_rest(Visit& visit, cache::EntryPtr entry, std::size_t sent_bytes,
                                  const http::Headers* trailers);

}  // namespace tenfold::edge
