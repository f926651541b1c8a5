#pragma once

#include "app/command.hpp"
#include "app/rehearse/options.hpp"
#include "app/terminal.hpp"

namespace tenfold::app {

// `tenfold rehearse`: plays visitors against a target that is proven to be one's own, and judges. What people read goes
// to `err`, the JSON object to `out`.
Exit rehearse(const RehearseOptions& options, const Terminal& out, const Terminal& err);

}  // namespace tenfold::app
