#pragma once

#include <string>
#include <string_view>

#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/buffer.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// Sends `head` with what is there of the origin's body, then the rest as it comes. Not for the cache.
net::Task<void> pass_on(Visit& visit, origin::Fetched& fetched, http::ResponseHead& head);

// What remains of a body goes out as it comes, at the client's speed; `first` before it. The head has been sent.
net::Task<void> pass_body(Visit& visit, origin::Fetched& fetched, net::Buffer first);

// 429: the client is being sent too many long answers already (Fetched::hold_for_client()).
net::Task<void> turn_away(Visit& visit);

inline constexpr std::string_view too_many_long_answers = "the client is being sent too many long answers";
// What a server did instead of sending the rest of its answer's body.
std::string cut_short(const Error& error);

}  // namespace tenfold::edge
