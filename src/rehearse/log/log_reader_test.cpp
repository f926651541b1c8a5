#include "rehearse/log/log_reader.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "base/text/hex.hpp"

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
  Result<LogCounts> read(const std::vector<std::string>& files, LogReaderOptions options = {}) {
    const auto start_over = [this] {
      seen.clear();
      clients.clear();
      at_ms.clear();
    };
    start_over();
    options.start_over = start_over;
    return read_logs(files, options, [this](const Entry& entry) {
      seen.emplace_back(entry.target);
      clients.emplace_back(entry.client);
      at_ms.push_back(entry.at_ms);
    });
  }
  // What is read from a pipe of this text.
  Result<LogCounts> pipe(const std::string& text, const LogReaderOptions& options = {}) {
    const std::string name = folder / "pipe";
    std::filesystem::remove(name);
    EXPECT_EQ(::mkfifo(name.c_str(), 0600), 0);
    std::thread writer([&] { std::ofstream(name) << text; });
    auto counts = read({name}, options);
    writer.join();
    return counts;
  }
  using Targets = std::vector<std::string>;

  std::filesystem::path folder;
  Targets seen, clients;
  std::vector<std::int64_t> at_ms;
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

// Told by what is in them: one packed line, by each packer's own program.
TEST_F(LogReaderTest, EveryPackerIsUnpacked) {
  const struct {
    const char* name;
    std::string_view bytes;
  } rows[] = {
      {"gzip",
       "1f8b08000000000002030dc1ad0a80301406d0ee537cdc2abb7fb0c1d6453119d6c430d42488d1c7d7732c3b2b3b1bc27ff5"
       "2473bbc5d572b1542c168fe8f5b781c6a1429eb65fe781a9d6458c8de0aa88a040a097ba0fe9f10e7350000000"},
      {"bzip2",
       "425a68393141592653594cc0e0090000165f804010500bf33002d0440a2e094040200054535323264c9898d027a114f0a7ea"
       "23d40c9a0d01167dd11eed9855be30e560cc961c7b383148e0724529d0b514b6205556e003b57f0c14c98859362c67f22437"
       "cd8bb9229c28482660700480"},
      {"xz",
       "fd377a585a000004e6d6b4460200210116000000742fe5a3e0004f004e5d00188e428874b749eebd3a6fbce1c0c2c7f06d61"
       "cb501f776f6708d92b743c6749a8b6d9204a6fc9fa7265a6feb1c61ca15e03bea02346e9fcf1719f56ff2ad9f08fa459e895"
       "b7bbd7d104694400000000000e0a01b9572873b200016a50f267ffd41fb6f37d010000000004595a"},
      {"zstd",
       "28b52ffd04585502000285111890c539330a565b03dd056f51d9d020345226b1987272b383c20dce77cec8fffa143511c60c"
       "330d60698234238ab3f2ff83d12ea42be952facd403b326de2e363c5c5e32a0d00992e7151"},
      {"lz4",
       "04224d186440a7500000803139322e302e322e31202d202d205b32362f4a616e2f323031393a31363a31353a3235202b3030"
       "30305d2022474554202f7061636b656420485454502f312e312220323030203520222d22202278220a00000000214a6159"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string once = from_hex(row.bytes).value();
    const auto counts = read({write("a.log", once)});
    ASSERT_TRUE(counts) << counts.error().text();
    EXPECT_EQ(seen, (Targets{"/packed"}));
    const auto twice = read({write("a.log", once + once)});
    ASSERT_TRUE(twice) << twice.error().text();
    EXPECT_EQ(seen, (Targets{"/packed", "/packed"}));
    EXPECT_FALSE(read({write("a.log", once.substr(0, once.size() / 2))}));
  }
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

// Rotated files in the wrong order, in one pipe: as `zcat access.log*` makes it.
TEST_F(LogReaderTest, WhatIsOutOfOrderIsSorted) {
  std::string newest_first, in_order;
  Targets expected;
  for (int file = 3; file-- > 0;) {
    for (int i = 0; i < 500; ++i) newest_first += line(file * 1000 + i, "/" + std::to_string(file * 1000 + i));
  }
  for (int file = 0; file < 3; ++file) {
    for (int i = 0; i < 500; ++i) expected.push_back("/" + std::to_string(file * 1000 + i));
  }
  for (const std::size_t memory : {std::size_t{16} << 20, std::size_t{20'000}}) {
    LogReaderOptions options;
    options.sorting_memory_bytes = memory;
    for (const bool piped : {false, true}) {
      SCOPED_TRACE(testing::Message() << memory << " bytes, piped: " << piped);
      const auto counts = piped ? pipe(newest_first, options) : read({write("a.log", newest_first)}, options);
      ASSERT_TRUE(counts) << counts.error().text();
      EXPECT_EQ(seen, expected);
      EXPECT_TRUE(counts->sorted);
      EXPECT_EQ(counts->lines, 1500u);
      EXPECT_EQ(counts->late_lines, 0u);
      ASSERT_FALSE(counts->notes.empty());
      EXPECT_NE(counts->notes[0].find("all were sorted"), std::string::npos) << counts->notes[0];
    }
  }
}

// Each worker of a server that buffers its log writes some minutes at once.
TEST_F(LogReaderTest, BufferedLinesOfSeveralWorkersAreSorted) {
  std::string text;
  for (int block = 0; block < 4; ++block) {
    for (int worker = 0; worker < 3; ++worker) {
      for (int i = worker; i < 300; i += 3) text += line(block * 300 + i, "/w");
    }
  }
  const auto counts = read({write("a.log", text)});
  ASSERT_TRUE(counts);
  EXPECT_TRUE(std::is_sorted(at_ms.begin(), at_ms.end()));
  EXPECT_EQ(std::adjacent_find(at_ms.begin(), at_ms.end()), at_ms.end());  // one a second, as it was
}

std::string dated(std::string_view date, std::string_view target) {
  return "192.0.2.1 - - [" + std::string(date) + "] \"GET " + std::string(target) + " HTTP/1.1\" 200 5 \"-\" \"x\"\n";
}

TEST_F(LogReaderTest, ALoneLineFarFromTheOthersIsLeftOut) {
  const std::string future = dated("26/Jan/2034:16:00:00 +0000", "/future");
  const std::string past = dated("01/Jan/1970:00:00:01 +0000", "/past");
  std::string first, second;
  for (int i = 0; i < 200; ++i) (i < 100 ? first : second) += line(i, "/" + std::to_string(i));
  for (const std::string& text :
       {first + future + second, future + first + second, first + second + past, past + first + future + second}) {
    for (const bool piped : {false, true}) {
      const auto counts = piped ? pipe(text) : read({write("a.log", text)});
      ASSERT_TRUE(counts);
      EXPECT_EQ(seen.size(), 200u);
      EXPECT_EQ(at_ms.back() - at_ms.front(), 199'000);
      EXPECT_EQ(counts->lone_lines, text.size() > (first + second + future + past).size() - 1 ? 2u : 1u);
      EXPECT_TRUE(std::ranges::any_of(counts->notes, [](const std::string& note) {
        return note.find("far from all others") != std::string::npos;
      }));
    }
  }
}

TEST_F(LogReaderTest, ALogOfSeveralEveningsKeepsThemAllAndNamesThePause) {
  std::string text;
  for (int day = 10; day < 13; ++day) {
    for (int i = 0; i < 50; ++i)
      text += dated(std::to_string(day) + "/Jan/2019:20:00:" + (i < 10 ? "0" : "") + std::to_string(i) + " +0000", "/");
  }
  const auto counts = read({write("a.log", text)});
  ASSERT_TRUE(counts);
  EXPECT_EQ(seen.size(), 150u);
  ASSERT_FALSE(counts->notes.empty());
  EXPECT_NE(counts->notes[0].find("between 2019-01-10T20:00:49Z and 2019-01-11T20:00:00Z (24.0 h)"), std::string::npos)
      << counts->notes[0];
}

std::string haproxy(int hour, int minute, int second) {
  char text[200];
  std::snprintf(
      text, sizeof text,
      "10.0.1.2:33317 [27/Oct/2019:%02d:%02d:%02d.000] in web/a 0/0/0/9/9 200 27 - - ---- 1/1/1/1/0 0/0 \"GET / "
      "HTTP/1.1\"\n",
      hour, minute, second);
  return text;
}

TEST_F(LogReaderTest, LocalTimesThatGoBackByAnHourGoOn) {
  std::string text;
  for (const int hour : {1, 2, 2, 3}) {
    for (int i = 0; i < 240; ++i) text += haproxy(hour, i / 4, i % 4 * 15);
  }
  const auto counts = read({write("a.log", text)});
  ASSERT_TRUE(counts);
  ASSERT_EQ(at_ms.size(), 960u);
  for (std::size_t i = 1; i < at_ms.size(); ++i) ASSERT_EQ(at_ms[i] - at_ms[i - 1], 15'000) << i;
  EXPECT_FALSE(counts->sorted);
  EXPECT_NE(counts->notes.at(0).find("go back by an hour"), std::string::npos);
}

TEST_F(LogReaderTest, OneLineThatIsAnHourLateIsNoChangeOfTheClock) {
  std::string text;
  for (int i = 0; i < 240; ++i) text += haproxy(4, i / 4, i % 4 * 15) + (i == 200 ? haproxy(4, 2, 1) : "");
  const auto counts = read({write("a.log", text)});
  ASSERT_TRUE(counts);
  EXPECT_EQ(at_ms.back() - at_ms.front(), 239 * 15'000);
  EXPECT_TRUE(std::is_sorted(at_ms.begin(), at_ms.end()));
  EXPECT_TRUE(counts->sorted);
}

std::string by(int second, const std::string& before, const std::string& behind = "\"-\"") {
  char text[300];
  std::snprintf(text, sizeof text,
                "%s - - [26/Jan/2019:16:%02d:%02d +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0 (X11)\" %s\n",
                before.c_str(), second / 60, second % 60, behind.c_str());
  return text;
}
std::string visitor(int number) { return "203.0.113." + std::to_string(number % 200); }

TEST_F(LogReaderTest, BehindAProxyTheForwardedAddressIsTheVisitors) {
  const struct {
    const char* name;
    std::function<std::string(int)> line;
  } rows[] = {
      {"an internal peer", [](int i) { return by(i, "10.0.0.5", "\"" + visitor(i) + "\""); }},
      {"this machine", [](int i) { return by(i, "127.0.0.1", "\"" + visitor(i) + ", 10.0.0.2\""); }},
      {"a socket", [](int i) { return by(i, "unix:", "\"" + visitor(i) + "\""); }},
      {"few public peers",
       [](int i) { return by(i, "198.51.100." + std::to_string(i % 5), "\"" + visitor(i) + "\""); }},
      {"the list in front", [](int i) { return by(i, visitor(i) + ", 198.51.100.1"); }},
      {"two addresses in front", [](int i) { return by(i, "198.51.100.1 " + visitor(i)); }},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    std::string text;
    Targets expected;
    for (int i = 0; i < 400; ++i) {
      text += row.line(i);
      expected.push_back(visitor(i));
    }
    for (const bool piped : {false, true}) {
      const auto counts = piped ? pipe(text) : read({write("a.log", text)});
      ASSERT_TRUE(counts) << counts.error().text();
      EXPECT_EQ(clients, expected);
      if (std::string_view(row.name) == "the list in front") continue;
      EXPECT_EQ(counts->client, "forwarded");
      ASSERT_EQ(counts->notes.size(), 1u);
      EXPECT_NE(counts->notes[0].find("came through a proxy"), std::string::npos) << counts->notes[0];
    }
  }
}

TEST_F(LogReaderTest, WhatSomeVisitorsProxiesSayIsNotTakenForTheirAddress) {
  std::string text;
  Targets expected;
  for (int i = 0; i < 400; ++i) {
    text += by(i, visitor(i), i % 4 == 0 ? "\"10.1.2.3\"" : i % 4 == 1 ? "\"198.51.100.7\"" : "\"-\"");
    expected.push_back(visitor(i));
  }
  const auto counts = read({write("a.log", text)});
  ASSERT_TRUE(counts);
  EXPECT_EQ(clients, expected);
  EXPECT_EQ(counts->client, "peer");
  EXPECT_TRUE(counts->notes.empty());
}

TEST_F(LogReaderTest, FewAddressesWhereVisitorsShouldBeManyAreTold) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += by(i, "10.0.0." + std::to_string(i % 2));
  const auto counts = read({write("a.log", text)});
  ASSERT_TRUE(counts);
  ASSERT_EQ(counts->notes.size(), 1u);
  EXPECT_NE(counts->notes[0].find("10.0.0.0, 10.0.0.1): most likely a proxy"), std::string::npos) << counts->notes[0];
  EXPECT_EQ(counts->peers, 2u);
}

TEST_F(LogReaderTest, WhoeverSaysWhoseAddressCountsIsFollowed) {
  std::string text, json;
  for (int i = 0; i < 100; ++i) {
    text += by(i, "10.0.0.5", "\"" + visitor(i) + "\"");
    json += "{\"time\":\"2019-01-26T16:15:25Z\",\"remote_addr\":\"198.51.100.1\",\"session_peer\":\"" + visitor(i) +
            "\",\"request\":\"GET / HTTP/1.1\",\"status\":200}\n";
  }
  LogReaderOptions options;
  options.client_field = "peer";
  ASSERT_TRUE(read({write("a.log", text)}, options));
  EXPECT_EQ(clients.front(), "10.0.0.5");
  options.client_field = "Session-Peer";
  const auto counts = read({write("a.json", json)}, options);
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(clients.at(7), visitor(7));
  EXPECT_EQ(counts->client, "Session-Peer");
  options.client_field = "$http_x_forwarded_for";
  ASSERT_TRUE(read({write("a.log", text)}, options));
  EXPECT_EQ(clients.at(7), visitor(7));
  options.client_field = "forwarded";
  EXPECT_EQ(read({write("a.json", json)}, options).error().detail, "no line has an address in a field named forwarded");
  options.client_field = "no_such_field";
  EXPECT_EQ(read({write("a.json", json)}, options).error().detail,
            "no line has an address in a field named no_such_field");
}

TEST_F(LogReaderTest, AListOfJsonObjectsIsReadAsLines) {
  const std::string object = R"~({"time":"2019-01-26T16:15:25Z","client_ip":"192.0.2.1","method":"GET","uri":"/a"})~";
  const auto counts = read({write("a.json", "\xEF\xBB\xBF[\n" + object + ",\n  " + object + "\n]\n")});
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->bad_lines, 0u);
  EXPECT_EQ(seen, (Targets{"/a", "/a"}));
}

TEST_F(LogReaderTest, OfSeveralHostsOneMayBePicked) {
  std::string text;
  for (int i = 0; i < 90; ++i)
    text += by(i, (i % 3 == 0 ? "www.other.example:443 " : "Shop.example:443 ") + visitor(i));
  const auto all = read({write("a.log", text)});
  ASSERT_TRUE(all);
  EXPECT_EQ(seen.size(), 90u);
  ASSERT_EQ(all->notes.size(), 1u);
  EXPECT_NE(all->notes[0].find("shop.example (67 %), other.example (33 %)"), std::string::npos) << all->notes[0];
  LogReaderOptions options;
  options.host = "shop.example";
  const auto one = read({write("a.log", text)}, options);
  ASSERT_TRUE(one);
  EXPECT_EQ(seen.size(), 60u);
  EXPECT_EQ(one->other_hosts, 30u);
  options.host = "third.example";
  EXPECT_NE(
      read({write("a.log", text)}, options).error().detail.find("no line is of the host third.example: the log has"),
      std::string::npos);
}

}  // namespace
}  // namespace tenfold::rehearse
