#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tenfold {

using Sha256 = std::array<std::uint8_t, 32>;

// FIPS 180-4. Pure; any thread.
Sha256 sha256(std::string_view text);

}  // namespace tenfold
