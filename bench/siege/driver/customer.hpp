#pragma once

#include "record.hpp"
#include "web.hpp"

namespace tenfold::siege {

// The visit of one customer, from its planned moment to the order, or to where it gave up. All must stay to the end.
net::Task<void> visit(World& world, const PlannedVisit& plan, rehearse::CookieJar& jar, VisitRecord& record,
                      Record& all);

// What it did before, whose cookies it still has: a look, something put into the cart, perhaps an order. Without
// pauses.
net::Task<void> earlier_visit(World& world, const PlannedVisit& plan, rehearse::CookieJar& jar, VisitRecord& record);

}  // namespace tenfold::siege
