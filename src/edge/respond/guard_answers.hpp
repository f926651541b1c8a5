#pragma once

#include <string_view>

#include "edge/visit.hpp"
#include "net/task.hpp"

// What a stranger is answered while there is not enough for everyone; both answers lead in. The contracts are in
// docs/shield.md: "Tenfold-Challenge" and "Tenfold-Queue".
namespace tenfold::edge {

// 503 with a challenge, which a browser solves by itself.
net::Task<void> answer_with_challenge(Visit& visit);

// 503 with a place in the waiting room, or the way in if it is this visitor's turn.
net::Task<void> answer_with_place(Visit& visit);

// /.tenfold/: what solves a challenge, and what keeps a place.
bool is_guards_own(std::string_view path);
net::Task<void> answer_guards_own(Visit& visit, std::string_view path);

}  // namespace tenfold::edge
