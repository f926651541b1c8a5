#pragma once

#include "rehearse/model/traffic_model.hpp"

namespace tenfold::rehearse {

// Reweights where people go (PageBehaviour::next) until a first-order walk with the population's session lengths gives
// each page its share of views: a bare first-order chain would get these wrong, because lengths in a log are
// heavy-tailed and a chain's are geometric. Iterative proportional fitting; returns the greatest relative error left
// over pages with at least 1 % of the views.
double fit_walk(VisitKind& kind);

}  // namespace tenfold::rehearse
