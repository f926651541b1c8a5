#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "net/buffer.hpp"

namespace tenfold::net {

// Buffers from the heap: blocks of 16 KiB kept on a free list, and copies of just the size needed.
class HeapBuffers final : public BufferSource {
 public:
  static constexpr std::uint32_t block_bytes = 16 * 1024;

  Buffer allocate();
  Buffer copy_of(std::string_view bytes);

  void take_back(char* memory, std::uint32_t capacity, std::uint32_t tag) noexcept override;

 private:
  static constexpr std::size_t kept_blocks = 64;  // 1 MiB; more go back to the heap
  enum Tag : std::uint32_t { block, exact };
  std::vector<std::unique_ptr<char[]>> free_;
};

}  // namespace tenfold::net
