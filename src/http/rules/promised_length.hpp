#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "http/message.hpp"

namespace tenfold::http {

// How much of a body is still to come, where its head has promised a length (RFC 9110, 8.6): more than that, or an end
// before it, must pass for a whole body nowhere.
class PromisedLength {
 public:
  // Nothing is promised, and any length will do.
  PromisedLength() = default;
  explicit PromisedLength(std::uint64_t bytes) : left_(bytes) {}

  bool admits(std::size_t bytes, BodyEnd end) const {
    return !left_ || (bytes <= *left_ && (end == BodyEnd::more || bytes == *left_));
  }
  // These have come, as admits() allowed.
  void take(std::size_t bytes) {
    if (left_) *left_ -= bytes;
  }

 private:
  std::optional<std::uint64_t> left_;
};

}  // namespace tenfold::http
