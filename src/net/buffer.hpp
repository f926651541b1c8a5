#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace tenfold::net {

// Who lent a Buffer its memory and takes it back. One thread only.
class BufferSource {
 public:
  virtual void take_back(char* memory, std::uint32_t capacity, std::uint32_t tag) noexcept = 0;

 protected:
  ~BufferSource() = default;
};

// Bytes that were received, or room to write some: a block lent by a loop, given back when the Buffer dies.
// Move-only. Must die on its loop's thread and before the loop. An empty default Buffer holds nothing.
class Buffer {
 public:
  Buffer() = default;
  Buffer(BufferSource& source, char* memory, std::uint32_t capacity, std::uint32_t size, std::uint32_t tag)
      : source_(&source), memory_(memory), capacity_(capacity), end_(size), tag_(tag) {}
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer(std::move(other)).swap(*this);
    return *this;
  }
  ~Buffer() {
    if (source_ != nullptr) source_->take_back(memory_, capacity_, tag_);
  }

  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }
  const char* data() const { return memory_ + begin_; }
  std::string_view view() const { return {memory_ + begin_, size()}; }
  void remove_prefix(std::size_t bytes) { begin_ += static_cast<std::uint32_t>(bytes); }
  void remove_suffix(std::size_t bytes) { end_ -= static_cast<std::uint32_t>(bytes); }

  // Room behind the content, and its taking.
  std::span<char> room() { return {memory_ + end_, capacity_ - end_}; }
  void grow(std::size_t bytes) { end_ += static_cast<std::uint32_t>(bytes); }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(source_, other.source_);
    std::swap(memory_, other.memory_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    std::swap(tag_, other.tag_);
  }

  BufferSource* source_ = nullptr;
  char* memory_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t tag_ = 0;
};

}  // namespace tenfold::net
