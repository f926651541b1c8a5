#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "oncall/people/plan.hpp"

// Who is on duty by a schedule (roster.hpp has on_duty), and the moments at which that may change.
namespace tenfold::oncall {

// When the rotation's first turn begins.
WallTime begins(const Schedule& schedule, const Rotation& rotation);

// All moments in (from, until) at which somebody else, or nobody, may come on duty; sorted, each once. Without those
// at which one turn follows the other, unless `turns` asks for them.
enum class Turns : std::uint8_t { left_out, included };
std::vector<WallTime> changes(const Schedule& schedule, WallTime from, WallTime until, Turns turns);
// Of the number under which an outside party answers.
std::vector<WallTime> changes(const OutsideParty& party, WallTime from, WallTime until);

}  // namespace tenfold::oncall
