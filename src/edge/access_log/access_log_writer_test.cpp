#include "edge/access_log/access_log_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;

// A disk whose moods the test chooses.
struct Disk {
  std::string written;
  std::deque<Result<std::size_t>> answers;  // for the next writes; when there are none, all is taken
  Result<void> reopening;
  std::string before_reopening;
  int largest_write = 0;
};

class DiskSink final : public AccessSink {
 public:
  explicit DiskSink(Disk& disk) : disk_(disk) {}
  Result<std::size_t> write(std::string_view bytes, Duration) override {
    Result<std::size_t> answer = bytes.size();
    if (!disk_.answers.empty()) {
      answer = disk_.answers.front();
      disk_.answers.pop_front();
    }
    if (!answer) return answer;
    const std::size_t taken = std::min(*answer, bytes.size());
    disk_.written.append(bytes.substr(0, taken));
    disk_.largest_write = std::max(disk_.largest_write, static_cast<int>(taken));
    return taken;
  }
  Result<void> reopen() override {
    if (disk_.reopening) disk_.before_reopening = std::exchange(disk_.written, {});
    return disk_.reopening;
  }

 private:
  Disk& disk_;
};

AccessEntry entry_for(std::string_view target) {
  AccessEntry entry;
  entry.method = "GET";
  entry.target = target;
  entry.status = 200;
  return entry;
}

std::ptrdiff_t lines_in(const std::string& text) { return std::ranges::count(text, '\n'); }

class AccessLogDrainTest : public testing::Test {
 protected:
  std::vector<std::string> complaints;
  Disk disk;
  AccessRing first{0};
  AccessRing second{0};
  AccessLogMetrics metrics;
  ManualClock clock;
  AccessLogDrain drain{{&first, &second},
                       std::make_unique<DiskSink>(disk),
                       AccessFormat::combined,
                       metrics,
                       [this](const std::string& text) { complaints.push_back(text); }};

  Duration pass() { return drain.pass(clock.now(), 0ms); }
  Result<std::size_t> no_space() { return fail(Errc::failed, "no space left on device"); }
};

TEST_F(AccessLogDrainTest, WritesWhatAllRingsHold) {
  first.push(entry_for("/a"));
  second.push(entry_for("/b"));

  EXPECT_LE(pass(), 100ms);

  EXPECT_EQ(lines_in(disk.written), 2);
  EXPECT_NE(disk.written.find("GET /a "), std::string::npos);
  EXPECT_NE(disk.written.find("GET /b "), std::string::npos);
  EXPECT_EQ(metrics.lines.value(), 2u);
  EXPECT_EQ(metrics.bytes.value(), disk.written.size());
}

TEST_F(AccessLogDrainTest, WritesInChunks) {
  const std::string target(1000, 'x');
  for (int i = 0; i < 200; ++i) first.push(entry_for(target));

  pass();

  EXPECT_EQ(lines_in(disk.written), 200);
  EXPECT_GE(disk.largest_write, static_cast<int>(AccessLogDrain::chunk_bytes));
  EXPECT_LT(disk.largest_write, static_cast<int>(AccessLogDrain::chunk_bytes) + 2000);
}

TEST_F(AccessLogDrainTest, APartialWriteGoesOnWhereItStopped) {
  disk.answers = {std::size_t{5}, std::size_t{0}};
  first.push(entry_for("/a"));

  EXPECT_EQ(pass(), AccessLogDrain::shortest_wait);
  EXPECT_EQ(disk.written.size(), 5u);
  EXPECT_EQ(metrics.lines.value(), 0u);
  pass();

  EXPECT_EQ(lines_in(disk.written), 1);
  EXPECT_EQ(disk.written.substr(0, 10), ":: - - [01");
  EXPECT_EQ(metrics.lines.value(), 1u);
}

TEST_F(AccessLogDrainTest, AFullDiskLosesNothingThatTheRingsCanHold) {
  first.push(entry_for("/a"));
  disk.answers = {no_space(), no_space()};
  EXPECT_EQ(pass(), AccessLogDrain::retry_wait);
  first.push(entry_for("/b"));
  EXPECT_EQ(pass(), AccessLogDrain::retry_wait);

  pass();

  EXPECT_EQ(lines_in(disk.written), 2);
  EXPECT_LT(disk.written.find("/a"), disk.written.find("/b"));
  EXPECT_EQ(metrics.write_errors.value(), 2u);
}

TEST_F(AccessLogDrainTest, WhileTheDiskIsFullMemoryStaysBoundedAndDropsAreCounted) {
  const std::string target(4000, 'x');
  std::uint64_t pushed = 0;
  for (int round = 0; round < 20; ++round) {
    disk.answers = {no_space()};
    for (int i = 0; i < 20; ++i, ++pushed) first.push(entry_for(target));
    pass();
  }
  EXPECT_GT(first.dropped(), 0u);

  disk.answers.clear();
  pass();

  EXPECT_EQ(static_cast<std::uint64_t>(lines_in(disk.written)), pushed - first.dropped());
}

