#include "edge/kept_head.hpp"

namespace tenfold::edge {

KeptRequest::KeptRequest(const http::RequestHead& original) {
  head = original;
  head.method_name = arena.copy(original.method_name);
  head.scheme = arena.copy(original.scheme);
  head.authority = arena.copy(original.authority);
  head.target = arena.copy(original.target);
  keep_texts(head.headers, arena);
}

void keep_texts(http::ResponseHead& head, Arena& arena) {
  head.reason = arena.copy(head.reason);
  keep_texts(head.headers, arena);
}

void keep_texts(http::Headers& headers, Arena& arena) {
  for (http::Header& header : headers) {
    header.name = arena.copy(header.name);
    header.value = arena.copy(header.value);
  }
}

}  // namespace tenfold::edge
