#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "oncall/channels/sip/sound_keys.hpp"

// What the other side's description says of its key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto line = tenfold::oncall::sip::read_crypto({reinterpret_cast<const char*>(data), size});
  if (line && (line->tag.empty() || line->tag.size() > 9)) std::abort();
  return 0;
}
