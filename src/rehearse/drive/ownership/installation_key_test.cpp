#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "rehearse/drive/ownership/ownership.hpp"

namespace tenfold::rehearse {
namespace {

class InstallationKeyTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "tenfold_key_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    file_ = folder_ + "/key";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(std::string_view text, mode_t mode) {
    std::ofstream(file_) << text;
    ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
  }
  std::string folder_;
  std::string file_;
};

TEST_F(InstallationKeyTest, IsMadeOnceForItsOwnerAlone) {
  const auto made = installation_key(file_);
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(made->size(), 32u);

  EXPECT_EQ(installation_key(file_).value(), *made);

  struct stat about {};
  ASSERT_EQ(::stat(file_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(InstallationKeyTest, TwoInstallationsHaveDifferentOnes) {
  const auto first = installation_key(file_);
  std::filesystem::remove(file_);
  EXPECT_NE(installation_key(file_).value(), *first);
}

TEST_F(InstallationKeyTest, OneThatOthersMayReadIsRefused) {
  write(std::string(64, 'a') + "\n", 0640);
  const auto key = installation_key(file_);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Errc::invalid);
  EXPECT_THAT(key.error().detail, testing::HasSubstr("chmod 600"));
}

TEST_F(InstallationKeyTest, WhatIsNoKeyIsRefusedAndLeftAlone) {
  for (const std::string& text : {std::string(), std::string("key"), std::string(63, 'a'), std::string(65, 'a'),
                                  std::string(64, 'g'), std::string(64, 'a') + "\n\n"}) {
    write(text, 0600);
    const auto key = installation_key(file_);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code, Errc::invalid);
    EXPECT_EQ(std::filesystem::file_size(file_), text.size());
  }
}

TEST_F(InstallationKeyTest, AMissingFolderIsAnError) { EXPECT_FALSE(installation_key(folder_ + "/none/key")); }

}  // namespace
}  // namespace tenfold::rehearse
