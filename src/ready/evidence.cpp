#include "ready/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "store/migrations.hpp"
#include "store/transaction.hpp"

namespace tenfold::ready {

namespace {

using store::Statement;
using store::Transaction;

constexpr std::size_t longest_kind_bytes = 64;
constexpr std::size_t longest_verdict_bytes = 64;

constexpr std::array<std::string_view, 1> steps = {
    "CREATE TABLE evidence("
    "id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "kind TEXT NOT NULL,"
    "at_ms INTEGER NOT NULL,"  // since 1970, UTC
    "subject TEXT NOT NULL,"
    "verdict TEXT NOT NULL,"
    "summary TEXT NOT NULL) STRICT;"  // JSON
    "CREATE INDEX evidence_of_a_kind ON evidence(kind, at_ms, id);"
    "CREATE INDEX evidence_by_time ON evidence(at_ms, id);"};

bool is_kind(std::string_view kind) {
  return !kind.empty() && kind.size() <= longest_kind_bytes && std::all_of(kind.begin(), kind.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<void> check(const Evidence& evidence) {
  if (!is_kind(evidence.kind)) return fail(Errc::invalid, "evidence: the kind is not a word of a-z, 0-9 and \"-\"");
  if (evidence.verdict.empty()) return fail(Errc::invalid, "evidence: the verdict is empty");
  if (evidence.verdict.size() > longest_verdict_bytes)
    return fail(Errc::too_large, fmt::format("evidence: the verdict is longer than {} bytes", longest_verdict_bytes));
  if (evidence.subject.size() > longest_subject_bytes)
    return fail(Errc::too_large, fmt::format("evidence: the subject is longer than {} bytes", longest_subject_bytes));
  if (evidence.summary.size() > longest_summary_bytes)
    return fail(Errc::too_large, fmt::format("evidence: the summary is longer than {} bytes", longest_summary_bytes));
  return {};
}

std::int64_t milliseconds_since_1970(WallTime at) {
  return std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

Evidence evidence_of(const Statement& row) {
  Evidence evidence;
  evidence.id = row.integer(0);
  evidence.kind = row.text(1);
  evidence.at = WallTime(std::chrono::milliseconds(row.integer(2)));
  evidence.subject = row.text(3);
  evidence.verdict = row.text(4);
  evidence.summary = row.text(5);
  return evidence;
}

Result<void> insert(store::Database& database, const Evidence& evidence) {
  auto valid = database.prepare("SELECT json_valid(?)");
  if (!valid) return std::unexpected(valid.error());
  auto judged = valid->bind(evidence.summary).step();
  if (!judged) return std::unexpected(judged.error());
  if (valid->integer(0) == 0) return fail(Errc::invalid, "evidence: the summary is not JSON");
  auto inserting =
      database.prepare("INSERT INTO evidence(kind, at_ms, subject, verdict, summary) VALUES(?, ?, ?, ?, ?)");
  if (!inserting) return std::unexpected(inserting.error());
  return inserting
      ->bind(evidence.kind, milliseconds_since_1970(evidence.at), evidence.subject, evidence.verdict, evidence.summary)
      .run();
}

Result<void> forget_the_oldest(store::Database& database, std::string_view kind) {
  auto statement = database.prepare(
      "DELETE FROM evidence WHERE id IN (SELECT id FROM evidence WHERE kind=? ORDER BY at_ms DESC, id DESC LIMIT -1 "
      "OFFSET ?)");
  if (!statement) return std::unexpected(statement.error());
  return statement->bind(kind, most_of_a_kind).run();
}

}  // namespace

Result<EvidenceBook> EvidenceBook::open(store::Database& database) {
  auto migrated = store::migrate(database, {.component = "ready", .steps = steps});
  if (!migrated) return std::unexpected(migrated.error());
  return EvidenceBook(database);
}

Result<std::int64_t> EvidenceBook::record(const Evidence& evidence) {
  auto checked = check(evidence);
  if (!checked) return std::unexpected(checked.error());
  auto transaction = Transaction::begin(*database_, Transaction::Kind::write);
  if (!transaction) return std::unexpected(transaction.error());
  auto inserted = insert(*database_, evidence);
  if (!inserted) return std::unexpected(inserted.error());
  const std::int64_t id = database_->last_insert_id();
  auto forgotten = forget_the_oldest(*database_, evidence.kind);
  if (!forgotten) return std::unexpected(forgotten.error());
  auto committed = transaction->commit();
  if (!committed) return std::unexpected(committed.error());
  return id;
}

Result<std::optional<Evidence>> EvidenceBook::latest(std::string_view kind) {
  auto statement = database_->prepare(
      "SELECT id, kind, at_ms, subject, verdict, summary FROM evidence WHERE kind=? ORDER BY at_ms DESC, id DESC LIMIT "
      "1");
  if (!statement) return std::unexpected(statement.error());
  auto step = statement->bind(kind).step();
  if (!step) return std::unexpected(step.error());
  if (*step == Statement::Step::done) return std::nullopt;
  return evidence_of(*statement);
}

Result<std::vector<Evidence>> EvidenceBook::list(std::size_t limit) {
  auto statement = database_->prepare(
      "SELECT id, kind, at_ms, subject, verdict, summary FROM evidence ORDER BY at_ms DESC, id DESC LIMIT ?");
  if (!statement) return std::unexpected(statement.error());
  statement->bind(static_cast<std::int64_t>(std::min(limit, longest_list)));
  std::vector<Evidence> found;
  while (true) {
    auto step = statement->step();
    if (!step) return std::unexpected(step.error());
    if (*step == Statement::Step::done) return found;
    found.push_back(evidence_of(*statement));
  }
}

Result<std::int64_t> record_evidence(const std::string& store_file, const Evidence& evidence) {
  auto database = store::Database::open(store_file);
  if (!database) return std::unexpected(database.error());
  auto book = EvidenceBook::open(**database);
  if (!book) return std::unexpected(book.error());
  return book->record(evidence);
}

}  // namespace tenfold::ready
