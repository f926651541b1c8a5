#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "rehearse/learn/learner.hpp"
#include "rehearse/learn/shapes.hpp"
#include "rehearse/learn/trail.hpp"

namespace tenfold::rehearse {

// The shapes found while reading, brought together into templates.
struct Templates {
  std::vector<Template> all;
  std::vector<std::uint32_t> of_shape;  // by shape
  std::array<std::uint32_t, 3> elsewhere{};
  double folded = 0;  // requests

  std::uint32_t of(std::uint16_t page) const {
    return page >= elsewhere_app ? elsewhere[page - elsewhere_app] : of_shape[page];
  }
};
Templates make_templates(Shapes& shapes, const LearnOptions& options);

// The kinds of visits that a population makes, each with its pages, the most viewed first, and `next` as counted. Sizes
// that hardly anybody had are taken together with their neighbours.
std::vector<VisitKind> visits_of(const PopulationTally& tally, const Templates& templates);

// fit_walk(), with links between common pages added where those of the log do not suffice: a page that few, very long
// sessions keep to is else out of the others' reach, and its views would not come out right. Returns what fit_walk()
// does.
double fit_pages(VisitKind& visits);

}  // namespace tenfold::rehearse
