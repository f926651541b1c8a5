// Whatever a stranger writes in an SMS, and a daemon makes of it, is read or passed over.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "oncall/channels/modem/incoming.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::oncall::channels;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view name = text.substr(0, text.find('\n'));
  for (const SpoolKind kind : {SpoolKind::smstools, SpoolKind::gammu}) {
    const auto reply = incoming_reply(kind, name, text);
    if (reply && (reply->from.empty() || reply->text.size() > size)) std::abort();
  }
  return 0;
}
