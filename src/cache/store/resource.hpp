#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "cache/key/vary.hpp"
#include "cache/store/charge.hpp"
#include "cache/store/entry.hpp"
#include "cache/store/ref.hpp"

namespace tenfold::cache {

// All that is stored under one key: the variants, and what they vary by. Lives while it has a variant, under the lock
// of its shard. Its memory is charged to its entries. The key's text lies behind the object: a lookup that compares it
// then touches no further piece of memory.
class Resource {
 public:
  static Resource* create(std::string_view key, std::uint64_t hash);
  static void destroy(Resource* resource);
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;

  std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), key_bytes_}; }
  std::uint64_t hash() const { return hash_; }

  static std::size_t charge(std::size_t key_bytes) {
    // Two pointers a variant, as its list grows by doubling.
    return allocation_charge(sizeof(Resource) + key_bytes) + 2 * sizeof(void*);
  }

 private:
  friend class Store;
  Resource(std::size_t key_bytes, std::uint64_t hash) : key_bytes_(key_bytes), hash_(hash) {}
  ~Resource() = default;

  absl::InlinedVector<Ref<Entry>, 1> variants_;  // the one stored first is first
  Ref<const VarySpec> vary_;
  TimePoint aged_at_{};    // when uses were last taken off its variants
  std::size_t index_ = 0;  // in its shard's list
  const std::size_t key_bytes_;
  const std::uint64_t hash_;
};

}  // namespace tenfold::cache
