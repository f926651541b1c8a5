#include "store/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "store/test_folder.hpp"
#include "store/test_process.hpp"
#include "store/transaction.hpp"

namespace tenfold::store {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr OpenOptions quick = {.durability = OpenOptions::Durability::normal};

std::unique_ptr<Database> opened(const std::string& file, const OpenOptions& options = quick) {
  auto database = Database::open(file, options);
  EXPECT_TRUE(database.has_value()) << database.error().text();
  return database ? std::move(*database) : nullptr;
}

Error error_of_opening(const std::string& file, const OpenOptions& options = quick) {
  const auto database = Database::open(file, options);
  EXPECT_FALSE(database.has_value());
  return database ? Error{} : database.error();
}

std::int64_t count(Database& database, const std::string& table = "t") {
  auto statement = database.prepare("SELECT count(*) FROM " + table);
  EXPECT_TRUE(statement.has_value()) << statement.error().text();
  EXPECT_TRUE(statement->step().has_value());
  return statement->integer(0);
}

std::string word(Database& database, const std::string& sql) {
  auto statement = database.prepare(sql);
  EXPECT_TRUE(statement && statement->step());
  return std::string(statement->text(0));
}

class DatabaseTest : public testing::Test {
 protected:
  void fill(Database& database, int rows) {
    ASSERT_TRUE(database.execute("CREATE TABLE t(x TEXT NOT NULL) STRICT"));
    auto transaction = Transaction::begin(database, Transaction::Kind::write);
    ASSERT_TRUE(transaction.has_value());
    auto statement = database.prepare("INSERT INTO t VALUES(?)");
    ASSERT_TRUE(statement.has_value());
    for (int i = 0; i < rows; ++i) ASSERT_TRUE(statement->bind(std::string(1000, 'x')).run());
    ASSERT_TRUE(transaction->commit());
  }

  TestFolder folder;
};

TEST_F(DatabaseTest, IsMadeForItsOwnerOnly) {
  const auto database = opened(folder.file());
  ASSERT_TRUE(database->execute("CREATE TABLE t(x)"));
  for (const char* name : {"tenfold.db", "tenfold.db-wal", "tenfold.db-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat(folder.file(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
}

TEST_F(DatabaseTest, KeepsWhatWasCommitted) {
  {
    const auto database = opened(folder.file());
    fill(*database, 3);
  }
  const auto database = opened(folder.file(), {});
  EXPECT_EQ(count(*database), 3);
  EXPECT_TRUE(database->check().has_value());
}

TEST_F(DatabaseTest, IsSetUpAsAsked) {
  const auto full = opened(folder.file(), {});
  EXPECT_EQ(word(*full, "SELECT journal_mode FROM pragma_journal_mode"), "wal");
  EXPECT_EQ(word(*full, "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous"), "2");
  EXPECT_EQ(word(*full, "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys"), "1");
  const auto normal = opened(folder.file());
  EXPECT_EQ(word(*normal, "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous"), "1");
}

TEST_F(DatabaseTest, ForeignKeysHold) {
  const auto database = opened(folder.file());
  ASSERT_TRUE(database->execute("CREATE TABLE a(id INTEGER PRIMARY KEY); CREATE TABLE b(a INTEGER REFERENCES a(id))"));
  const auto refused = database->execute("INSERT INTO b VALUES(7)");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::invalid);
}

TEST_F(DatabaseTest, BadSqlIsSaid) {
  const auto database = opened(folder.file());
  const auto prepared = database->prepare("SELECT x FROM nowhere");
  ASSERT_FALSE(prepared.has_value());
  EXPECT_EQ(prepared.error().code, Errc::invalid);
  EXPECT_THAT(prepared.error().detail, HasSubstr("no such table: nowhere"));
}

// ---- what is no store ----

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsLeftAlone) {
  const std::string text(5000, 'n');
  std::ofstream(folder.file()) << text;
  const Error error = error_of_opening(folder.file());
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_THAT(error.detail, HasSubstr("tenfold.db: is not a database"));
  std::ifstream again(folder.file());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(again), {}), text);
}

TEST_F(DatabaseTest, AnotherProgramsDatabaseIsLeftAlone) {
  {
    const auto theirs = opened(folder.file());
    ASSERT_TRUE(theirs->execute("CREATE TABLE bookmarks(x); PRAGMA application_id=7"));
  }
  const Error error = error_of_opening(folder.file());
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_THAT(error.detail, HasSubstr("another program"));
}

TEST_F(DatabaseTest, AnUnmarkedDatabaseWithTablesIsAnotherPrograms) {
  {
    const auto theirs = opened(folder.file());
    ASSERT_TRUE(theirs->execute("CREATE TABLE bookmarks(x); PRAGMA application_id=0"));
  }
  EXPECT_EQ(error_of_opening(folder.file()).code, Errc::invalid);
}

TEST_F(DatabaseTest, AFolderThatIsMissingIsNamed) {
  const Error error = error_of_opening(folder.file("none/tenfold.db"));
  EXPECT_EQ(error.code, Errc::not_found);
  EXPECT_THAT(error.detail, HasSubstr("its folder does not exist"));
}

