#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "oncall/outbox/ledger.hpp"
#include "oncall/service/journal.hpp"
#include "oncall/service/service_fixture_test.hpp"
#include "store/test_disk.hpp"
#include "store/test_folder.hpp"
#include "store/test_process.hpp"

// Disks that are full or may not be written, for real: in a child process, which may become nobody or mount a small
// disk of its own. Its exit code says which step went wrong; 77: the machine does not allow the test.
namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

constexpr int not_permitted = 77;

std::unique_ptr<OnCall> started(const Clock& clock, const std::string& file, Log& log) {
  auto made = OnCall::make({.clock = clock,
                            .store_file = file,
                            .make_channels = [&log](transfer::Poller& poller) -> Result<OnCall::Channels> {
                              OnCall::Channels channels;
                              channels.push_back(channel(poller, log, "sip", ChannelKind::call, delivered));
                              return channels;
                            }},
                           plan());
  if (!made) return nullptr;
  (*made)->start();
  return std::move(*made);
}

bool is_delivered(const OnCall& oncall) {
  const auto view = oncall.view();
  return view->alerts.size() == 1 && !view->alerts[0].sends.empty() && view->alerts[0].sends[0].state == "delivered";
}

bool is_on_disk(const std::string& file, std::string_view state) {
  auto ledger = Ledger::open(file, {});
  if (!ledger) return false;
  const auto kept = ledger->read();
  return kept && kept->book.alerts.size() == 1 && kept->sends.size() == 1 && name(kept->sends[0].state) == state;
}

int ring_with_a_file_that_may_not_be_written(const std::string& folder, const std::string& file) {
  if (::geteuid() == 0 && ::seteuid(65534) != 0) return not_permitted;
  const SystemClock clock;
  Log log;
  const auto oncall = started(clock, file, log);
  if (!oncall) return 1;
  oncall->trouble(trouble("front-page"));
  if (!eventually([&] { return is_delivered(*oncall) && oncall->view()->from_memory; })) return 2;
  if (oncall->view()->store_error.find("may not be written") == std::string::npos) return 3;
  if (log.all().at(0).text.find("may not be written") == std::string::npos) return 4;
  if (::seteuid(0) != 0 && ::getuid() == 0) return not_permitted;
  if (::chmod(folder.c_str(), 0777) != 0 || ::chmod(file.c_str(), 0666) != 0) return 5;
  if (!eventually([&] { return !oncall->view()->from_memory; })) return 6;
  return is_on_disk(file, "delivered") && log.all().size() == 1 ? 0 : 7;
}

TEST(Fault, AFileThatMayNotBeWrittenRingsFromMemoryAndIsJoinedLater) {
  const store::TestFolder folder;
  ASSERT_TRUE(Ledger::open(folder.file(), {}));
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  ASSERT_EQ(::chmod(folder.file().c_str(), 0444), 0);
  store::TestProcess process(
      [&] { return ring_with_a_file_that_may_not_be_written(folder.path().string(), folder.file()); });
  const int code = process.wait();
  if (code == not_permitted) GTEST_SKIP() << "may not change to another user here";
  EXPECT_EQ(code, 0);
}

bool fill(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  const std::string block(512, 'x');
  while (::write(descriptor, block.data(), block.size()) > 0) continue;
  ::close(descriptor);
  return true;
}

int ring_on_a_full_disk(const std::string& folder) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=1m") != 0) {
    return not_permitted;
  }
  const std::string file = folder + "/tenfold.db";
  if (!Ledger::open(file, {}) || !fill(folder + "/filler")) return 1;
  const SystemClock clock;
  Log log;
  const auto oncall = started(clock, file, log);
  if (!oncall) return 2;
  oncall->trouble(trouble("front-page"));
  if (!eventually([&] { return is_delivered(*oncall) && oncall->view()->from_memory; })) return 3;
  if (oncall->view()->store_error.find("disk is full") == std::string::npos) return 4;
  if (log.all().at(0).text.find("disk is full") == std::string::npos) return 5;
  std::filesystem::remove(folder + "/filler");
  if (!eventually([&] { return !oncall->view()->from_memory; })) return 6;
  return is_on_disk(file, "delivered") && log.all().size() == 1 ? 0 : 7;
}

