#pragma once

namespace tenfold::edge {

struct Visit;

// At a visit's end: what it took is counted for the guard, and taken off its bearer's budget. Nothing where the guard
// is off.
void measure(Visit& visit);

}  // namespace tenfold::edge
