#include "guard/measure/field_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

namespace tenfold::guard {

namespace {

using http::Field;

// Where they stand says nothing of the client: what proxies write, this one too, is behind its own fields.
bool is_a_proxys(Field field) {
  switch (field) {
    case Field::forwarded:
    case Field::tenfold_rehearsal:
    case Field::via:
    case Field::x_forwarded_for:
    case Field::x_forwarded_host:
    case Field::x_forwarded_port:
    case Field::x_forwarded_proto:
    case Field::x_real_ip:
    case Field::x_request_id: return true;
    default: return false;
  }
}

constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;  // 2^64 divided by the golden ratio

// Eight bytes at a time, since it is done for each field of each request that needs an origin; with a bit set that
// makes capitals small, and of what else a name may have only '^' and '_' others that no name has (RFC 9110, 5.6.2).
std::uint64_t hash_of_name(std::string_view name) {
  constexpr std::uint64_t small = 0x2020202020202020;
  std::uint64_t hash = name.size();
  for (; name.size() > 8; name.remove_prefix(8)) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, name.data(), 8);
    hash = std::rotl((hash ^ (eight | small)) * odd, 29);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, name.data(), name.size());
  return (hash ^ (rest | small)) * odd;
}

}  // namespace

FieldOrder field_order(const http::Headers& headers) {
  FieldOrder order;
  std::uint64_t hash = 0;
  unsigned fields = 0;
  for (const http::Header& header : headers) {
    if (header.field == Field::cookie) {
      order.cookie = true;
    } else if (header.field == Field::referer) {
      order.referer = true;
    } else if (!is_a_proxys(header.field)) {
      hash = (std::rotl(hash, 23) ^ hash_of_name(header.name)) * odd;
      ++fields;
    }
  }
  order.hash = static_cast<std::uint32_t>(hash >> 32);
  order.fields = static_cast<std::uint8_t>(std::min(fields, 255u));
  return order;
}

std::string FieldOrder::text() const {
  return fmt::format("{:02}{}{}_{:08x}", std::min<unsigned>(fields, 99), cookie ? 'c' : 'n', referer ? 'r' : 'n', hash);
}

}  // namespace tenfold::guard
