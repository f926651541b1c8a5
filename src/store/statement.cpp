#include "store/statement.hpp"

#include <sqlite3.h>

#include "store/database.hpp"
#include "store/sqlite_error.hpp"

namespace tenfold::store {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::start_binding(std::size_t values) {
  sqlite3_reset(statement_.get());
  binding_error_ = SQLITE_OK;
  TENFOLD_ASSERT(static_cast<int>(values) == sqlite3_bind_parameter_count(statement_.get()));
}

void Statement::note(int code) {
  if (binding_error_ == SQLITE_OK) binding_error_ = code;
}

void Statement::bind_integer(int parameter, std::int64_t value) {
  note(sqlite3_bind_int64(statement_.get(), parameter, value));
}

void Statement::bind_real(int parameter, double value) {
  note(sqlite3_bind_double(statement_.get(), parameter, value));
}

void Statement::bind_text(int parameter, std::string_view value) {
  // An empty view may have no data, which would be NULL.
  const char* const data = value.empty() ? "" : value.data();
  note(sqlite3_bind_text64(statement_.get(), parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_blob(int parameter, std::string_view bytes) {
  const char* const data = bytes.empty() ? "" : bytes.data();
  note(sqlite3_bind_blob64(statement_.get(), parameter, data, bytes.size(), SQLITE_TRANSIENT));
}

void Statement::bind_null(int parameter) { note(sqlite3_bind_null(statement_.get(), parameter)); }

Result<Statement::Step> Statement::step() {
  sqlite3_stmt* const statement = statement_.get();
  if (binding_error_ != SQLITE_OK) return std::unexpected(sqlite_error(nullptr, binding_error_, database_->file()));
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return Step::row;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement);
    return Step::done;
  }
  Error error = sqlite_error(sqlite3_db_handle(statement), code, database_->file());
  sqlite3_reset(statement);
  return std::unexpected(std::move(error));
}

Result<void> Statement::run() {
  while (true) {
    auto stepped = step();
    if (!stepped) return std::unexpected(stepped.error());
    if (*stepped == Step::done) return {};
  }
}

std::int64_t Statement::integer(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  TENFOLD_ASSERT(type == SQLITE_INTEGER || type == SQLITE_NULL);
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  TENFOLD_ASSERT(type == SQLITE_FLOAT || type == SQLITE_INTEGER || type == SQLITE_NULL);
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  TENFOLD_ASSERT(type == SQLITE_TEXT || type == SQLITE_NULL);
  if (type == SQLITE_NULL) return {};
  const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::blob(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  TENFOLD_ASSERT(type == SQLITE_BLOB || type == SQLITE_NULL);
  const void* const data = sqlite3_column_blob(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

}  // namespace tenfold::store
