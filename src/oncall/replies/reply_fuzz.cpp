// Whoever knows the number can write to it: what comes is an act of one of the open alerts, or nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "oncall/replies/reply.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::oncall;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<Answerable> open{{7, "ada", "+4930123456"}, {8, "ada", "+4930123456"}};
  if (const auto act = read_reply(text, Digits(), open); act && act->of != open[0] && act->of != open[1]) std::abort();
  is_number_of(text, "+4930123456");
  return 0;
}
