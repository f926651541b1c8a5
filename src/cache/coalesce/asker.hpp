#pragma once

#include <cstdint>

namespace tenfold::cache {

// Who asks, as far as it bears on what others may have of it. With cookies, how long the fetch takes and what comes of
// it may be that visitor's own: an origin may keep the requests of one session waiting for each other, and answers some
// pages differently to who is signed in.
struct Asker {
  enum class Session : std::uint8_t { none, cookies } session = Session::none;
  std::uint64_t cookies = 0;  // a hash of them

  bool has_cookies() const { return session == Session::cookies; }
  friend bool operator==(const Asker&, const Asker&) = default;
};

}  // namespace tenfold::cache
