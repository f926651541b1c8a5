#pragma once

#include <cstdint>

namespace tenfold::cache {

// Who asks, as far as it bears on what others may have of it. With cookies, how long the fetch takes and what comes of
// it may be that visitor's own: an origin may keep the requests of one session waiting for each other, and answers some
// pages differently to who is signed in.
struct Asker {
  enum class Session : std::uint8_t { none, cookies } session = Session::none;
  std::uint64_t cookies = 0;  // a hash of them
  std::uint64_t client = 0;   // the same for all addresses that one client can choose from; 0: not known

  bool has_cookies() const { return session == Session::cookies; }
  bool is_same_session(const Asker& other) const {
    return has_cookies() && other.has_cookies() && cookies == other.cookies;
  }
  bool is_same_client(const Asker& other) const { return client != 0 && client == other.client; }
  friend bool operator==(const Asker&, const Asker&) = default;
};

}  // namespace tenfold::cache
