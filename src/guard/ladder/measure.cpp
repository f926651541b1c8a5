#include "guard/ladder/measure.hpp"

#include <array>
#include <bit>
#include <cstddef>

namespace tenfold::guard::ladder {

std::string_view words(Bar bar) {
  static constexpr std::array<std::string_view, 11> texts{
      "",
      "there is enough for everyone",
      "too few visits of known customers to try it on",
      "it would hit known customers",
      "known customers share it",
      "some behind it solve challenges",
      "people were among those on whom it was tried",
      "it was not challenged for long enough to say that nobody there solves",
      "nobody was among those on whom it was tried",
      "the kernel cannot tell it",
      "lifted by the owner",
  };
  return texts[static_cast<std::size_t>(bar)];
}

Step Measure::step_for(judging::SubjectId client) const {
  return reach == Reach::all || in_canary(subject, client) ? step : elsewhere;
}

std::string Measure::reason() const {
  const Grounds grounds = taken_on.value_or(Grounds{charge, evidence});
  std::string text = judging::words(grounds.charge, grounds.evidence);
  if (bar != Bar::none) text.append("; no further, because ").append(words(bar));
  return text;
}

// The ids are keyed hashes, but mixed with each other they are not spread: that is what the finaliser of MurmurHash3
// (Appleby) is for.
bool in_canary(const judging::Subject& subject, judging::SubjectId client) {
  std::uint64_t mixed = static_cast<std::uint64_t>(client) ^ std::rotl(static_cast<std::uint64_t>(subject.id), 17);
  mixed = (mixed ^ (mixed >> 33)) * 0xff51afd7ed558ccd;
  mixed = (mixed ^ (mixed >> 33)) * 0xc4ceb9fe1a85ec53;
  return (mixed ^ (mixed >> 33)) % 10 == 0;
}

}  // namespace tenfold::guard::ladder