TEST_F(AccessLogDrainTest, ComplainsOnceAMinute) {
  first.push(entry_for("/a"));
  const auto fail_once = [this] {
    disk.answers = {no_space()};
    pass();
  };
  fail_once();
  EXPECT_EQ(complaints.size(), 1u);
  clock.advance(59s);
  fail_once();
  EXPECT_EQ(complaints.size(), 1u);
  clock.advance(1s);
  fail_once();
  ASSERT_EQ(complaints.size(), 2u);
  EXPECT_NE(complaints.back().find("no space left"), std::string::npos);
}

TEST_F(AccessLogDrainTest, TellsHowManyLinesWereDropped) {
  const std::string target(8000, 'x');
  while (first.push(entry_for(target)) == AccessRing::Pushed::stored) {
  }

  pass();
  pass();

  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_EQ(complaints.front().substr(0, 8), "1 lines ");
}

TEST_F(AccessLogDrainTest, PassesComeFasterWhileARingFillsFast) {
  const std::string target(8000, 'x');
  const auto fill = [&](std::size_t percent) {
    while (first.used_bytes() * 100 / first.capacity_bytes() < percent) first.push(entry_for(target));
  };
  fill(20);
  EXPECT_EQ(pass(), 50ms);
  for (int i = 0; i < 10; ++i) {
    fill(30);
    pass();
  }
  fill(30);
  EXPECT_EQ(pass(), AccessLogDrain::shortest_wait);
  Duration wait{};
  for (int i = 0; i < 5; ++i) wait = pass();
  EXPECT_EQ(wait, AccessLogDrain::longest_wait);
}

TEST_F(AccessLogDrainTest, ANewFileBeginsWithAWholeLine) {
  first.push(entry_for("/a"));
  first.push(entry_for("/b"));
  disk.answers = {std::size_t{100}, std::size_t{0}};  // the first line and a part of the second
  pass();
  ASSERT_EQ(lines_in(disk.written), 1);

  drain.reopen(clock.now());
  pass();

  EXPECT_EQ(disk.before_reopening.size(), 100u);
  EXPECT_EQ(disk.written.substr(0, 5), ":: - ");
  EXPECT_EQ(lines_in(disk.written), 1);
  EXPECT_NE(disk.written.find("/b"), std::string::npos);
}

TEST_F(AccessLogDrainTest, WhenReopeningFailsTheOldFileStaysInUse) {
  disk.reopening = fail(Errc::refused, "opening /var/log/shop.log: Permission denied");
  first.push(entry_for("/a"));
  disk.answers = {std::size_t{5}, std::size_t{0}};
  pass();

  drain.reopen(clock.now());
  pass();

  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_NE(complaints.front().find("Permission denied"), std::string::npos);
  EXPECT_EQ(metrics.reopen_errors.value(), 1u);
  EXPECT_EQ(lines_in(disk.written), 1);
  EXPECT_EQ(disk.written.substr(0, 5), ":: - ");
}

TEST_F(AccessLogDrainTest, WhatCannotBeWrittenAtTheEndIsCountedAsLost) {
  first.push(entry_for("/a"));
  first.push(entry_for("/b"));
  second.push(entry_for("/c"));
  disk.answers = {no_space()};

  drain.finish(clock.now(), 0ms);

  EXPECT_EQ(metrics.lost_lines.value(), 3u);
  EXPECT_EQ(metrics.lines.value(), 0u);
  EXPECT_FALSE(complaints.empty());
}

// ---- the thread ----

TEST(AccessLogWriterTest, WritesAllThatWasPushedBeforeItStops) {
  // given two workers that push while the log is written
  const SystemClock clock;
  Disk disk;
  AccessLogMetrics metrics;
  AccessRing rings[2] = {AccessRing(0), AccessRing(0)};
  constexpr int each = 20'000;
  {
    AccessLogWriter writer(clock, {&rings[0], &rings[1]}, std::make_unique<DiskSink>(disk), AccessFormat::json, metrics,
                           [](const std::string&) {});
    const auto work = [](AccessRing& ring) {
      for (int i = 0; i < each; ++i) ring.push(entry_for("/product/" + std::to_string(i)));
    };
    std::thread one(work, std::ref(rings[0]));
    std::thread two(work, std::ref(rings[1]));
    for (int i = 0; i < 20; ++i) writer.request_reopen();
    one.join();
    two.join();
    disk.reopening = {};
    writer.stop();
  }

  const std::uint64_t dropped = rings[0].dropped() + rings[1].dropped();
  EXPECT_EQ(metrics.lines.value(), 2 * each - dropped);
  EXPECT_EQ(metrics.lost_lines.value(), 0u);
}

// ---- real files ----

