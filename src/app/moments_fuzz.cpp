#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "app/alarm_service/ack_page.hpp"
#include "app/moments.hpp"
#include "base/text/iso_time.hpp"

// What whoever answers at the console's address gives for a time, and what a form at /ack sends, is anybody's. A moment
// that is read is the one that is written of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (app::takes_over(text) && text.find("take_over=1") == std::string_view::npos) std::abort();
  const auto at = app::moment_of_iso(text);
  const auto back = at ? app::moment_of_iso(iso_time(*at)) : std::nullopt;  // none: an offset led out of the calendar
  if (back && back != at) std::abort();
  return 0;
}
