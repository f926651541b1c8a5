#pragma once

#include <string_view>

#include "cache/cache.hpp"
#include "edge/visit.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// A page that a customer can read, in the form that the client accepts.
net::Task<void> answer_with_error(Visit& visit, int status, Trouble trouble = Trouble::usual);
// 429 for whom a measure refuses, which Retry-After says how long it has left: 1 s to 1 h.
net::Task<void> answer_refused(Visit& visit, TimePoint until);
// To the same place with https.
net::Task<void> answer_with_redirect(Visit& visit, const ListenerPolicy& listener);
// 204 with Allow, for "OPTIONS *".
net::Task<void> answer_options(Visit& visit);
// From a stored entry, as visit.cache says, with fields of its own for this client besides (null: none), which
// must stay until the task ends.
net::Task<void> answer_from_entry(Visit& visit, cache::EntryPtr entry, const http::Headers* own = nullptr);
// From a stale one.
net::Task<void> answer_stale(Visit& visit, cache::EntryPtr entry, cache::Stale::Reason reason);

// The status for a fetch that gave nothing; 0: the client is gone, nobody is there to be answered.
int status_of(const origin::FetchFailure& failure);

}  // namespace tenfold::edge
