#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rehearse/learn/model_maker.hpp"

namespace tenfold::rehearse {

// What a template's targets are made up by when there is nothing better.
struct PatternSource {
  std::uint32_t node = 0;  // in the PathTree, of one of its shapes
  std::string path;        // its name without the method: "/product/{name}?gclid={}"
};

// Gives each template its targets and, for those that may not be named, patterns: the path stays, as far as three
// visitors or a crawler asked for it with any query, and of the query's values those that three visitors had. What
// paths the log knows are asked for; one is invented only for a template of which none may be named.
void name_targets(Templates& templates, const std::vector<PatternSource>& sources, const Shapes& shapes,
                  const LearnOptions& options);

}  // namespace tenfold::rehearse