TEST(Fault, AFullDiskRingsFromMemoryAndIsJoinedLater) {
  const store::TestFolder folder;
  store::TestProcess process([&] { return ring_on_a_full_disk(folder.path().string()); });
  const int code = process.wait();
  if (code == not_permitted) GTEST_SKIP() << "may not mount here";
  EXPECT_EQ(code, 0);
}

class HangingDisk : public testing::Test {
 protected:
  ~HangingDisk() override {
    oncall_.reset();
    disk_.release();
    EXPECT_TRUE(eventually([&] { return disk_.waiting() == 0; }));
  }
  void start() { oncall_ = started(clock_, folder_.file(), log_); }
  std::string text(std::size_t number) const { return log_.all().at(number).text; }

  const SystemClock clock_;
  const store::TestFolder folder_;
  store::TestDisk disk_;
  Log log_;
  std::unique_ptr<OnCall> oncall_;
};

TEST_F(HangingDisk, RingsFromMemoryAndIsJoinedWhenItAnswers) {
  start();
  oncall_->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return is_delivered(*oncall_) && !oncall_->view()->from_memory; }));
  disk_.hold();
  oncall_->drill("");
  ASSERT_TRUE(eventually([&] { return log_.all().size() == 2; })) << "nothing rings while the disk hangs";
  EXPECT_EQ(disk_.waiting(), 1u);
  EXPECT_NE(text(1).find("the disk does not answer (3 s)"), std::string::npos) << text(1);
  ASSERT_TRUE(eventually([&] { return oncall_->view()->from_memory; }));
  EXPECT_NE(oncall_->view()->store_error.find("the disk does not answer"), std::string::npos);

  // What comes next does not wait for it again, and nothing is asked of the disk that it has not answered before.
  const TimePoint began = clock_.now();
  constexpr int acts = 20;
  for (int act = 1; act <= acts; ++act) {
    const WallTime until = clock_.wall_now() + act * 1h;
    oncall_->silence(1, until);
    ASSERT_TRUE(eventually([&] {
      const auto alerts = oncall_->view()->alerts;
      return std::ranges::any_of(alerts, [&](const auto& each) { return each.alert.quiet_until == until; });
    }));
  }
  EXPECT_LT(clock_.now() - began, acts * Journal::patience / 2);
  EXPECT_EQ(disk_.waiting(), 1u);

  disk_.release();
  ASSERT_TRUE(eventually([&] { return !oncall_->view()->from_memory; }));
  oncall_.reset();
  auto ledger = Ledger::open(folder_.file(), {});
  ASSERT_TRUE(ledger);
  const auto kept = ledger->read();
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->sends.size(), 2u);
  EXPECT_EQ(kept->sends[1].state, SendState::delivered);
  EXPECT_EQ(log_.all().size(), 2u) << "nobody is rung twice for it";
}

TEST_F(HangingDisk, AtTheStartItRingsFromMemoryToo) {
  disk_.hold();
  start();
  oncall_->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return log_.all().size() == 1; })) << "nothing rings while the disk hangs";
  EXPECT_NE(text(0).find("the disk does not answer (10 s)"), std::string::npos) << text(0);
  disk_.release();
  ASSERT_TRUE(eventually([&] { return is_on_disk(folder_.file(), "delivered"); }));
  EXPECT_EQ(log_.all().size(), 1u);
}

TEST_F(HangingDisk, TheEndDoesNotWaitForItForEver) {
  start();
  oncall_->trouble(trouble("front-page"));
  ASSERT_TRUE(eventually([&] { return is_delivered(*oncall_) && !oncall_->view()->from_memory; }));
  disk_.hold();
  oncall_->drill("");
  ASSERT_TRUE(eventually([&] { return log_.all().size() == 2; }));
  const TimePoint began = clock_.now();
  oncall_.reset();
  EXPECT_LT(clock_.now() - began, 20s);
  EXPECT_EQ(disk_.waiting(), 1u);
}

}  // namespace
}  // namespace tenfold::oncall
