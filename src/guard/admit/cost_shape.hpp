#pragma once

#include <cstdint>
#include <string_view>

#include "http/message.hpp"

namespace tenfold::guard {

// What a request looks like to whoever foretells its cost (CostKinds).
struct CostShape {
  std::uint64_t
      form;  // method, every segment that is a word of the shop's program, that others are there; query or none
  std::uint64_t family;  // the same of the first segment only, with how many follow and the file's ending
  std::uint64_t shared;  // method; query or none: 1 .. 20

  // Of forms and families; below it: shared.
  static constexpr std::uint64_t least = std::uint64_t(1) << 63;
};

// path: as http::normal_path() gives it. Equal for equal seeds; pure.
CostShape cost_shape(std::uint64_t seed, const http::RequestHead& request, std::string_view path);

}  // namespace tenfold::guard
