#pragma once

#include <string>

// What `tenfold check` asks of the machine: each returns what is wrong, with what was expected; empty: nothing.
namespace tenfold::app {

std::string check_user(const std::string& name);
std::string check_group(const std::string& name);

// A file that is there must be SQLite's; one that is not will be made. What may not be read is believed. Blocks on the
// disk.
std::string check_store(const std::string& path);

}  // namespace tenfold::app
