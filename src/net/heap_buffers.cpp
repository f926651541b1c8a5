#include "net/heap_buffers.hpp"

#include <cstring>

namespace tenfold::net {

Buffer HeapBuffers::allocate() {
  char* memory = nullptr;
  if (free_.empty()) {
    memory = new char[block_bytes];
  } else {
    memory = free_.back().release();
    free_.pop_back();
  }
  return Buffer(*this, memory, block_bytes, 0, block);
}

Buffer HeapBuffers::copy_of(std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  char* const memory = new char[size];
  std::memcpy(memory, bytes.data(), size);
  return Buffer(*this, memory, size, size, exact);
}

void HeapBuffers::take_back(char* memory, std::uint32_t, std::uint32_t tag) noexcept {
  std::unique_ptr<char[]> owned(memory);
  if (tag == block && free_.size() < kept_blocks) free_.push_back(std::move(owned));
}

}  // namespace tenfold::net
