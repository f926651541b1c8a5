#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/clock.hpp"

namespace tenfold::http {

// What clients have the edge do beside answering whole, well-formed requests one after the other: work that costs its
// own processor and no origin anything.
enum class Chore : std::uint8_t {
  connection,   // accepted, or closed at once
  key_update,   // TLS 1.3
  bad_request,  // refused by the parser
  piece,        // a read that brought little of a request and did not end it, or something of a TLS handshake
  tunnel_read,  // a read of what a client sends through a tunnel, however much it brought
  framing_kib,  // of chunks' sizes and ends
  pipelined,    // a request that came with others before those were answered, past a few
  turned_down,  // answered by the guard in an origin's place
};

// In nanoseconds of one core, as bench/guard/burnt.py measures them on the program: rounded up, on a virtual machine of
// 2026. They need to be right among each other, and within a factor of two. What TLS handshakes burn has no price: the
// thread's clock tells it (edge/admit/handshake_meter.hpp), since one kind of key costs ten times as much as another.
constexpr std::uint32_t cost_ns(Chore chore) {
  constexpr std::array<std::uint32_t, 8> costs{25'000, 10'000, 35'000, 17'000, 30'000, 15'000, 10'000, 25'000};
  return costs[static_cast<std::size_t>(chore)];
}
constexpr Duration cost(Chore chore) { return std::chrono::nanoseconds(cost_ns(chore)); }

// A read of fewer bytes of a request brought little. A packet of any network carries more; a whole request, or the end
// of one, may be as short as it likes.
inline constexpr std::size_t few_bytes = 256;

// Requests that may come at once before further ones count as pipelined.
inline constexpr std::uint8_t few_pipelined = 4;

// Whether a client that burns the edge's time goes on.
enum class Burning : std::uint8_t {
  may_go_on,
  ends,  // its connection closes after the answer under way, or at once where none is; not one that is spared
};

// What one connection has burnt, and has not been told of yet.
class Burnt {
 public:
  // So much at a time is told while the connection lasts, and what is left at its end: one look at a table for some
  // hundred pieces.
  static constexpr std::uint32_t told_from_ns = 2'000'000;

  // True: it is to be told.
  bool add(Chore chore) { return add_ns(cost_ns(chore)); }
  bool add_framing(std::size_t bytes) {
    return add_ns(static_cast<std::uint64_t>(bytes) * cost_ns(Chore::framing_kib) / 1024);
  }
  Duration take() { return std::chrono::nanoseconds(std::exchange(ns_, 0)); }

 private:
  bool add_ns(std::uint64_t ns) {
    ns_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(ns_ + ns, UINT32_MAX));
    return ns_ >= told_from_ns;
  }
  std::uint32_t ns_ = 0;
};

}  // namespace tenfold::http