class AccessSinkTest : public testing::Test {
 protected:
  AccessSinkTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "access_sink_XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~AccessSinkTest() override { std::filesystem::remove_all(folder); }
  static std::string content(const std::filesystem::path& file) {
    std::ostringstream all;
    all << std::ifstream(file).rdbuf();
    return all.str();
  }
  std::filesystem::path folder;
};

TEST_F(AccessSinkTest, AppendsAndStartsANewFileAfterRotation) {
  const auto path = folder / "access.log";
  std::ofstream(path) << "old\n";
  auto sink = open_access_sink(path.string());
  ASSERT_TRUE(sink.has_value()) << sink.error().text();

  EXPECT_EQ((*sink)->write("one\n", 0ms), 4u);
  std::filesystem::rename(path, folder / "access.log.1");
  EXPECT_EQ((*sink)->write("two\n", 0ms), 4u);
  ASSERT_TRUE((*sink)->reopen().has_value());
  EXPECT_EQ((*sink)->write("three\n", 0ms), 6u);

  EXPECT_EQ(content(folder / "access.log.1"), "old\none\ntwo\n");
  EXPECT_EQ(content(path), "three\n");
}

TEST_F(AccessSinkTest, SaysWhichFileCannotBeOpened) {
  const auto missing = open_access_sink((folder / "no" / "access.log").string());
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_NE(missing.error().text().find((folder / "no" / "access.log").string()), std::string::npos);
}

TEST_F(AccessSinkTest, AFailedReopeningKeepsTheOldFile) {
  const auto logs = folder / "logs";
  std::filesystem::create_directory(logs);
  auto sink = open_access_sink((logs / "access.log").string());
  ASSERT_TRUE(sink.has_value());
  std::filesystem::rename(logs, folder / "moved");

  EXPECT_FALSE((*sink)->reopen().has_value());
  EXPECT_EQ((*sink)->write("one\n", 0ms), 4u);

  EXPECT_EQ(content(folder / "moved" / "access.log"), "one\n");
}

TEST_F(AccessSinkTest, APipeThatNobodyReadsIsAnErrorAtOnce) {
  const auto path = folder / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);

  const auto sink = open_access_sink(path.string());

  ASSERT_FALSE(sink.has_value());
  EXPECT_EQ(sink.error().code, Errc::unreachable);
  EXPECT_NE(sink.error().text().find(path.string() + ": nobody reads from this pipe"), std::string::npos);
}

TEST_F(AccessSinkTest, ASocketIsNoPipe) {
  const auto path = folder / "socket";
  ASSERT_EQ(::mknod(path.c_str(), S_IFSOCK | 0600, 0), 0);

  const auto sink = open_access_sink(path.string());

  ASSERT_FALSE(sink.has_value());
  EXPECT_EQ(sink.error().code, Errc::unreachable);
  EXPECT_NE(sink.error().text().find(path.string() + ": a socket cannot be opened"), std::string::npos);
}

TEST_F(AccessSinkTest, AReopeningThatFindsAPipeWithoutAReaderKeepsTheOldFile) {
  const auto path = folder / "access.log";
  auto sink = open_access_sink(path.string());
  ASSERT_TRUE(sink.has_value());
  std::filesystem::rename(path, folder / "access.log.1");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);

  EXPECT_FALSE((*sink)->reopen().has_value());
  EXPECT_EQ((*sink)->write("one\n", 0ms), 4u);

  EXPECT_EQ(content(folder / "access.log.1"), "one\n");
}

TEST_F(AccessSinkTest, APipeThatNobodyEmptiesDoesNotHoldTheThread) {
  const auto path = folder / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  auto sink = open_access_sink(path.string());
  ASSERT_TRUE(sink.has_value());

  const std::string much(1 << 20, 'x');
  std::size_t taken = 0;
  while (taken < much.size()) {
    const auto written = (*sink)->write(std::string_view(much).substr(taken), 0ms);
    ASSERT_TRUE(written.has_value());
    if (*written == 0) break;
    taken += *written;
  }
  close(reader);

  EXPECT_GT(taken, 0u);
  EXPECT_LT(taken, much.size());
}

TEST_F(AccessSinkTest, APipeThatWasClosedCostsLinesAndNotTheProcess) {
  const auto path = folder / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  auto sink = open_access_sink(path.string());
  ASSERT_TRUE(sink.has_value());
  close(reader);
  const SystemClock clock;
  AccessLogMetrics metrics;
  AccessRing ring(0);
  ring.push(entry_for("/a"));

  AccessLogWriter writer(clock, {&ring}, std::move(*sink), AccessFormat::combined, metrics, [](const std::string&) {});
  writer.stop();

  EXPECT_EQ(metrics.lines.value(), 0u);
  EXPECT_EQ(metrics.lost_lines.value(), 1u);
  EXPECT_GE(metrics.write_errors.value(), 1u);
}

}  // namespace
}  // namespace tenfold::edge
