#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "oncall/link/signed_link.hpp"

// What arrives at /ack is anybody's. First byte: whether the input is a link as it is, or a name to be signed, which
// must come back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const WallTime now{};
  if (data[0] % 2 == 0) {
    const auto claim = oncall::verify_link(text, "secret", now);
    if (claim && oncall::signed_link("", "secret", *claim).size() > 4'000) std::abort();
    return 0;
  }
  const oncall::LinkClaim claim{7, text, now + std::chrono::hours(1)};
  const std::string link = oncall::signed_link("", "secret", claim);
  const auto back = oncall::verify_link(link, "secret", now);
  if (back ? back->who != text || back->alert != 7 : link.size() <= 2'000) std::abort();
  return 0;
}
