#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

namespace tenfold::ready {

// Something that was tried and what came out.
struct Evidence {
  std::string kind;     // "rehearsal", "drill-phone": 1 to 64 of a-z, 0-9 and "-"
  WallTime at{};        // when it was done; kept in milliseconds
  std::string subject;  // what was examined: a URL, a schedule's name; at most longest_subject_bytes
  std::string verdict;  // "PASS", "FAIL", ...: at most 64 bytes, not empty
  std::string summary;  // one JSON value of at most longest_summary_bytes
  std::int64_t id = 0;  // given by the store; 0 before
};

inline constexpr std::size_t longest_subject_bytes = 2048;
inline constexpr std::size_t longest_summary_bytes = 64 * 1024;
// Of each kind; with one more the oldest goes. Kinds are few: they are words of the program, not of its input.
inline constexpr std::int64_t most_of_a_kind = 1000;
// So many at most in one list.
inline constexpr std::size_t longest_list = 1000;

// The evidence in a store. The newest is the one with the latest `at`, and of those the last recorded. Errors: those of
// store::Database. Threads as there.
class EvidenceBook {
 public:
  // Makes the table where it is not there yet. The database must outlive the book. Errors besides: those of migrate().
  static Result<EvidenceBook> open(store::Database& database);

  // Returns its id. Errors besides: invalid, too_large, naming the field.
  Result<std::int64_t> record(const Evidence& evidence);
  // The newest of that kind, if any.
  Result<std::optional<Evidence>> latest(std::string_view kind);
  // The newest of all kinds, newest first; at most longest_list.
  Result<std::vector<Evidence>> list(std::size_t limit);

 private:
  explicit EvidenceBook(store::Database& database) : database_(&database) {}

  store::Database* database_;
};

// Opens the store (or makes it), records, closes.
Result<std::int64_t> record_evidence(const std::string& store_file, const Evidence& evidence);

}  // namespace tenfold::ready
