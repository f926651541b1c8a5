#pragma once

#include "rehearse/drive/drive.hpp"

namespace tenfold::rehearse {

// The length of a load, ramp included.
Duration length_of(const Load& load);

// Errors: invalid, with the option and what was expected.
Result<void> validate(const Load& load, const DriveOptions& options);

}  // namespace tenfold::rehearse
