#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

// Bodies that come packed (Content-Encoding: gzip, deflate, br). libcurl unpacks them too, but takes one that breaks
// off for whole. One thread at a time.
namespace tenfold::transfer {

inline constexpr std::string_view unpacked_encodings = "gzip, deflate, br";  // for Accept-Encoding

// Undoes one encoding.
class UnpackingStage;

class Unpacking {
 public:
  static constexpr std::size_t most_stages = 5;
  // What comes out, piece by piece, each at most 16 KiB. False: enough came, and put() says so.
  using Take = std::function<bool(std::string_view)>;

  // The value of Content-Encoding; the last one that it names is undone first. Errors: invalid, in words, for one that
  // is not known and for too many.
  static Result<Unpacking> of(std::string_view encodings);
  Unpacking(Unpacking&&) noexcept;
  Unpacking& operator=(Unpacking&&) noexcept;
  ~Unpacking();

  // Errors: invalid, what came is not packed so; too_large, `take` wants no more.
  Result<void> put(std::string_view packed, const Take& take);
  // Whether it came to its end. Nothing at all is whole, too: an empty body need not be packed.
  bool is_whole() const;

 private:
  Unpacking();
  Result<void> put_into(std::size_t stage, std::string_view packed, const Take& take);

  std::vector<std::unique_ptr<UnpackingStage>> stages_;
  bool has_begun_ = false;
};

}  // namespace tenfold::transfer
