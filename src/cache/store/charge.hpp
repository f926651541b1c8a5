#pragma once

#include <cstddef>

namespace tenfold::cache {

// What a piece of memory of this size costs the allocator: its header, rounded up to its grain.
constexpr std::size_t allocation_charge(std::size_t bytes) { return (bytes + 8 + 31) & ~std::size_t{15}; }

}  // namespace tenfold::cache
