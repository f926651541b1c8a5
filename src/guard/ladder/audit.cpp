#include "guard/ladder/audit.hpp"

#include <algorithm>
#include <array>

namespace tenfold::guard::ladder {

std::string_view words(Cause cause) {
  static constexpr std::array<std::string_view, 10> texts{
      "found",
      "found again",
      "its time is over",
      "there is enough for everyone again",
      "tried on a tenth of its clients, with nobody's harm",
      "tried on a tenth of its clients",
      "known customers were seen behind it",
      "the posture of the shop",
      "lifted by the owner",
      "kept from before the restart",
  };
  return texts[static_cast<std::size_t>(cause)];
}

std::string AuditEntry::reason() const {
  std::string text(words(cause));
  if (cause == Cause::found || cause == Cause::returned) text.append(": ").append(judging::words(charge, evidence));
  if (bar != Bar::none) text.append("; ").append(words(bar));
  return text;
}

void AuditTrail::add(const AuditEntry& entry) {
  if (ring_.size() < most_) {
    ring_.push_back(entry);
  } else {
    ring_[next_ % most_] = entry;
  }
  ++next_;
}

std::vector<AuditEntry> AuditTrail::since(std::uint64_t number) const {
  std::vector<AuditEntry> entries;
  const std::uint64_t first = std::max(number, next_ - ring_.size());
  for (std::uint64_t i = first; i < next_; ++i) entries.push_back(ring_[i % most_]);
  return entries;
}

}  // namespace tenfold::guard::ladder
