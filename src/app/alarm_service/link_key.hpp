#pragma once

#include <string>

#include "base/result.hpp"

namespace tenfold::app {

// The key that signs links: 32 random bytes, made at the first start and kept in the store, so that a link in a message
// works after a restart. Errors: those of store::Database.
Result<std::string> stored_link_key(const std::string& store_file);
// One that lasts as long as the process: where there is no store to keep it.
std::string fresh_link_key();

}  // namespace tenfold::app
