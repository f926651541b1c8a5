#pragma once

#include <cstdint>

#include "edge/settings.hpp"

namespace tenfold::edge {

// What holds for single clients. Immutable, and apart from Policy, so that it can be replaced as often as clients
// change, many times a second, while Policy with its certificates is made anew on a reload only.
struct GuardPolicy {
  // Bodies longer than 64 KiB that one client may have on their way to the origins at one time, and never more than
  // half of the connections of its route; past it 429. Many customers may be one client: those behind one address.
  std::uint32_t uploads_per_client = Limits().uploads_per_client;
};

}  // namespace tenfold::edge
