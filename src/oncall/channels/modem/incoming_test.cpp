#include "oncall/channels/modem/incoming.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace tenfold::oncall::channels {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(IncomingReply, IsWhatSmstoolsWrites) {
  const auto reply = incoming_reply(SpoolKind::smstools, "GSM1.abc",
                                    "From: 4930123456\nFrom_TOA: 91 international, ISDN/telephone\nReceived: 26-11-25 "
                                    "03:12:10\nReport: no\nAlphabet: ISO\nLength: 1\n\n1");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->from, "4930123456");
  EXPECT_EQ(reply->text, "1");
  const std::string wide = std::string("From: 4930123456\nAlphabet: UCS2\n\n") + std::string("\0001\000 \0007", 6);
  EXPECT_EQ(incoming_reply(SpoolKind::smstools, "x", wide)->text, "1 7");
  EXPECT_FALSE(incoming_reply(SpoolKind::smstools, "x", "From: 4930123456\nReport: yes\n\n1")) << "a receipt";
  for (const char* content : {"", "\n", "From: 4930123456\n", "From: 4930123456", "To: 4930123456\n\n1"}) {
    EXPECT_FALSE(incoming_reply(SpoolKind::smstools, "x", content)) << content;
  }
}

TEST(IncomingReply, IsWhatGammuWrites) {
  const std::string name = "IN20261125_031210_00_+4930123456_00.txt";
  const std::string wide("\xfe\xff\000\061", 4);
  for (const std::string& content : {std::string("1"), wide}) {
    const auto reply = incoming_reply(SpoolKind::gammu, name, content);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->from, "+4930123456");
    EXPECT_EQ(reply->text, "1");
  }
  for (const char* other : {"", "x", "IN.txt", "IN20261125_031210_00_+4930123456_01.txt", "IN1_2_3__00.txt",
                            "IN20261125_031210_00_+4930123456_00.bin"}) {
    EXPECT_FALSE(incoming_reply(SpoolKind::gammu, other, "1")) << other;
  }
}

class IncomingFolderTest : public ::testing::Test {
 protected:
  ~IncomingFolderTest() override { fs::remove_all(folder_); }

  // Times are the test's own, so that a coarse clock of the file system does not count.
  void put(const std::string& name, const std::string& text, std::int64_t changed_s = 5000) {
    std::ofstream(folder_ / name, std::ios::binary) << "From: 4930123456\n\n" << text;
    touch(folder_ / name, changed_s);
    touch(folder_, ++folder_changed_s_);
  }
  static void touch(const fs::path& path, std::int64_t at_s) {
    const timespec then[2] = {{at_s, 0}, {at_s, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), then, 0), 0);
  }
  std::vector<std::string> look() {
    std::vector<std::string> texts;
    for (const Reply& reply : incoming_.look(WallTime(1000s))) texts.push_back(reply.text);
    return texts;
  }

  static fs::path make() {
    std::string pattern = (fs::temp_directory_path() / "tenfold-incoming-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  fs::path folder_ = make();
  std::int64_t folder_changed_s_ = 10'000;
  IncomingFolder incoming_{SpoolKind::smstools, folder_};
};

TEST_F(IncomingFolderTest, AFileIsReadOnceWhenItGrowsNoMore) {
  put("a", "");
  EXPECT_THAT(look(), testing::IsEmpty());
  put("a", "1");  // the daemon is writing it
  EXPECT_THAT(look(), testing::IsEmpty());
  EXPECT_THAT(look(), testing::ElementsAre("1"));
  EXPECT_THAT(look(), testing::IsEmpty());
  put("b", "2");
  EXPECT_THAT(look(), testing::IsEmpty());
  EXPECT_THAT(look(), testing::ElementsAre("2"));
  EXPECT_TRUE(fs::exists(folder_ / "a")) << "it may be somebody else's to handle";
}

TEST_F(IncomingFolderTest, TheTimeIsTheFilesAndOldOnesArePassedOver) {
  put("old", "1", 999);
  put("new", "1", 1000);
  put("GSM1.LOCK", "1");
  put(".hidden", "1");
  incoming_.look(WallTime(1000s));
  const auto replies = incoming_.look(WallTime(1000s));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].at, WallTime(1000s));
}

TEST_F(IncomingFolderTest, AFolderThatCannotBeReadIsNamed) {
  fs::remove_all(folder_);
  EXPECT_THAT(look(), testing::IsEmpty());
  EXPECT_THAT(incoming_.error(), HasSubstr(folder_.string()));
}

TEST_F(IncomingFolderTest, AFullFolderIsSaid) {
  for (std::size_t i = 0; i <= IncomingFolder::most_files; ++i) std::ofstream(folder_ / std::to_string(i)) << "x";
  look();
  EXPECT_THAT(incoming_.error(), HasSubstr("more than 5000"));
}

}  // namespace
}  // namespace tenfold::oncall::channels
