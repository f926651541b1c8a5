#pragma once

#include <string>
#include <string_view>

namespace tenfold::app {

// A key of this installation's own, where shop.yaml names none (guard.secret): 32 random bytes, made when first asked
// for and kept in the store under that name, so that what it signs is good after a restart. Where it cannot be kept it
// lasts as long as the process, with a warning that `what` it is for does not outlive it. Opens the store: may block.
std::string own_key(const std::string& store_file, std::string_view name, std::string_view what);

// What own_key() has kept there before, under that name; empty: nothing, or it cannot be read, which is said in the
// log. Makes none. May block.
std::string kept_key(const std::string& store_file, std::string_view name, std::string_view what);

}  // namespace tenfold::app
