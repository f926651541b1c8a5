#include "shop/assets.hpp"

#include <fmt/format.h>

namespace tenfold::shop {

std::uint64_t fingerprint(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : content) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

Asset fingerprinted(std::string_view stem, std::string_view ending, std::string_view content_type,
                    std::string_view content) {
  return {fmt::format("/assets/{}.{:08x}.{}", stem, fingerprint(content) >> 32, ending), content_type, content};
}

}  // namespace tenfold::shop
