#include "guard/pages/gap_text.hpp"

#include "base/result.hpp"

namespace tenfold::guard {

GapText::GapText(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != mark) {
      text_ += text[i];
      continue;
    }
    ++i;
    TENFOLD_ASSERT(i < text.size() && text[i] >= '0' && text[i] <= '9');
    gaps_.push_back({text_.size(), static_cast<std::uint8_t>(text[i] - '0')});
  }
}

std::string GapText::filled(std::span<const std::string_view> values) const {
  std::size_t size = text_.size();
  for (const Gap& gap : gaps_) {
    TENFOLD_ASSERT(gap.number < values.size());
    size += values[gap.number].size();
  }
  std::string out;
  out.reserve(size);
  std::size_t from = 0;
  for (const Gap& gap : gaps_) {
    out.append(text_, from, gap.at - from).append(values[gap.number]);
    from = gap.at;
  }
  return out.append(text_, from);
}

}  // namespace tenfold::guard
