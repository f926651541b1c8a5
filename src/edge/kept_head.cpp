#include "edge/kept_head.hpp"

namespace tenfold::edge {

KeptRequest::KeptRequest(const http::RequestHead& original) {
  head = original;
  head.method_name = arena.copy(original.method_name);
  head.scheme = arena.copy(original.scheme);
  head.authority = arena.copy(original.authority);
  head.target = arena.copy(original.target);
  for (http::Header& header : head.headers) {
    header.name = arena.copy(header.name);
    header.value = arena.copy(header.value);
  }
}

void keep_texts(http::ResponseHead& head, Arena& arena) {
  head.reason = arena.copy(head.reason);
  for (http::Header& header : head.headers) {
    header.name = arena.copy(header.name);
    header.value = arena.copy(header.value);
  }
}

}  // namespace tenfold::edge
