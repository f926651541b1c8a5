#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"

namespace tenfold::store {

// One process at a time runs on a store: two would ring the same alert twice. The claim is a lock on "<file>.lock",
// which the kernel gives back when the process ends, however it ends; the file itself stays, and says whose it was.
// Processes that only look, or add a row (a drill, a rehearsal, `ready`), need no claim.
class Claim {
 public:
  // Errors: busy, with the number of the process that has it; refused, exhausted, not_found and failed where the file
  // cannot be made or locked (a folder that is not writable): nobody can have claimed it there either.
  static Result<Claim> take(const std::string& store_file);
  Claim(Claim&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Claim& operator=(Claim&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim();

 private:
  explicit Claim(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tenfold::store
