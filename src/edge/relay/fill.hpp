#pragma once

#include "cache/cache.hpp"
#include "edge/relay/interim.hpp"
#include "edge/relay/wanted.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// Fills the cache and answers the client, with `answer` as its head, of what comes.
net::Task<void> answer_and_fill(Visit& visit, origin::Fetched fetched, http::ResponseHead& answer, cache::Fill& fill,
                                Wanted& wanted, ForwardInterim& interim);

// The stored entry was found good again (304).
net::Task<void> answer_validated(Visit& visit, cache::EntryPtr entry, origin::Fetched& not_modified);

}  // namespace tenfold::edge
