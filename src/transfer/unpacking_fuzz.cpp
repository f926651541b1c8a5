#include <cstddef>
#include <cstdint>
#include <string_view>

#include "transfer/unpacking.hpp"

// The first byte says how it is packed, and in pieces of which size it comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr const char* encodings[] = {"gzip", "deflate", "br", "gzip, deflate"};
  auto unpacking = tenfold::transfer::Unpacking::of(encodings[data[0] & 3]);
  const std::size_t pieces = 1 + (data[0] >> 2);
  std::string_view packed(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t came = 0;
  const auto take = [&](std::string_view piece) { return (came += piece.size()) < 1'000'000; };
  while (!packed.empty()) {
    const std::string_view piece = packed.substr(0, pieces);
    packed.remove_prefix(piece.size());
    if (!unpacking->put(piece, take)) return 0;
  }
  static_cast<void>(unpacking->is_whole());
  return 0;
}
