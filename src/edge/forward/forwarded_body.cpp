#include "edge/forward/forwarded_body.hpp"

#include "edge/forward/forwarding.hpp"

namespace tenfold::edge {

const http::Headers* ForwardedBody::trailers() const {
  if (trailers_.empty()) {
    for (const http::Header& trailer : exchange_.trailers()) {
      if (may_cross(trailer)) trailers_.add(trailer);
    }
  }
  return trailers_.empty() ? nullptr : &trailers_;
}

}  // namespace tenfold::edge
