#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/date.hpp"

namespace tenfold::rehearse {

// One visitor's cookies at one host (RFC 6265): name, value, path, expiry, Secure and Domain as far as it excludes us.
// At most 50 of 4 KiB each: past that a new one takes the oldest's place, and a longer one is ignored.
class CookieJar {
 public:
  // Takes a Set-Cookie field of an answer to a request for `target` (path and query) at `host`.
  void take(std::string_view set_cookie, std::string_view target, std::string_view host, http::HttpDate now);
  // Appends what goes with a request, as a whole field line; nothing when there is none. `secure`: over TLS.
  enum class Transport : std::uint8_t { clear, secure };
  void append_field(std::string& text, std::string_view target, Transport transport, http::HttpDate now) const;
  std::size_t size() const { return cookies_.size(); }

  static constexpr std::size_t most_cookies = 50;
  static constexpr std::size_t most_bytes = 4 * 1024;

 private:
  struct Cookie {
    std::string name;
    std::string value;
    std::string path;
    http::HttpDate expires = http::HttpDate::max();
    bool secure = false;
  };
  static bool read_attributes(std::string_view text, std::string_view host, http::HttpDate now, Cookie& cookie);

  std::vector<Cookie> cookies_;  // oldest first
};

}  // namespace tenfold::rehearse
