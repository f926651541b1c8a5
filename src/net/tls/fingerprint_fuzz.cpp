#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/tls/fingerprint.hpp"

// Whatever arrives: a fingerprint is whole and of harmless characters, or there is none; and of a part there is none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::net;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const TlsFingerprint fingerprint = fingerprint_of(bytes);
  if (fingerprint.empty()) {
    TENFOLD_ASSERT(fingerprint == TlsFingerprint());
    return 0;
  }
  const std::string_view text = fingerprint.view();
  TENFOLD_ASSERT(text[10] == '_' && text[23] == '_');
  TENFOLD_ASSERT(std::ranges::all_of(text, [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }));
  TENFOLD_ASSERT(fingerprint_of(bytes) == fingerprint);
  TENFOLD_ASSERT(fingerprint_of(bytes.substr(0, size - 1)).empty());
  TENFOLD_ASSERT(fingerprint_of(std::string(bytes) + '\0').empty());
  return 0;
}
