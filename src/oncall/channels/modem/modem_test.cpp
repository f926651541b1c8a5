#include "oncall/channels/modem/modem.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "oncall/channels/channel_fixture_test.hpp"
#include "oncall/channels/modem/spool_file.hpp"

namespace tenfold::oncall::channels {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using State = Report::State;

// The test moves the files as smsd does.
class ModemTest : public ChannelFixture {
 protected:
  ModemTest() {
    std::string pattern = (fs::temp_directory_path() / "tenfold-modem-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    for (const char* name : {"outgoing", "checked", "sent", "failed"}) fs::create_directory(root_ / name);
    options_ = {.outgoing = root_ / "outgoing", .poll_every = 2ms};
  }
  ~ModemTest() override { fs::remove_all(root_); }

  Modem& modem() {
    if (!modem_) modem_ = std::make_unique<Modem>(options_, *poller_, *transfers_, clock_);
    return *modem_;
  }
  fs::path in(const char* folder) const { return root_ / folder / spool_name(key_); }
  static std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static void put(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }
  Report second() {
    until([&] { return reports_.size() >= 2; });
    return reports_.size() >= 2 ? reports_[1] : Report();
  }
  Report found(WallTime tried_at) {
    reports_.clear();
    modem().find("+4930", key_, "", tried_at, collect());
    until([&] { return !reports_.empty(); });
    return reports_.empty() ? Report() : reports_.front();
  }

  fs::path root_;
  ModemOptions options_;
  std::unique_ptr<Modem> modem_;
};

TEST_F(ModemTest, WritesAWholeFileAndWatchesItGo) {
  const Report report = sent(modem(), "+4930");
  EXPECT_EQ(report.state, State::sent);
  EXPECT_TRUE(modem().survives_uplink());
  EXPECT_EQ(content(in("outgoing")),
            "To: 4930\nAlphabet: UTF-8\nAutosplit: 3\n\n" + message_.text + "\n" + message_.acknowledge_url);
  EXPECT_EQ(fs::status(in("outgoing")).permissions(), fs::perms(0660));
  for (const fs::directory_entry& entry : fs::directory_iterator(root_ / "outgoing")) {
    EXPECT_TRUE(entry.is_directory() || entry.path() == in("outgoing")) << "smsd would read " << entry.path();
  }
  fs::rename(in("outgoing"), in("checked"));
  poller_->run_until(poller_->now() + 10ms);
  EXPECT_EQ(reports_.size(), 1u);
  fs::rename(in("checked"), in("sent"));
  EXPECT_EQ(second().state, State::delivered);
  EXPECT_EQ(second().id, spool_name(key_));
}

TEST_F(ModemTest, WritesTheShortTextWhereThereIsOne) {
  message_.short_text = "front-page: down, since 03:00\n" + message_.acknowledge_url;
  sent(modem(), "+4930");
  EXPECT_EQ(content(in("outgoing")), "To: 4930\nAlphabet: UTF-8\nAutosplit: 3\n\n" + message_.short_text)
      << "its link is in it already";
}

TEST_F(ModemTest, SaysWhyItFailed) {
  sent(modem(), "+4930");
  fs::remove(in("outgoing"));
  put(in("failed"),
      "To: 4930\nModem: GSM1\nFail_reason: +CMS ERROR: 38 (Network out of order)\n\nFail_reason: not this");
  EXPECT_EQ(second().state, State::failed);
  EXPECT_TRUE(second().retry);
  EXPECT_EQ(second().detail, "smsd could not send it: +CMS ERROR: 38 (Network out of order)");
}

TEST_F(ModemTest, AnEarlierTrysEndIsNotThisOnes) {
  put(in("failed"), "Fail_reason: old\n\n");
  const timespec old[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, in("failed").c_str(), old, 0), 0);
  // Its inode has just been changed, so that the next try is made to be of later.
  wall_.set_wall(clock_.wall_now() + 1h);
  Modem modem(options_, *poller_, *transfers_, wall_);
  sent(modem, "+4930");
  fs::rename(in("outgoing"), in("checked"));
  poller_->run_until(poller_->now() + 20ms);
  EXPECT_EQ(reports_.size(), 1u);
}

TEST_F(ModemTest, WhatIsNotTakenInTimeIsTakenBack) {
  options_.poll_for = 10ms;
  sent(modem(), "+4930");
  EXPECT_EQ(second().state, State::failed);
  EXPECT_TRUE(second().retry);
  EXPECT_THAT(second().detail, HasSubstr("is it running?"));
  EXPECT_FALSE(fs::exists(in("outgoing")));
}

TEST_F(ModemTest, WhatTheModemHoldsForTooLongIsUnknown) {
  options_.poll_for = 1s;  // longer than a busy machine takes until the next line
  sent(modem(), "+4930");
  fs::rename(in("outgoing"), in("checked"));
  EXPECT_EQ(second().state, State::unknown);
}

TEST_F(ModemTest, WhatIsThereStillIsNotPutASecondTime) {
  sent(modem(), "+4930");
  fs::rename(in("outgoing"), in("checked"));
  reports_.clear();
  modem_.reset();
  EXPECT_EQ(sent(modem(), "+4930").state, State::sent);
  EXPECT_FALSE(fs::exists(in("outgoing"))) << "smsd 3.1.21 ends when a name is in both folders";
  fs::rename(in("checked"), in("sent"));
  EXPECT_EQ(second().state, State::delivered);
}

TEST_F(ModemTest, WhereNoRecordIsKeptWhatIsGoneIsSent) {
  fs::remove(root_ / "sent");
  sent(modem(), "+4930");
  fs::remove(in("outgoing"));
  EXPECT_EQ(second().state, State::delivered);
}

TEST_F(ModemTest, ASlashAtTheFoldersEndDoesNotCount) {
  options_.outgoing += "/";
  sent(modem(), "+4930");
  fs::rename(in("outgoing"), in("sent"));
  EXPECT_EQ(second().state, State::delivered);
}

TEST_F(ModemTest, WhereARecordIsKeptWhatIsGoneIsUnknown) {
  sent(modem(), "+4930");
  fs::remove(in("outgoing"));
  EXPECT_EQ(second().state, State::unknown);
}

TEST_F(ModemTest, AFolderThatCannotBeWrittenIsNamed) {
  fs::remove(root_ / "outgoing");
  const Report report = sent(modem(), "+4930");
  EXPECT_EQ(report.state, State::failed);
  EXPECT_TRUE(report.retry);
  EXPECT_THAT(report.detail, HasSubstr((root_ / "outgoing").string()));
}

TEST_F(ModemTest, AFullFolderIsNotFilledFurther) {
  for (std::size_t i = 0; i + 1 < Modem::most_waiting; ++i) put(root_ / "outgoing" / std::to_string(i), "x");
  EXPECT_EQ(sent(modem(), "+4930").state, State::sent);
  const Report report = sent(modem(), "+4930");
  EXPECT_EQ(report.state, State::failed);
  EXPECT_TRUE(report.retry);
}

TEST_F(ModemTest, ANumberCannotCarryAHeader) {
  for (const char* to : {"", "4930", "+49\nFlash: yes", "+49 30"}) {
    const Report report = sent(modem(), to);
    EXPECT_EQ(report.state, State::failed);
    EXPECT_FALSE(report.retry);
  }
  EXPECT_TRUE(fs::is_empty(root_ / "outgoing"));
}

TEST_F(ModemTest, AfterARestartItIsFoundByItsName) {
  const WallTime before = clock_.wall_now();
  EXPECT_EQ(found(before).state, State::failed);
  EXPECT_TRUE(found(before).retry);
  sent(modem(), "+4930");
  modem_.reset();
  EXPECT_EQ(found(before).state, State::sent);
  fs::rename(in("outgoing"), in("sent"));
  EXPECT_EQ(second().state, State::delivered);
  EXPECT_EQ(found(before).state, State::delivered);
}

// gammu-smsd leaves a file in its outbox until it is sent, and names where it goes by the file's name.
TEST_F(ModemTest, GammusFoldersAreSpokenAsWell) {
  for (const char* name : {"outbox", "error", "inbox"}) fs::create_directory(root_ / name);
  options_.kind = SpoolKind::gammu;
  options_.outgoing = root_ / "outbox";
  message_.short_text = "St\u00f6rung \U0001f600";
  message_.acknowledge_url.clear();
  const fs::path name = gammu_name(key_, "+4930");
  EXPECT_EQ(sent(modem(), "+4930").state, State::sent);
  EXPECT_EQ(content(root_ / "outbox" / name), std::string("\xfe\xff\0S\0t\0\xf6\0r\0u\0n\0g\0 \xd8\x3d\xde\x00", 22));
  modem_.reset();
  EXPECT_EQ(sent(modem(), "+4930").state, State::sent) << "it is there still";
  fs::rename(root_ / "outbox" / name, root_ / "error" / name);
  EXPECT_EQ(second().state, State::failed);
  EXPECT_EQ(second().detail, "gammu-smsd could not send it");
  EXPECT_EQ(sent(modem(), "+4930").state, State::sent);
  fs::rename(root_ / "outbox" / name, root_ / "sent" / name);
  EXPECT_EQ(second().state, State::delivered);
  std::vector<Reply> replies;
  modem().hear_replies([&](const Reply& reply) { replies.push_back(reply); });
  put(root_ / "inbox" / "IN20261125_031210_00_+4930123456_00.txt", std::string("\xfe\xff\0001", 4));
  until([&] { return !replies.empty(); });
  EXPECT_EQ(replies.front().from, "+4930123456");
}

TEST_F(ModemTest, RepliesAreHeardWhileSomebodyListens) {
  fs::create_directory(root_ / "incoming");
  std::vector<Reply> replies;
  modem().hear_replies([&](const Reply& reply) {
    replies.push_back(reply);
    modem().hear_replies({});  // it may end the listening
  });
  put(root_ / "incoming" / "GSM1.a", "From: 4930123456\n\n1");
  until([&] { return !replies.empty(); });
  EXPECT_EQ(replies.front().text, "1");
  put(root_ / "incoming" / "GSM1.b", "From: 4930123456\n\n2");
  poller_->run_until(poller_->now() + 20ms);
  EXPECT_EQ(replies.size(), 1u);
}

TEST(SpoolFile, GammusNamesAreShortAndSayWhereTheyGo) {
  const std::string name = gammu_name(std::string(5000, '/'), "+49301234567890123456");
  EXPECT_LT(name.size(), 100u);
  EXPECT_EQ(name.find('/'), std::string::npos);
  EXPECT_EQ(name.find("OUTA00000000_000000_00_+49301234567890123456_tenfold-"), 0u);
  EXPECT_NE(gammu_name("a", "+49"), gammu_name("b", "+49"));
}

TEST(SpoolFile, NamesAreSafeAndDiffer) {
  EXPECT_EQ(spool_name("7-a_b"), "tenfold-7-a_b");
  EXPECT_EQ(spool_name("../x"), "tenfold-=2e=2e=2fx");
  EXPECT_LE(spool_name(std::string(5000, 'k')).size(), 150u);
  EXPECT_NE(spool_name(std::string(5000, 'k') + "1"), spool_name(std::string(5000, 'k') + "2"));
}

TEST(SpoolFile, ReasonsAreOfTheHeaderOnly) {
  EXPECT_EQ(fail_reason(""), "");
  EXPECT_EQ(fail_reason("To: 1\n\nFail_reason: x"), "");
  EXPECT_EQ(fail_reason("Fail_reason:"), "");
  EXPECT_EQ(fail_reason("Fail_reason: a\x07"
                        "b"),
            "a b");
}

}  // namespace
}  // namespace tenfold::oncall::channels
