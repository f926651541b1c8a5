#include "ready/evidence.hpp"

#include <gtest/gtest.h>

#include "store/test_folder.hpp"

namespace tenfold::ready {
namespace {

using namespace std::chrono_literals;

const WallTime noon{1'800'000'000s};

Evidence rehearsal(WallTime at, std::string verdict = "PASS") {
  return {.kind = "rehearsal",
          .at = at,
          .subject = "https://shop.example/",
          .verdict = std::move(verdict),
          .summary = R"({"p99_ms": 412.5, "note": "ünïcode"})"};
}

class EvidenceTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = store::Database::open(folder.file(), {.durability = store::OpenOptions::Durability::normal});
    ASSERT_TRUE(opened.has_value()) << opened.error().text();
    database = std::move(*opened);
    auto made = EvidenceBook::open(*database);
    ASSERT_TRUE(made.has_value()) << made.error().text();
    book.emplace(*made);
  }
  Errc refusal_of(const Evidence& evidence) {
    const auto recorded = book->record(evidence);
    EXPECT_FALSE(recorded.has_value());
    return recorded ? Errc::failed : recorded.error().code;
  }

  store::TestFolder folder;
  std::unique_ptr<store::Database> database;
  std::optional<EvidenceBook> book;
};

TEST_F(EvidenceTest, GivesBackWhatWasRecorded) {
  const auto id = book->record(rehearsal(noon + 1500us));
  ASSERT_TRUE(id.has_value()) << id.error().text();
  const auto latest = book->latest("rehearsal");
  ASSERT_TRUE(latest && *latest);
  EXPECT_EQ((*latest)->id, *id);
  EXPECT_EQ((*latest)->at, noon + 1ms);
  EXPECT_EQ((*latest)->subject, "https://shop.example/");
  EXPECT_EQ((*latest)->verdict, "PASS");
  EXPECT_EQ((*latest)->summary, rehearsal(noon).summary);
}

TEST_F(EvidenceTest, NothingIsNoError) {
  const auto latest = book->latest("rehearsal");
  ASSERT_TRUE(latest.has_value());
  EXPECT_FALSE(latest->has_value());
  EXPECT_TRUE(book->list(10)->empty());
}

TEST_F(EvidenceTest, TheNewestIsTheLatestAndThenTheLastRecorded) {
  book->record(rehearsal(noon, "first"));
  book->record(rehearsal(noon, "second"));
  book->record(rehearsal(noon - 1h, "older, recorded later"));
  EXPECT_EQ((**book->latest("rehearsal")).verdict, "second");
  const auto all = *book->list(10);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].verdict, "second");
  EXPECT_EQ(all[2].verdict, "older, recorded later");
  EXPECT_EQ(book->list(2)->size(), 2u);
  EXPECT_TRUE(book->list(0)->empty());
}

TEST_F(EvidenceTest, OfEachKindTheNewestThousandStay) {
  Evidence drill = rehearsal(noon - 24h);
  drill.kind = "drill-phone";
  ASSERT_TRUE(book->record(drill));
  for (int i = 0; i < most_of_a_kind; ++i) ASSERT_TRUE(book->record(rehearsal(noon + i * 1min)));
  EXPECT_EQ(book->list(5000)->size(), longest_list);
  const auto oldest_at = [&] {
    auto statement = *database->prepare("SELECT count(*), min(at_ms) FROM evidence WHERE kind='rehearsal'");
    EXPECT_TRUE(statement.step());
    EXPECT_EQ(statement.integer(0), most_of_a_kind);
    return WallTime(std::chrono::milliseconds(statement.integer(1)));
  };
  EXPECT_EQ(oldest_at(), noon);
  // when there is one more, the oldest of its kind goes, and none of another
  ASSERT_TRUE(book->record(rehearsal(noon + 100h)));
  EXPECT_EQ(oldest_at(), noon + 1min);
  EXPECT_TRUE(book->latest("drill-phone")->has_value());
}

TEST_F(EvidenceTest, RefusesWhatItCannotKeep) {
  for (const char* kind : {"", "Rehearsal", "a b", "ä"}) {
    Evidence evidence = rehearsal(noon);
    evidence.kind = kind;
    EXPECT_EQ(refusal_of(evidence), Errc::invalid) << kind;
  }
  for (const char* summary : {"", "{", "{\"a\": 1} x", "nothing"}) {
    Evidence evidence = rehearsal(noon);
    evidence.summary = summary;
    EXPECT_EQ(refusal_of(evidence), Errc::invalid) << summary;
  }
  EXPECT_EQ(refusal_of(rehearsal(noon, "")), Errc::invalid);
  EXPECT_EQ(refusal_of(rehearsal(noon, std::string(65, 'x'))), Errc::too_large);
  Evidence wide = rehearsal(noon);
  wide.subject.assign(longest_subject_bytes + 1, 'x');
  EXPECT_EQ(refusal_of(wide), Errc::too_large);
  Evidence long_summary = rehearsal(noon);
  long_summary.summary = '"' + std::string(longest_summary_bytes - 2, 'x') + '"';
  EXPECT_TRUE(book->record(long_summary));
  long_summary.summary += ' ';
  EXPECT_EQ(refusal_of(long_summary), Errc::too_large);
  EXPECT_EQ(book->list(10)->size(), 1u);
}

TEST(RecordEvidence, MakesTheStoreAndAddsToIt) {
  const store::TestFolder folder;
  EXPECT_EQ(record_evidence(folder.file(), rehearsal(noon)), 1);
  EXPECT_EQ(record_evidence(folder.file(), rehearsal(noon + 1h, "FAIL")), 2);
  auto database = *store::Database::open(folder.file());
  EXPECT_EQ((**EvidenceBook::open(*database)->latest("rehearsal")).verdict, "FAIL");
}

TEST(RecordEvidence, SaysWhereItCannot) {
  const store::TestFolder folder;
  const auto recorded = record_evidence(folder.file("none/tenfold.db"), rehearsal(noon));
  ASSERT_FALSE(recorded.has_value());
  EXPECT_EQ(recorded.error().code, Errc::not_found);
}

}  // namespace
}  // namespace tenfold::ready
