#pragma once

#include "base/arena.hpp"
#include "http/message.hpp"

namespace tenfold::edge {

// A request's head that owns its texts: it outlives the exchange that it came with.
struct KeptRequest {
  explicit KeptRequest(const http::RequestHead& original);
  Arena arena;
  http::RequestHead head;
};

// Copies the head's texts, so that it outlives what it was made of.
void keep_texts(http::ResponseHead& head, Arena& arena);

}  // namespace tenfold::edge