TEST_F(DatabaseTest, AFolderIsNoFile) { EXPECT_EQ(error_of_opening(folder.path().string()).code, Errc::refused); }

TEST_F(DatabaseTest, DamageIsFound) {
  {
    const auto database = opened(folder.file());
    fill(*database, 500);
    ASSERT_TRUE(database->execute("CREATE INDEX i ON t(x)"));
    ASSERT_TRUE(database->prepare("PRAGMA wal_checkpoint(TRUNCATE)")->run());
  }
  {
    // when pages in the middle are overwritten, the first one and with it the schema being whole
    std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 20);
    file << std::string(4096 * 60, '\x5a');
  }
  const auto database = opened(folder.file());
  ASSERT_NE(database, nullptr);
  const auto checked = database->check();
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, Errc::invalid);
  EXPECT_THAT(checked.error().detail, HasSubstr("is damaged"));
  // and whoever reads it is told as well
  auto statement = database->prepare("SELECT sum(length(x)) FROM t NOT INDEXED");
  ASSERT_TRUE(statement.has_value());
  const auto read = statement->step();
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, Errc::invalid);
}

// ---- what cannot be written ----

// Rights are nothing to root: the child becomes nobody.
int open_as_nobody(const std::string& file) {
  if (::geteuid() == 0 && ::seteuid(65534) != 0) return 100;
  const auto database = Database::open(file, quick);
  return database ? 101 : static_cast<int>(database.error().code);
}

TEST_F(DatabaseTest, AFileThatMayNotBeWrittenIsRefused) {
  { const auto database = opened(folder.file()); }
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(folder.file().c_str(), 0444), 0);
  EXPECT_EQ(TestProcess([&] { return open_as_nobody(folder.file()); }).wait(), static_cast<int>(Errc::refused));
  ASSERT_EQ(::chmod(folder.file().c_str(), 0), 0);
  EXPECT_EQ(TestProcess([&] { return open_as_nobody(folder.file()); }).wait(), static_cast<int>(Errc::refused));
}

TEST_F(DatabaseTest, AFolderThatMayNotBeWrittenIsRefused) {
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  EXPECT_EQ(TestProcess([&] { return open_as_nobody(folder.file()); }).wait(), static_cast<int>(Errc::refused));
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
}

