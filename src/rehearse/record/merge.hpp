#pragma once

#include <cstddef>
#include <vector>

#include "rehearse/record/run_record.hpp"

// How a record's memory stays flat however long the run: neighbouring stretches become one when there are too many.
namespace tenfold::rehearse {

inline constexpr std::size_t most_windows = 3'600;
inline constexpr std::size_t most_judged_windows = 60;

// The stretch of both, `later` beginning where `earlier` ends. Quantiles cannot be added: the worse of the two stands,
// which the true one never exceeds. What is told of a stretch's end is the later one's.
Window merged(const Window& earlier, const Window& later);

// Adds what the other holds, templates by their names.
void add(JudgedWindow& to, const JudgedWindow& later);

// Merges each pair of neighbours; a last one without a neighbour stays as it is.
void halve(std::vector<Window>& windows);
void halve(std::vector<JudgedWindow>& windows);

}  // namespace tenfold::rehearse
