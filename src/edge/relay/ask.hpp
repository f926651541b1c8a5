#pragma once

#include "cache/cache.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/cancel.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// What an origin is asked for a visit, with the policy's limits. All but the visit may end with the fetch; `head` is
// what it is sent, `interim` may be null.
origin::FetchRequest fetch_request(Visit& visit, http::RequestHead& head, origin::RequestBody* body,
                                   origin::InterimSink* interim, net::CancelToken cancel);

// For the access log and the log: who answered, or did not. `status` is what the client is answered; 0: nothing.
void note_origin(Visit& visit, const origin::Fetched& fetched);
void note_failure(Visit& visit, const origin::FetchFailure& failure, int status);

// What a failed fetch means to those who want the same page. Where the server does not answer its health checks either,
// it is nobody's request that is at fault.
cache::Failure failure_kind(const origin::FetchFailure& failure);

// Gives the place at the origin to the next: who is answered of something else may take as long as it likes.
net::Task<void> let_go(origin::Fetched& fetched);

}  // namespace tenfold::edge
