#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <utility>

#include "base/guarded.hpp"
#include "origin/admission.hpp"

namespace tenfold::origin {

// The places at origins that clients hold for as long as they please: a long upload's, a tunnel's. Counted by client
// over all workers, so that one client cannot have them all. Touched only by such requests, at their beginning and end.
// Bounded by the places that there are. Thread-safe.
class HeldPlaces {
 public:
  enum class Kind : std::uint8_t { upload, tunnel };

  // One of a client's; given back at its end. Move-only; must die before its HeldPlaces.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), key_(other.key_) {}
    Hold& operator=(Hold&& other) noexcept {
      release();
      owner_ = std::exchange(other.owner_, nullptr);
      key_ = other.key_;
      return *this;
    }
    ~Hold() { release(); }
    explicit operator bool() const { return owner_ != nullptr; }

   private:
    friend class HeldPlaces;
    using Key = std::pair<std::uint64_t, Kind>;
    Hold(HeldPlaces& owner, Key key) : owner_(&owner), key_(key) {}
    void release() {
      if (owner_ != nullptr) std::exchange(owner_, nullptr)->give_back(key_);
    }

    HeldPlaces* owner_ = nullptr;
    Key key_{};
  };

  // Empty if the client has `most` of that kind already.
  Hold take(std::uint64_t client, Kind kind, std::uint32_t most) {
    const Hold::Key key{client, kind};
    return counts_.with([&](Counts& counts) {
      std::uint32_t& count = counts[key];
      if (count >= most) return Hold();
      ++count;
      return Hold(*this, key);
    });
  }

 private:
  using Counts = absl::flat_hash_map<Hold::Key, std::uint32_t>;
  void give_back(const Hold::Key& key) {
    counts_.with([&](Counts& counts) {
      const auto found = counts.find(key);
      if (--found->second == 0) counts.erase(found);
    });
  }

  Guarded<Counts> counts_;
};

}  // namespace tenfold::origin
