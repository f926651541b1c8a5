#include "rehearse/log/log_reader.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

namespace tenfold::rehearse {
namespace {

std::string line(int second, std::string_view target = "/") {
  char text[200];
  std::snprintf(text, sizeof text,
                "192.0.2.1 - - [26/Jan/2019:16:%02d:%02d +0000] \"GET %.*s HTTP/1.1\" 200 5 \"-\" \"x\"\n", second / 60,
                second % 60, static_cast<int>(target.size()), target.data());
  return text;
}

class LogReaderTest : public testing::Test {
 protected:
  LogReaderTest() {
    char name[] = "/tmp/tenfold-log-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~LogReaderTest() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }
  // Each part is a gzip member of its own.
  std::string write_gz(const std::string& name, const std::vector<std::string>& parts) {
    const std::string file = folder / name;
    for (const std::string& part : parts) {
      gzFile out = gzopen(file.c_str(), "ab");
      gzwrite(out, part.data(), static_cast<unsigned>(part.size()));
      gzclose(out);
    }
    return file;
  }
  Result<LogCounts> read(const std::vector<std::string>& files) {
    seen.clear();
    return read_logs(files, {}, [this](const Entry& entry) { seen.emplace_back(entry.target); });
  }
  using Targets = std::vector<std::string>;

  std::filesystem::path folder;
  Targets seen;
};

TEST_F(LogReaderTest, ReadsPlainAndPackedFilesAsOneLogByTime) {
  const auto newer = write("access.log", line(100, "/c") + line(140, "/e"));
  const auto older = write_gz("access.log.1.gz", {line(1, "/a"), line(50, "/b") + line(120, "/d")});
  const auto counts = read({newer, older});
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(counts->lines, 5u);
  EXPECT_EQ(seen, (Targets{"/a", "/b", "/c", "/d", "/e"}));
}

TEST_F(LogReaderTest, CountsBadLinesAndShowsTheFirstFive) {
  std::string text = "# a comment\n\n" + line(1);
  for (int i = 0; i < 7; ++i) text += "nonsense \x01" + std::to_string(i) + "\n";
  const auto counts = read({write("a.log", text + line(2))});
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->lines, 9u);
  EXPECT_EQ(counts->bad_lines, 7u);
  ASSERT_EQ(counts->examples.size(), 5u);
  EXPECT_EQ(counts->examples[0].number, 4u);
  EXPECT_EQ(counts->examples[0].text, "nonsense ?0");
  EXPECT_EQ(seen.size(), 2u);
}

TEST_F(LogReaderTest, ALineThatIsTooLongIsABadLine) {
  for (const std::size_t bytes : {65'000u, 70'000u, 1'000'000u}) {
    const auto counts = read({write("a.log", line(1, "/a") + std::string(bytes, 'x') + "\n" + line(2, "/b"))});
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->bad_lines, 1u);
    EXPECT_EQ(counts->examples[0].number, 2u);
    EXPECT_EQ(seen, (Targets{"/a", "/b"})) << bytes;
  }
}

TEST_F(LogReaderTest, TheLastLineNeedsNoEndAndLinesMayEndAsOnWindows) {
  std::string first = line(1, "/a");
  first.insert(first.size() - 1, "\r");
  std::string last = line(2, "/b");
  last.pop_back();
  ASSERT_TRUE(read({write("a.log", first + last)}));
  EXPECT_EQ(seen, (Targets{"/a", "/b"}));
}

TEST_F(LogReaderTest, BrokenGzipIsAnErrorThatNamesTheByte) {
  std::string many;
  for (int i = 0; i < 3000; ++i) many += line(i % 3000, "/" + std::to_string(i * 7919));
  const auto file = write_gz("a.gz", {many});
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const auto cut = read({file});
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().detail.find("ends too early, at byte"), std::string::npos) << cut.error().detail;
  EXPECT_GT(seen.size(), 100u);
}

TEST_F(LogReaderTest, WhatIsNoLogIsAnError) {
  EXPECT_EQ(read({folder / "missing"}).error().code, Errc::not_found);
  EXPECT_EQ(read({write("empty", "")}).error().detail, (folder / "empty").string() + ": the log is empty");
  const auto none = read({write("text", "to be\nor not\n")});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("text:1: expected a line of nginx"), std::string::npos) << none.error().detail;
}

TEST_F(LogReaderTest, ReadsFromAPipe) {
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] {
    std::ofstream out(pipe);
    for (int i = 0; i < 2000; ++i) out << line(i, "/p") << std::flush;
  });
  const auto counts = read({pipe});
  writer.join();
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->lines, 2000u);
}

}  // namespace
}  // namespace tenfold::rehearse
