#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "rehearse/model/model_json.hpp"

// What is read can be written and read again; all else is refused with words.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::rehearse;
  const auto model = model_from_json({reinterpret_cast<const char*>(data), size}, "m");
  if (!model) {
    if (model.error().detail.empty()) std::abort();
    return 0;
  }
  if (!model_from_json(to_json(*model), "m")) std::abort();
  return 0;
}
