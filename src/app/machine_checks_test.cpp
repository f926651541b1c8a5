#include "app/machine_checks.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "net/tls/test_certificates.hpp"

namespace tenfold::app {
namespace {

using ::testing::HasSubstr;

TEST(MachineChecks, UsersAndGroupsOfThisMachine) {
  EXPECT_EQ(check_user("root"), "");
  EXPECT_EQ(check_group("root"), "");
  EXPECT_THAT(check_user("nobody-of-that-name"), HasSubstr("there is no user \"nobody-of-that-name\""));
  EXPECT_THAT(check_group("nobody-of-that-name"), HasSubstr("there is no group \"nobody-of-that-name\""));
}

TEST(MachineChecks, AStoreIsSqlitesOrNotThereYet) {
  const net::TestFolder folder;
  EXPECT_EQ(check_store(folder.path("none")), "");
  EXPECT_EQ(check_store(folder.write("empty", "")), "");
  EXPECT_EQ(check_store(folder.write("begun", std::string_view("SQLite format 3\0more", 20))), "");
  EXPECT_THAT(check_store(folder.write("text", "shop: Corner Shop, and more of it\n")),
              HasSubstr("text is no SQLite file"));
  EXPECT_THAT(check_store(folder.write("short", "SQLite format 3")), HasSubstr("is no SQLite file"));
  EXPECT_THAT(check_store(folder.path("")), HasSubstr("is no SQLite file"));
}

std::string said(const std::optional<config::AccessLogFinding>& finding, config::AccessLogFinding::Weight weight) {
  if (!finding) return {};
  EXPECT_EQ(finding->weight, weight);
  return finding->message;
}
std::string log_error(const std::string& path, const std::string& user = "") {
  return said(check_access_log(path, user, ""), config::AccessLogFinding::Weight::error);
}

TEST(MachineChecks, AnAccessLogIsAFileThatIsThereOrNot) {
  const net::TestFolder folder;
  EXPECT_EQ(log_error(folder.path("none")), "");
  EXPECT_FALSE(std::filesystem::exists(folder.path("none"))) << "looking makes nothing";
  EXPECT_EQ(log_error(folder.write("some", "line\n")), "");
  EXPECT_EQ(log_error("/dev/null"), "");
}

TEST(MachineChecks, AnAccessLogIsNoFolder) {
  const net::TestFolder folder;
  std::filesystem::create_directory(folder.path("logs"));
  EXPECT_THAT(log_error(folder.path("logs")), HasSubstr("logs is a folder; expected a file's path"));
}

TEST(MachineChecks, AnAccessLogThatIsAPipeNeedsItsReader) {
  const net::TestFolder folder;
  const std::string pipe = folder.path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(log_error(pipe), HasSubstr("pipe is a pipe that nobody reads"));
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  EXPECT_EQ(log_error(pipe), "");
  ::close(reader);
}

TEST(MachineChecks, AnAccessLogIsNoSocket) {
  const net::TestFolder folder;
  const std::string socket = folder.path("socket");
  ASSERT_EQ(::mknod(socket.c_str(), S_IFSOCK | 0600, 0), 0);
  EXPECT_THAT(log_error(socket), HasSubstr("socket is a socket, which cannot be opened"));
}

TEST(MachineChecks, AnAccessLogThatIsALinkNeedsItsTargetsFolder) {
  const net::TestFolder folder;
  std::filesystem::create_symlink("none/access.log", folder.path("first"));
  std::filesystem::create_symlink(folder.path("first"), folder.path("second"));
  EXPECT_THAT(log_error(folder.path("second")), HasSubstr("there is no folder " + folder.path("none")));
  std::filesystem::create_directory(folder.path("none"));
  EXPECT_EQ(log_error(folder.path("second")), "");
}

TEST(MachineChecks, AnAccessLogMustBeItsUsersToWrite) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can look as another user";
  const net::TestFolder folder;
  const std::string log = folder.write("access.log", "");
  std::filesystem::permissions(folder.path(""), std::filesystem::perms(0755));
  EXPECT_THAT(log_error(log, "nobody"), HasSubstr("user nobody may not write"));
  EXPECT_THAT(log_error(folder.path("none"), "nobody"), HasSubstr("user nobody may not write"));
  EXPECT_EQ(log_error(log, "root"), "");
  EXPECT_EQ(::geteuid(), 0u);
}

TEST(MachineChecks, AFolderThatTakesNoNewFileIsWarnedOf) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can look as another user";
  const net::TestFolder folder;
  const std::string log = folder.write("access.log", "");
  std::filesystem::permissions(folder.path(""), std::filesystem::perms(0755));
  std::filesystem::permissions(log, std::filesystem::perms(0666));
  EXPECT_THAT(said(check_access_log(log, "nobody", ""), config::AccessLogFinding::Weight::warning),
              HasSubstr("after a rotation the log cannot be opened anew"));
  std::filesystem::permissions(folder.path(""), std::filesystem::perms(0777));
  EXPECT_EQ(log_error(log, "nobody"), "");
}

TEST(MachineChecks, AUserThatIsNotThereIsNotTheLogsFault) {
  const net::TestFolder folder;
  EXPECT_EQ(log_error(folder.path("none"), "nobody-of-that-name"), "");
}

}  // namespace
}  // namespace tenfold::app
