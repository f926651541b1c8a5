#include "store/statement.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "store/database.hpp"
#include "store/test_folder.hpp"
#include "store/transaction.hpp"

namespace tenfold::store {
namespace {

using Step = Statement::Step;

class StatementTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Database::open(folder.file(), {.durability = OpenOptions::Durability::normal});
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    database = std::move(*opened);
    ASSERT_TRUE(database->execute("CREATE TABLE t(i INTEGER, r REAL, x TEXT UNIQUE) STRICT"));
  }
  std::int64_t count() {
    auto statement = *database->prepare("SELECT count(*) FROM t");
    EXPECT_TRUE(statement.step());
    return statement.integer(0);
  }

  TestFolder folder;
  std::unique_ptr<Database> database;
};

TEST_F(StatementTest, GivesBackWhatWasBound) {
  auto insert = *database->prepare("INSERT INTO t VALUES(?, ?, ?)");
  const std::string with_zero("a\0b", 3);
  ASSERT_TRUE(insert.bind(std::numeric_limits<std::int64_t>::min(), 0.1, with_zero).run());
  ASSERT_TRUE(insert.bind(7u, 2.5F, "ä").run());
  ASSERT_TRUE(insert.bind(nullptr, std::optional<double>(), std::string_view()).run());

  auto select = *database->prepare("SELECT i, r, x FROM t ORDER BY rowid");
  ASSERT_EQ(select.step(), Step::row);
  EXPECT_EQ(select.integer(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(select.real(1), 0.1);
  EXPECT_EQ(select.text(2), with_zero);
  ASSERT_EQ(select.step(), Step::row);
  EXPECT_EQ(select.integer(0), 7);
  EXPECT_EQ(select.text(2), "ä");
  ASSERT_EQ(select.step(), Step::row);
  EXPECT_TRUE(select.is_null(0) && select.is_null(1));
  EXPECT_EQ(select.integer(0), 0);
  EXPECT_FALSE(select.is_null(2)) << "empty is not NULL";
  EXPECT_EQ(select.text(2), "");
  EXPECT_EQ(select.step(), Step::done);
  EXPECT_EQ(select.step(), Step::row) << "reset at its end";
}

TEST_F(StatementTest, BytesComeBackAsTheyWere) {
  ASSERT_TRUE(database->execute("CREATE TABLE b(x BLOB NOT NULL) STRICT"));
  const std::string bytes("\0\xff no text \x80\0", 13);
  auto insert = *database->prepare("INSERT INTO b VALUES(?)");
  ASSERT_TRUE(insert.bind(Blob{bytes}).run());
  ASSERT_TRUE(insert.bind(Blob{}).run());
  auto select = *database->prepare("SELECT x FROM b ORDER BY rowid");
  ASSERT_EQ(select.step(), Step::row);
  EXPECT_EQ(select.blob(0), bytes);
  ASSERT_EQ(select.step(), Step::row);
  EXPECT_FALSE(select.is_null(0)) << "empty is not NULL";
  EXPECT_EQ(select.blob(0), "");
}

TEST_F(StatementTest, WorksOnAfterAnError) {
  auto insert = *database->prepare("INSERT INTO t VALUES(1, 1.0, ?)");
  ASSERT_TRUE(insert.bind("once").run());
  const auto twice = insert.bind("once").run();
  ASSERT_FALSE(twice.has_value());
  EXPECT_EQ(twice.error().code, Errc::invalid);
  EXPECT_TRUE(insert.bind("another").run());
  EXPECT_EQ(count(), 2);
}

TEST_F(StatementTest, WhatLooksLikeSqlIsAText) {
  auto insert = *database->prepare("INSERT INTO t VALUES(1, 1.0, ?)");
  ASSERT_TRUE(insert.bind("'); DROP TABLE t; --").run());
  EXPECT_EQ(count(), 1);
}

TEST_F(StatementTest, ATransactionIsAllOrNothing) {
  {
    auto transaction = Transaction::begin(*database, Transaction::Kind::write);
    ASSERT_TRUE(transaction.has_value());
    ASSERT_TRUE(database->execute("INSERT INTO t VALUES(1, 1.0, 'a')"));
    EXPECT_TRUE(database->in_transaction());
    EXPECT_EQ(count(), 1);
  }
  EXPECT_FALSE(database->in_transaction());
  EXPECT_EQ(count(), 0);
  auto transaction = Transaction::begin(*database, Transaction::Kind::write);
  ASSERT_TRUE(database->execute("INSERT INTO t VALUES(1, 1.0, 'a')"));
  EXPECT_TRUE(transaction->commit().has_value());
  EXPECT_EQ(count(), 1);
}

TEST_F(StatementTest, AReadingTransactionSeesOneState) {
  auto other = *Database::open(folder.file(), {.durability = OpenOptions::Durability::normal});
  const auto transaction = Transaction::begin(*database, Transaction::Kind::read);
  EXPECT_EQ(count(), 0);
  ASSERT_TRUE(other->execute("INSERT INTO t VALUES(1, 1.0, 'a')"));
  EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace tenfold::store
