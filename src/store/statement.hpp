#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3_stmt;

namespace tenfold::store {

class Database;

// Bytes that are no text, to be bound.
struct Blob {
  std::string_view bytes;
};

// A compiled statement. Bind its values, step through its rows, reset and bind again. Must not outlive its database;
// the same thread rules hold.
class Statement {
 public:
  enum class Step : std::uint8_t { row, done };

  // Binds the values to the parameters in their order, after a reset: integers, floating point, text, Blob,
  // std::optional of those and nullptr (NULL). There must be as many as the statement has parameters. Texts are copied.
  // A value that is too large is reported by the next step().
  template <class... Values>
  Statement& bind(const Values&... values) {
    start_binding(sizeof...(values));
    int parameter = 0;
    (bind_one(++parameter, values), ...);
    return *this;
  }

  // The next row, or the end; after the end or an error the statement is reset. Errors: see Database.
  Result<Step> step();
  // Runs it to its end; rows are passed over.
  Result<void> run();

  // Columns of the current row, from 0. Typed as the table is: asking for another type than the column holds is a
  // broken invariant; NULL reads as 0 and as empty.
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  // until the next step or bind
  std::string_view blob(int column) const;  // likewise
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  void start_binding(std::size_t values);
  void bind_integer(int parameter, std::int64_t value);
  void bind_real(int parameter, double value);
  void bind_text(int parameter, std::string_view value);
  void bind_blob(int parameter, std::string_view bytes);
  void bind_null(int parameter);
  void note(int code);

  template <std::integral Value>
  void bind_one(int parameter, Value value) {
    static_assert(sizeof(Value) < sizeof(std::int64_t) || std::signed_integral<Value>,
                  "does not fit SQLite's integers");
    bind_integer(parameter, static_cast<std::int64_t>(value));
  }
  template <std::floating_point Value>
  void bind_one(int parameter, Value value) {
    bind_real(parameter, static_cast<double>(value));
  }
  void bind_one(int parameter, std::string_view value) { bind_text(parameter, value); }
  void bind_one(int parameter, const std::string& value) { bind_text(parameter, value); }
  void bind_one(int parameter, const char* value) { bind_text(parameter, value); }
  void bind_one(int parameter, const Blob& value) { bind_blob(parameter, value.bytes); }
  void bind_one(int parameter, std::nullptr_t) { bind_null(parameter); }
  template <class Value>
  void bind_one(int parameter, const std::optional<Value>& value) {
    if (value) {
      bind_one(parameter, *value);
    } else {
      bind_null(parameter);
    }
  }

  Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int binding_error_ = 0;  // the first of SQLite's codes; 0: none
};

}  // namespace tenfold::store
