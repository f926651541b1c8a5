#pragma once

#include <cstdint>
#include <string>

#include "http/message.hpp"

namespace tenfold::guard {

// In which order a client sends its fields, and how many: programs differ in it, and whoever writes a program can
// choose it. As the fields are that cross the edge, so without those of one connection and those that proxies write.
struct FieldOrder {
  std::uint32_t hash = 0;   // of the lower-case names in their order, without Cookie's and Referer's
  std::uint8_t fields = 0;  // that are in the hash; 255: or more
  bool cookie = false;      // one of the shop's
  bool referer = false;

  // "11cr_9f86d081": the number, up to 99, c and r (n: not there), and the hash. The same after a restart.
  std::string text() const;
  bool operator==(const FieldOrder&) const = default;
};

FieldOrder field_order(const http::Headers& headers);

}  // namespace tenfold::guard
