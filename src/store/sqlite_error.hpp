#pragma once

#include <string>

#include "base/result.hpp"

struct sqlite3;

namespace tenfold::store {

// What SQLite's result code (extended or not) means to the callers, with the file's name and words for people.
Error sqlite_error(sqlite3* handle, int code, const std::string& file);

// Why a file could not be opened or made; the number 0: the system did not say.
Error cannot_open(int system_errno, const std::string& file);

}  // namespace tenfold::store
