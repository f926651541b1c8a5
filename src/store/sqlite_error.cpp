#include "store/sqlite_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace tenfold::store {

namespace {

// Where SQLite can only tell that the disk failed (shared memory of the WAL, for instance), the system knows more.
bool is_disk_full(int code, int system_errno) {
  return code == SQLITE_FULL || (code == SQLITE_IOERR && (system_errno == ENOSPC || system_errno == EDQUOT));
}

}  // namespace

Error cannot_open(int system_errno, const std::string& file) {
  if (system_errno == ENOENT || system_errno == ENOTDIR)
    return {Errc::not_found, fmt::format("{}: its folder does not exist", file)};
  const bool is_short =
      system_errno == EMFILE || system_errno == ENFILE || system_errno == ENOSPC || system_errno == EDQUOT;
  const Errc code = is_short ? Errc::exhausted : Errc::refused;
  return {code, fmt::format("{}: cannot be opened: {}", file,
                            system_errno == 0 ? "not a file that may be written" : std::strerror(system_errno))};
}

Error sqlite_error(sqlite3* handle, int extended, const std::string& file) {
  const int code = extended & 0xff;
  const int system_errno = handle == nullptr ? 0 : sqlite3_system_errno(handle);
  if (is_disk_full(code, system_errno))
    return {Errc::exhausted, fmt::format("{}: the disk is full, or the file may not grow: nothing was written", file)};
  const char* const words = handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle);
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Errc::busy, fmt::format("{}: another process is writing to it", file)};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Errc::refused, fmt::format("{}: may not be written, or its folder may not ({})", file, words)};
    case SQLITE_CANTOPEN: return cannot_open(system_errno, file);
    case SQLITE_NOTADB:
      return {Errc::invalid, fmt::format("{}: is not a database; move it away or name another file", file)};
    case SQLITE_CORRUPT:
      return {Errc::invalid, fmt::format("{}: is damaged ({}); put back a backup or move it away", file, words)};
    case SQLITE_NOMEM: return {Errc::exhausted, fmt::format("{}: no memory", file)};
    case SQLITE_TOOBIG: return {Errc::too_large, fmt::format("{}: a value is too large", file)};
    case SQLITE_INTERRUPT: return {Errc::cancelled, fmt::format("{}: interrupted", file)};
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR: return {Errc::invalid, fmt::format("{}: {}", file, words)};
    default:
      return {Errc::failed, fmt::format("{}: {}{}{}", file, words, system_errno == 0 ? "" : ": ",
                                        system_errno == 0 ? "" : std::strerror(system_errno))};
  }
}

}  // namespace tenfold::store
