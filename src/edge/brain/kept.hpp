#pragma once

#include <optional>
#include <string>

#include "guard/known/owner_lists.hpp"

namespace tenfold::edge {

// What the guard knows that is to outlive the process; whoever runs the brain keeps it. Texts are sealed. Absent: as it
// was.
struct Kept {
  std::optional<std::string> customers = {};  // of earlier days, without addresses: guard::CustomerBook::save()
  std::optional<std::string> measures = {};   // that hold: save_measures()

  std::optional<guard::OwnerEntries> lists = {};

  bool empty() const { return !customers && !measures && !lists; }
};

}  // namespace tenfold::edge
