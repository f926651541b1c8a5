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

// Copies the texts, so that the head or its fields outlive what they were made of.
void keep_texts(http::ResponseHead& head, Arena& arena);
void keep_texts(http::Headers& headers, Arena& arena);

}  // namespace tenfold::edge
