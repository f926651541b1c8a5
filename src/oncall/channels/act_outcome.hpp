#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace tenfold::oncall {

// What a person's act has led to. A channel on which they wait for it says it (channels/act_words), so that what is
// said is what was done.
struct ActOutcome {
  enum class Kind : std::uint8_t {
    taken,                    // it is theirs now, and nobody else is called
    taken_already,            // it was theirs before
    taken_by_another,         // `by` has it; nothing has changed
    theirs_if_it_comes_back,  // taken, but nothing is wrong any more, perhaps not for long
    nothing_is_wrong,         // passed on, likewise
    nobody_is_rung,           // passed on while it is silenced or in maintenance: nothing has changed
    next_is_called,           // passed on: others are called or get an SMS now
    next_is_written_to,       // passed on: others are told now, by nothing that wakes anybody
    nobody_is_left,           // passed on, and nobody is told by that; it goes on in `again_in`
    passed_on_already,        // in this round: nothing has changed
    drill_passed,
    drill_goes_on,   // passed on in a drill: others are told now
    drill_fails,     // passed on in a drill, and nobody is left: it ends without an answer
    party_notes,     // an outside party looks into it: it is not called again, the shop's own people are
    party_is_noted,  // the same, while nobody of the shop's is called: somebody has it, or it is silenced
    party_declines,  // an outside party cannot help; the shop's own people are called
    over,            // or forgotten: nothing to do
  } kind = Kind::over;
  std::string by{};
  Duration again_in{};
  // In memory only: the disk cannot be written, and the act is lost should the program end.
  enum class Kept : std::uint8_t { on_disk, in_memory } kept = Kept::on_disk;
  bool operator==(const ActOutcome&) const = default;

  static constexpr std::array every_kind{Kind::taken,
                                         Kind::taken_already,
                                         Kind::taken_by_another,
                                         Kind::theirs_if_it_comes_back,
                                         Kind::nothing_is_wrong,
                                         Kind::nobody_is_rung,
                                         Kind::next_is_called,
                                         Kind::next_is_written_to,
                                         Kind::nobody_is_left,
                                         Kind::passed_on_already,
                                         Kind::drill_passed,
                                         Kind::drill_goes_on,
                                         Kind::drill_fails,
                                         Kind::party_notes,
                                         Kind::party_is_noted,
                                         Kind::party_declines,
                                         Kind::over};
};

}  // namespace tenfold::oncall