TEST_F(DatabaseTest, AtItsLargestSizeNothingIsLost) {
  OpenOptions small = quick;
  small.largest_bytes = 256 * 1024;
  const auto database = opened(folder.file(), small);
  ASSERT_TRUE(database->execute("CREATE TABLE t(x TEXT)"));
  std::int64_t stored = 0;
  Result<void> inserted;
  while (inserted) {
    inserted = database->prepare("INSERT INTO t VALUES(?)")->bind(std::string(10'000, 'x')).run();
    if (inserted) ++stored;
    ASSERT_LT(stored, 100);
  }
  EXPECT_EQ(inserted.error().code, Errc::exhausted);
  EXPECT_THAT(inserted.error().detail, HasSubstr("disk is full"));
  EXPECT_GT(stored, 10);
  EXPECT_EQ(count(*database), stored);
  // when there is room again, it goes on
  ASSERT_TRUE(database->execute("DELETE FROM t WHERE rowid <= 5"));
  EXPECT_TRUE(database->prepare("INSERT INTO t VALUES(?)")->bind(std::string(10'000, 'x')).run().has_value());
  EXPECT_TRUE(database->check().has_value());
}

// Exit codes: 0 as it should be; 77 no right to mount; others say which step went wrong.
int fill_a_small_disk(const std::string& folder) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=512k") != 0) {
    return 77;
  }
  const std::string file = folder + "/tenfold.db";
  std::int64_t stored = 0;
  {
    auto database = Database::open(file, OpenOptions{});
    if (!database || !(*database)->execute("CREATE TABLE t(x TEXT)")) return 1;
    Result<void> inserted;
    while (inserted) {
      inserted = (*database)->prepare("INSERT INTO t VALUES(?)")->bind(std::string(20'000, 'x')).run();
      if (inserted) ++stored;
      if (stored > 100) return 2;
    }
    if (inserted.error().code != Errc::exhausted) return 3;
    if (stored < 3 || count(**database) != stored) return 4;
  }
  // Another start with the disk as full as it can be: an answer, and nothing lost.
  std::ofstream(folder + "/rest") << std::string(512 * 1024, 'x');
  {
    auto database = Database::open(file, OpenOptions{});
    if (database && count(**database) != stored) return 5;
    if (!database && database.error().code != Errc::exhausted) return 6;
  }
  ::unlink((folder + "/rest").c_str());
  auto database = Database::open(file, OpenOptions{});
  if (!database || count(**database) != stored || !(*database)->check()) return 7;
  return 0;
}

TEST_F(DatabaseTest, AFullDiskIsSaidAndLosesNothing) {
  const int code = TestProcess([&] { return fill_a_small_disk(folder.path().string()); }).wait();
  if (code == 77) GTEST_SKIP() << "no right to mount a small file system";
  EXPECT_EQ(code, 0);
}

// ---- processes ----

int insert_many(const std::string& file, int process) {
  auto database = Database::open(file, {.durability = OpenOptions::Durability::normal, .busy_timeout = 60s});
  if (!database || !(*database)->execute("CREATE TABLE IF NOT EXISTS t(process INTEGER, number INTEGER) STRICT"))
    return 1;
  for (int i = 0; i < 50; ++i) {
    auto transaction = Transaction::begin(**database, Transaction::Kind::write);
    if (!transaction) return 2;
    // Read, then write: with a transaction that only became one for writing here, another process could come between.
    auto largest = (*database)->prepare("SELECT coalesce(max(number), 0) FROM t");
    if (!largest || !largest->step()) return 3;
    const std::int64_t next = largest->integer(0) + 1;
    if (!largest->bind().run() || !(*database)->prepare("INSERT INTO t VALUES(?, ?)")->bind(process, next).run())
      return 4;
    if (!transaction->commit()) return 5;
  }
  return 0;
}

TEST_F(DatabaseTest, ProcessesMakeAndWriteOneFileTogether) {
  std::vector<TestProcess> processes;
  for (int process = 0; process < 6; ++process)
    processes.emplace_back([&, process] { return insert_many(folder.file(), process); });
  for (TestProcess& process : processes) EXPECT_EQ(process.wait(), 0);
  const auto database = opened(folder.file());
  EXPECT_EQ(count(*database), 300);
  EXPECT_EQ(count(*database, "(SELECT DISTINCT number FROM t)"), 300);
  EXPECT_TRUE(database->check().has_value());
}

TEST_F(DatabaseTest, WhoCannotWaitIsTold) {
  { fill(*opened(folder.file()), 1); }
  TestSignal locked;
  TestProcess holder([&] {
    auto database = opened(folder.file());
    auto transaction = Transaction::begin(*database, Transaction::Kind::write);
    locked.give();
    ::pause();
    return 0;
  });
  locked.await();
  const auto database = opened(folder.file(), {.busy_timeout = 20ms});
  const auto begun = Transaction::begin(*database, Transaction::Kind::write);
  ASSERT_FALSE(begun.has_value());
  EXPECT_EQ(begun.error().code, Errc::busy);
  EXPECT_THAT(begun.error().detail, HasSubstr("another process"));
  EXPECT_EQ(count(*database), 1) << "reading goes on";
}

TEST_F(DatabaseTest, AProcessKilledInATransactionLeavesNothingOfIt) {
  { fill(*opened(folder.file()), 10); }
  TestSignal written;
  TestProcess victim([&] {
    auto database = opened(folder.file());
    auto transaction = Transaction::begin(*database, Transaction::Kind::write);
    // More than SQLite keeps in memory, so that half a transaction is on the disk.
    static_cast<void>(database->execute("PRAGMA cache_size=10; UPDATE t SET x = x || 'changed'"));
    static_cast<void>(
        database->execute("INSERT INTO t SELECT hex(randomblob(2000)) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                          "SELECT i+1 FROM n WHERE "
                          "i < 500) SELECT i FROM n)"));
    written.give();
    ::pause();
    return 0;
  });
  written.await();
  EXPECT_GT(std::filesystem::file_size(folder.file("tenfold.db-wal")), 500'000u);
  EXPECT_EQ(victim.kill(), -SIGKILL);

  const auto database = opened(folder.file());
  EXPECT_EQ(count(*database), 10);
  EXPECT_EQ(count(*database, "t WHERE x LIKE '%changed'"), 0);
  EXPECT_TRUE(database->check().has_value());
  EXPECT_TRUE(Transaction::begin(*database, Transaction::Kind::write).has_value()) << "its lock is gone";
}

TEST_F(DatabaseTest, WhatWasCommittedOutlivesAnyNumberOfKills) {
  { ASSERT_TRUE(opened(folder.file())->execute("CREATE TABLE t(x INTEGER) STRICT")); }
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    TestSignal committed;
    TestProcess writer([&] {
      auto database = opened(folder.file());
      while (true) {
        auto transaction = Transaction::begin(*database, Transaction::Kind::write);
        // Two rows, so that half of a transaction would show.
        if (!transaction || !database->execute("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)")) return 1;
        if (!transaction->commit()) return 2;
        committed.give();
      }
    });
    // The writer goes on meanwhile: it is killed wherever it is by then.
    for (int i = 0; i <= round; ++i) committed.await();
    acknowledged += round + 1;
    EXPECT_EQ(writer.kill(), -SIGKILL);
    const auto database = opened(folder.file());
    const std::int64_t rows = count(*database);
    EXPECT_GE(rows, 2 * acknowledged);
    EXPECT_EQ(rows % 2, 0);
    EXPECT_TRUE(database->check().has_value());
    acknowledged = rows / 2;
  }
}

}  // namespace
}  // namespace tenfold::store
