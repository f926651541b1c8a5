#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/rehearsal_credential.hpp"

// Whatever is taken for a credential says the same as one made anew from what it says; whatever text there is, one made
// for an id in it is taken.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  using namespace tenfold::http;
  constexpr std::string_view secret = "a secret of thirty-two characters";
  const WallTime now{std::chrono::seconds(1'800'000'000)};
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  if (const auto verified = verify_rehearsal_credential(text, secret, now)) {
    TENFOLD_ASSERT(is_rehearsal_id(verified->id) && verified->expires > now);
    const std::string again = make_rehearsal_credential(secret, verified->id, verified->expires);
    const auto same = verify_rehearsal_credential(again, secret, now);
    TENFOLD_ASSERT(same && same->id == verified->id && same->expires == verified->expires);
  }
  if (is_rehearsal_id(text)) {
    const std::string made = make_rehearsal_credential(secret, text, now + longest_rehearsal);
    TENFOLD_ASSERT(verify_rehearsal_credential(made, secret, now).has_value());
  }
  return 0;
}
