#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "origin/topology.hpp"

namespace tenfold::origin {

// What is asked for.
struct Wish {
  const Route& route;
  std::span<const Server* const> tried;  // not these again while there is another
  std::string_view sticky;               // the client's cookie value, or empty
  double panic_threshold = 0.5;
  TimePoint now;
};

struct Choice {
  const Member* member = nullptr;
  enum class Shortage : std::uint8_t {
    none,  // a member was chosen
    full,  // there are servers, but all are at their limits
    down,  // there is none to try
  } shortage = Shortage::none;
};

// The server that should get the request: of the first tier that has good servers with room, the less loaded of two
// drawn at random (Mitzenmacher 2001), load being requests under way over weight. The client's own server first, if
// it is good. When no tier has a good server at all, those that are ejected, failing or suspected are used, then those
// that are silent; likewise, in the last tier that has good ones, when those are fewer than panic_threshold of it.
// Takes no place: the caller does, and chooses anew if it was too late. Reads atomics only; any thread.
Choice choose(const Wish& wish, Random& random);

// Another good server with room than those tried. Null: none.
const Member* choose_other_good(const Wish& wish, Random& random);

// Too few good servers to bear the tier's load, and no other tier of the route to help.
bool in_panic(const Route& route, const Tier& tier, double threshold);

// Whether its server, and its pool, may be given one more request. A moment later they may not.
bool has_room(const Member& member);

// Whether the server is one of the route's.
bool leads_to(const Route& route, const Server& server);

}  // namespace tenfold::origin
