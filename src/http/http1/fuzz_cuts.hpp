#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenfold::http::http1 {

// Cuts a fuzzer's input into pieces whose sizes depend on the input alone, so that a crash can be reproduced.
class Cuts {
 public:
  explicit Cuts(std::string_view bytes) {
    for (const char c : bytes) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  // 1 to `left`; small ones are frequent.
  std::size_t next(std::size_t left) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    const auto random = static_cast<std::uint32_t>(state_ >> 33);
    const std::size_t most = (random & 7) == 0 ? left : (random & 3) == 0 ? 64 : 8;
    return 1 + (random >> 3) % (most < left ? most : left);
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace tenfold::http::http1
