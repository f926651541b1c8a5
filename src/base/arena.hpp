#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace tenfold {

// Memory for the strings of one request: taken bit by bit, given back all at once.
// Not thread-safe. Grows in blocks; clear() keeps the first block.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  char* allocate(std::size_t bytes) {
    if (bytes > left_) grow(bytes);
    char* const at = next_;
    next_ += bytes;
    left_ -= bytes;
    return at;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* const at = allocate(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  template <class... Parts>
  std::string_view join(Parts... parts) {
    const std::size_t total = (std::string_view(parts).size() + ... + 0);
    char* const start = allocate(total);
    char* at = start;
    // Not memcpy: a part may be an empty view of nothing, whose pointer is null.
    ((at = std::ranges::copy(std::string_view(parts), at).out), ...);
    return {start, total};
  }

  void clear() {
    if (blocks_.empty()) return;
    blocks_.resize(1);
    next_ = blocks_.front().get();
    left_ = first_block_bytes;
  }

 private:
  static constexpr std::size_t first_block_bytes = 1024;

  void grow(std::size_t bytes) {
    const std::size_t size = blocks_.empty() && bytes <= first_block_bytes ? first_block_bytes
                             : bytes > 4096                                ? bytes
                                                                           : std::size_t{4096};
    // clear() takes the first block to be first_block_bytes long, so a large first wish is a block of its own.
    if (blocks_.empty() && size != first_block_bytes)
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(first_block_bytes));
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = blocks_.back().get();
    left_ = size;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace tenfold
