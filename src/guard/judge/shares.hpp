#pragma once

#include <vector>

namespace tenfold::guard::judging {

// Max-min fairness: what each may take so that all together take `there`, if who wants less has what it wants and
// nobody has more than another who wants more. `others`: wanted by those too small to be named, who get it.
// Infinite while there is enough for everyone. All in one unit, not negative.
double water_level(std::vector<double> wanted, double others, double there);

}  // namespace tenfold::guard::judging
