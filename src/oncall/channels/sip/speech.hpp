#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "base/result.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::oncall::sip {

using Sound = std::shared_ptr<const std::vector<std::int16_t>>;  // at the line's rate

// Texts spoken by espeak-ng, a child process each. Thread-safe. The last texts are kept: a message is rung to several
// people, and again.
class Speech {
 public:
  static constexpr std::size_t longest_text = 4'000;                    // bytes; the rest is not spoken
  static constexpr Duration longest_work = std::chrono::seconds(10);    // espeak-ng takes 30 ms for a minute
  static constexpr Duration longest_sound = std::chrono::seconds(180);  // the rest is not spoken
  static constexpr std::size_t most_kept = 32;
  static constexpr std::size_t most_kept_samples = 8'000'000;  // 16 MB: 1,000 seconds

  // The program by name (looked up in PATH) or by path.
  explicit Speech(std::string program) : program_(std::move(program)) {}

  // Errors: not_found (the program is missing: names the package), timed_out, cancelled (stop), failed.
  Result<Sound> say(const std::string& text, Language language, const std::stop_token& stop);

 private:
  struct Kept {
    Language language;
    std::string text;
    Sound sound;
  };
  Sound find(const std::string& text, Language language);
  void keep(const std::string& text, Language language, Sound sound);

  std::string program_;
  Guarded<std::list<Kept>> kept_;  // used last, first
};

// A WAV file of one channel of 16 bits, of a length that its header may not know yet (espeak-ng writes to a pipe).
// Errors: invalid.
Result<std::vector<std::int16_t>> samples_of_wav(std::span<const std::uint8_t> file);

}  // namespace tenfold::oncall::sip
