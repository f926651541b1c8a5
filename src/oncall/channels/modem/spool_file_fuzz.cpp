// What smsd writes into a failed file is read whatever it is, and said in one bounded line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "oncall/channels/modem/spool_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string reason = tenfold::oncall::channels::fail_reason(text);
  if (reason.size() > 200 || reason.find('\n') != std::string::npos) std::abort();
  if (tenfold::oncall::channels::spool_name(text).find('/') != std::string::npos) std::abort();
  return 0;
}
