#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenfold::guard {

// A text with gaps for what is known later. Cut once, so that filling it only copies. Immutable; any thread.
class GapText {
 public:
  // In the text given to the constructor a gap is written gap(n), with n from 0 to 9. The same may stand several times.
  static std::string gap(unsigned number) { return {mark, static_cast<char>('0' + number)}; }

  GapText() = default;
  explicit GapText(std::string_view text);

  // values[n] goes into each gap n; there must be as many.
  std::string filled(std::span<const std::string_view> values) const;

 private:
  static constexpr char mark = '\x1f';
  struct Gap {
    std::size_t at;  // in text_
    std::uint8_t number;
  };

  std::string text_;  // without the gaps
  std::vector<Gap> gaps_;
};

}  // namespace tenfold::guard
