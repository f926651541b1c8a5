// What a stranger's phone sends: events, tones, the body of a SIP INFO; and the file of the speech program.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "oncall/channels/sip/g711.hpp"
#include "oncall/channels/sip/key_presses.hpp"
#include "oncall/channels/sip/speech.hpp"
#include "oncall/channels/sip/tone_detector.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::oncall::sip;
  constexpr std::string_view keys = "0123456789*#ABCD";
  const std::span<const std::uint8_t> bytes(data, size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const auto check = [&](std::optional<char> digit) {
    if (digit && !keys.contains(*digit)) __builtin_trap();
  };
  const std::size_t line = text.find('\n');
  check(
      digit_of_info(text.substr(0, line), line == std::string_view::npos ? std::string_view() : text.substr(line + 1)));
  check(digit_of_event(bytes));
  ToneDetector tones;
  for (const Law law : {Law::a, Law::mu}) check(tones.hear(g711_decode(law, bytes)));
  if (const auto samples = samples_of_wav(bytes); samples && samples->size() > size) __builtin_trap();
  return 0;
}
