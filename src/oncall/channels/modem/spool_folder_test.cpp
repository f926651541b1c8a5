#include "oncall/channels/modem/spool_folder.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>

namespace tenfold::oncall::channels {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SpoolFolderTest : public ::testing::Test {
 protected:
  SpoolFolderTest() {
    std::string pattern = (fs::temp_directory_path() / "tenfold-spool-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    folder_ = root_ / "outgoing";
    staging_ = folder_ / staging_folder;
    fs::create_directory(folder_);
  }
  ~SpoolFolderTest() override { fs::remove_all(root_); }

  static std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void leave(const std::string& name, std::time_t age_s) {
    fs::create_directory(staging_);
    std::ofstream(staging_ / name) << "half";
    const timespec then[2] = {{std::time(nullptr) - age_s, 0}, {std::time(nullptr) - age_s, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (staging_ / name).c_str(), then, 0), 0);
  }
  static std::ptrdiff_t files_in(const fs::path& folder) { return std::distance(fs::directory_iterator(folder), {}); }

  fs::path root_;
  fs::path folder_;
  fs::path staging_;
};

TEST_F(SpoolFolderTest, AFileIsThereWholeAndNothingElse) {
  ASSERT_TRUE(put_file(folder_, "one", "text"));
  EXPECT_EQ(content(folder_ / "one"), "text");
  EXPECT_EQ(fs::status(folder_ / "one").permissions(), fs::perms(0660));
  EXPECT_EQ(files_in(folder_), 2) << "the file, and the folder in which it was written";
  EXPECT_TRUE(fs::is_empty(staging_));
  ASSERT_TRUE(put_file(folder_, "one", "again"));
  EXPECT_EQ(content(folder_ / "one"), "again");
}

TEST_F(SpoolFolderTest, WhatAKilledProcessLeftGoesAfterAMinute) {
  leave("fresh", 30);
  leave("old", 120);
  ASSERT_TRUE(put_file(folder_, "one", "text"));
  EXPECT_TRUE(fs::exists(staging_ / "fresh")) << "another Tenfold may be writing it";
  EXPECT_FALSE(fs::exists(staging_ / "old"));
}

TEST_F(SpoolFolderTest, ManyLeftoversGoLittleByLittle) {
  for (std::size_t i = 0; i < most_leftovers_at_once + 50; ++i) leave(std::to_string(i), 120);
  ASSERT_TRUE(put_file(folder_, "one", "text"));
  EXPECT_EQ(files_in(staging_), 50);
  ASSERT_TRUE(put_file(folder_, "two", "text"));
  EXPECT_TRUE(fs::is_empty(staging_));
}

TEST_F(SpoolFolderTest, ALinkIsNotFollowed) {
  fs::create_directory(root_ / "elsewhere");
  fs::create_directory_symlink(root_ / "elsewhere", staging_);
  EXPECT_FALSE(put_file(folder_, "one", "text"));
  EXPECT_TRUE(fs::is_empty(root_ / "elsewhere"));
}

TEST_F(SpoolFolderTest, ErrorsNameTheFile) {
  fs::remove(folder_);
  const auto put = put_file(folder_, "one", "text");
  ASSERT_FALSE(put);
  EXPECT_THAT(put.error().text(), HasSubstr((staging_ / "one").string()));
  fs::create_directories(folder_ / "one");
  const auto renamed = put_file(folder_, "one", "text");
  ASSERT_FALSE(renamed);
  EXPECT_THAT(renamed.error().text(), HasSubstr("renaming"));
  EXPECT_TRUE(fs::is_empty(staging_));
}

}  // namespace
}  // namespace tenfold::oncall::channels
