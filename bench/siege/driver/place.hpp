#pragma once

#include <cstdint>
#include <utility>

namespace tenfold::siege {

// Counts a connection for as long as it is open.
class Place {
 public:
  explicit Place(std::uint32_t& open) : open_(&open) { ++*open_; }
  Place(Place&& other) noexcept : open_(std::exchange(other.open_, nullptr)) {}
  Place& operator=(Place&& other) noexcept {
    std::swap(open_, other.open_);
    return *this;
  }
  ~Place() {
    if (open_ != nullptr) --*open_;
  }

 private:
  std::uint32_t* open_;
};

}  // namespace tenfold::siege
