#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/statement.hpp"

struct sqlite3;

namespace tenfold::store {

struct OpenOptions {
  enum class Durability : std::uint8_t {
    full,    // what was committed is there after a power cut
    normal,  // the last commits may be gone after a power cut, but not after a crash of the program; never damaged
  } durability = Durability::full;
  Duration busy_timeout = std::chrono::seconds(5);  // for other processes' transactions; past it: busy
  std::uint64_t largest_bytes = 0;                  // of the file; past it writes give exhausted; 0: as the disk allows
};

// One SQLite file. Processes share a file; within a process each thread that needs it opens its own. One thread at a
// time; every call may wait for the disk and for other processes. Statements and transactions must not outlive it.
//
// Errors of every call, all with the file's name and words for people: busy (another process holds it longer than
// busy_timeout), exhausted (the disk is full, or largest_bytes reached), refused (not writable, or not readable),
// invalid (damaged, no database, a constraint, bad SQL), failed (the disk).
class Database {
 public:
  // Opens the file, or makes it (readable by its owner only). Its folder must exist. Errors besides those above:
  // not_found (the folder), invalid (the database of another program), unsupported (a file system without WAL).
  static Result<std::unique_ptr<Database>> open(const std::string& file, const OpenOptions& options = {});
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // The SQL is one statement; it is compiled now and may be run many times.
  Result<Statement> prepare(std::string_view sql);
  // Runs one statement or several, without values and without rows.
  Result<void> execute(const std::string& sql);
  // Looks for damage. Reads the whole file: seconds for gigabytes. Error: invalid, with the first thing found.
  Result<void> check();

  const std::string& file() const { return file_; }
  std::int64_t last_insert_id() const;
  // True between the begin of a transaction and its end.
  bool in_transaction() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  Database(std::string file, std::unique_ptr<sqlite3, Close> handle);

  Result<void> set_up(const OpenOptions& options);
  Result<void> enter_wal(Duration patience);
  Result<void> claim();
  Result<std::int64_t> integer_of(const std::string& sql);

  std::string file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace tenfold::store
