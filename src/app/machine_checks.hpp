#pragma once

#include <optional>
#include <string>

#include "config/surroundings.hpp"

// What `tenfold check` asks of the machine: each returns what is wrong, with what was expected; empty: nothing.
namespace tenfold::app {

std::string check_user(const std::string& name);
std::string check_group(const std::string& name);

// A file that is there must be SQLite's; one that is not will be made. What may not be read is believed. Blocks on the
// disk.
std::string check_store(const std::string& path);

// The log's file is opened as `tenfold run` does it, but not made. Only root can ask for another user than itself; for
// anybody else that user's rights are believed. Blocks on the disk. A FIFO that is read sees a writer come and go.
std::optional<config::AccessLogFinding> check_access_log(const std::string& path, const std::string& user,
                                                         const std::string& group);

}  // namespace tenfold::app
