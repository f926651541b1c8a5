#include "store/database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <thread>

#include "store/sqlite_error.hpp"
#include "store/transaction.hpp"

namespace tenfold::store {

namespace {

// "10fd", so that nobody's database is taken for a store, nor a store for anything else.
constexpr std::int64_t application_id = 0x31306664;
// The write-ahead log is cut back to this after a checkpoint.
constexpr std::int64_t longest_idle_wal_bytes = 4 * 1024 * 1024;

// SQLite would make it readable by whoever the umask lets; it holds secrets and telephone numbers. Only a file that is
// made here is opened here: closing any descriptor of a database drops the locks that this process has on it.
Result<void> make_private(const std::string& file) {
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
  } else if (errno != EEXIST) {
    return std::unexpected(cannot_open(errno, file));
  }
  return {};
}

int milliseconds(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return static_cast<int>(std::clamp<std::int64_t>(count, 0, std::numeric_limits<int>::max()));
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Database::Database(std::string file, std::unique_ptr<sqlite3, Close> handle)
    : file_(std::move(file)), handle_(std::move(handle)) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::string& file, const OpenOptions& options) {
  auto there = make_private(file);
  if (!there) return std::unexpected(there.error());
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<sqlite3, Close> handle(opened);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(opened, code, file));
  std::unique_ptr<Database> database(new Database(file, std::move(handle)));
  auto ready = database->set_up(options);
  if (!ready) return std::unexpected(ready.error());
  return database;
}

Result<void> Database::set_up(const OpenOptions& options) {
  sqlite3* const handle = handle_.get();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, milliseconds(options.busy_timeout));
  // A damaged or planted file must not make SQLite do what our own SQL does not ask for.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  // A file that may not be written is opened for reading without a word.
  if (sqlite3_db_readonly(handle, "main") == 1)
    return fail(Errc::refused, fmt::format("{}: may not be written", file_));
  auto entered = enter_wal(options.busy_timeout);
  if (!entered) return entered;
  const bool full = options.durability == OpenOptions::Durability::full;
  auto set = execute(fmt::format("PRAGMA synchronous={}; PRAGMA foreign_keys=ON; PRAGMA journal_size_limit={};",
                                 full ? "FULL" : "NORMAL", longest_idle_wal_bytes));
  if (!set) return set;
  auto claimed = claim();
  if (!claimed || options.largest_bytes == 0) return claimed;
  auto page_bytes = integer_of("PRAGMA page_size");
  if (!page_bytes) return std::unexpected(page_bytes.error());
  const std::uint64_t pages =
      std::max<std::uint64_t>(1, options.largest_bytes / static_cast<std::uint64_t>(*page_bytes));
  return execute(fmt::format("PRAGMA max_page_count={}", pages));
}

// Processes that make a file together may find each other in the way here without SQLite waiting for them.
Result<void> Database::enter_wal(Duration patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (true) {
    auto asked = prepare("PRAGMA journal_mode=WAL");
    if (asked) {
      auto step = asked->step();
      if (step) {
        if (asked->text(0) == "wal") return {};
        return fail(Errc::unsupported,
                    fmt::format("{}: its file system cannot share memory between processes, which the "
                                "store needs (a network file system?)",
                                file_));
      }
      asked = std::unexpected(step.error());
    }
    if (asked.error().code != Errc::busy || std::chrono::steady_clock::now() >= give_up)
      return std::unexpected(asked.error());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// A new file becomes ours; one of another program is left alone.
Result<void> Database::claim() {
  auto found = integer_of("PRAGMA application_id");
  if (!found) return std::unexpected(found.error());
  if (*found == application_id) return {};
  auto transaction = Transaction::begin(*this, Transaction::Kind::write);
  if (!transaction) return std::unexpected(transaction.error());
  found = integer_of("PRAGMA application_id");
  if (!found) return std::unexpected(found.error());
  if (*found == application_id) return {};
  auto tables = integer_of("SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::unexpected(tables.error());
  if (*found != 0 || *tables != 0)
    return fail(Errc::invalid, fmt::format("{}: is the database of another program; name another file", file_));
  auto set = execute(fmt::format("PRAGMA application_id={}", application_id));
  if (!set) return set;
  return transaction->commit();
}

Result<std::int64_t> Database::integer_of(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  auto step = statement->step();
  if (!step) return std::unexpected(step.error());
  TENFOLD_ASSERT(*step == Statement::Step::row);
  return statement->integer(0);
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &made, nullptr);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(handle_.get(), code, file_));
  TENFOLD_ASSERT(made != nullptr);  // no SQL but blanks and comments
  return Statement(*this, made);
}

Result<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(handle_.get(), code, file_));
  return {};
}

Result<void> Database::check() {
  auto statement = prepare("PRAGMA integrity_check(1)");
  if (!statement) return std::unexpected(statement.error());
  auto step = statement->step();
  if (!step) return std::unexpected(step.error());
  if (statement->text(0) == "ok") return {};
  return fail(Errc::invalid,
              fmt::format("{}: is damaged ({}); put back a backup or move it away", file_, statement->text(0)));
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

}  // namespace tenfold::store
