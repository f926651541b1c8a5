#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "http/message.hpp"

namespace tenfold::http {

// What the Connection fields of one message list, all lines together: the names of fields that belong to this one
// connection (RFC 9110, 7.6.1), without "close" and "keep-alive", which name none. Collected once, so that asking for
// each of a message's fields costs no more than their number. Views of the message's text.
class ConnectionOptions {
 public:
  // More are refused where messages are parsed (431 to a client, 502 about an origin): clients list one or two.
  static constexpr std::size_t most = 32;

  explicit ConnectionOptions(const Headers& headers);

  bool empty() const { return count_ == 0; }
  bool names(std::string_view field) const;

 private:
  std::array<std::string_view, most> options_;
  std::size_t count_ = 0;
};

}  // namespace tenfold::http
