#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/store/ledger.hpp"
#include "cache/store/ref.hpp"

namespace tenfold::cache {

// Bytes of a response in one piece, made by a BodyWriter; constant, and shared by the entries that a validation gave
// new heads. The bytes lie behind the object. In the ledger until it is freed.
class Body final : public Counted<Body> {
 public:
  std::string_view bytes() const { return {reinterpret_cast<const char*>(this + 1), size_}; }
  std::size_t charged_bytes() const { return charged_bytes_; }
  // No two bodies of the process have the same.
  std::uint64_t number() const { return number_; }
  static void destroy(Body* body);

 private:
  friend class BodyWriter;
  friend class Holds;
  Body(Ledger& ledger, std::size_t size, std::size_t charged);
  Ledger& ledger_;
  std::size_t size_;
  std::size_t charged_bytes_;
  const std::uint64_t number_;
  mutable std::uint32_t holds_ = 0;  // under the lock of Holds
};

// Where memory comes from: takes bytes from the ledger, evicting for them where it must. Thread-safe.
class MemorySource {
 public:
  virtual bool reserve(std::size_t bytes) = 0;  // false: there is no room
  virtual Ledger& ledger() = 0;

 protected:
  ~MemorySource() = default;
};

// A body while it comes in. One thread at a time.
class BodyWriter {
 public:
  // Nothing longer than max_bytes is taken.
  BodyWriter(MemorySource& source, std::size_t max_bytes) : source_(source), max_bytes_(max_bytes) {}
  BodyWriter(const BodyWriter&) = delete;
  BodyWriter& operator=(const BodyWriter&) = delete;
  ~BodyWriter();

  // Room for a body of known length. False: too long, or no memory.
  bool expect(std::size_t bytes);
  bool append(std::string_view bytes);
  std::size_t size() const { return size_; }
  std::string_view bytes() const { return {block_ == nullptr ? nullptr : block_ + sizeof(Body), size_}; }
  // The body, trimmed to its size; null when it is empty. The writer is empty then.
  Ref<const Body> finish();

 private:
  bool set_capacity(std::size_t bytes);

  MemorySource& source_;
  const std::size_t max_bytes_;
  char* block_ = nullptr;  // from malloc: room for a Body, then the bytes
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t charged_bytes_ = 0;
};

}  // namespace tenfold::cache
