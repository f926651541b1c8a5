#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace tenfold::app {

// Becomes this user for good (an empty group: the user's own), with that user's supplementary groups and no others.
// Call it while there is one thread. Does nothing for an empty user. Errors: not_found (no such user or group),
// refused.
Result<void> become_user(const std::string& user, const std::string& group);

// That user's number; none: an empty name, or nobody's.
std::optional<uid_t> uid_of(const std::string& user);

// Raises the soft limit of open descriptors to the hard one. Returns what it is then.
std::uint64_t raise_descriptor_limit();

// The processors that this process may run on.
unsigned usable_cores();

}  // namespace tenfold::app
