#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// The shop's style and script: the files in assets/, compiled in by tenfold_embed.
namespace tenfold::shop::assets {

extern const std::string_view shop_css;
extern const std::string_view shop_js;

}  // namespace tenfold::shop::assets

namespace tenfold::shop {

// A file whose name changes with its content, so that browsers may keep it for ever.
struct Asset {
  std::string path;  // "/assets/shop.0123abcd.css"
  std::string_view content_type;
  std::string_view content;
};

Asset fingerprinted(std::string_view stem, std::string_view ending, std::string_view content_type,
                    std::string_view content);
// FNV-1a, 64 bits: tells contents apart, no defence against forgery.
std::uint64_t fingerprint(std::string_view content);

}  // namespace tenfold::shop
