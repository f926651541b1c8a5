#pragma once

#include <cstdint>

namespace tenfold::rehearse {

// What of a target was made up after a pattern of the model: of that the shop need not know.
enum class Invented : std::uint8_t {
  nothing,
  values,  // in its query: the path is the log's, and what comes is held against the log
  path,
};

}  // namespace tenfold::rehearse
