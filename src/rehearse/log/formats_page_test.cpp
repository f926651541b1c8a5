#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "rehearse/log/line_parser.hpp"
#include "rehearse/log/visitor_survey.hpp"

namespace tenfold::rehearse {
namespace {

std::filesystem::path formats_page() {
  for (std::filesystem::path folder = std::filesystem::current_path();; folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "docs/logs.md")) return folder / "docs/logs.md";
    if (folder == folder.parent_path()) return {};
  }
}

// All lines of docs/logs.md are of one request. A line of "--format" says how those behind it are written.
TEST(FormatsPage, EveryLineOnItIsReadAsItSays) {
  const std::filesystem::path page = formats_page();
  if (page.empty()) GTEST_SKIP() << "docs/logs.md is not above the current folder";
  std::ifstream in(page);
  LineParser parser;
  bool inside = false;
  int lines = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      inside = line == "```log";
      parser = LineParser();
      continue;
    }
    if (!inside) continue;
    if (line.starts_with("--format ")) {
      LineOptions options;
      options.format = line.substr(9);
      const auto format = LineFormat::of(options.format);
      ASSERT_TRUE(format) << format.error().detail;
      parser = LineParser(options);
      continue;
    }
    if (line.starts_with('#')) {
      parser.comment(line);
      continue;
    }
    SCOPED_TRACE(line);
    ++lines;
    Entry entry;
    std::string_view why;
    EXPECT_TRUE(parser.parse(line, entry, why)) << why;
    EXPECT_EQ(visitor_of(entry, Trust::by_line), "203.0.113.7");
    EXPECT_EQ(entry.at_ms / 1000, 1548519325);
    EXPECT_EQ(entry.method, "GET");
    EXPECT_EQ(entry.target, "/product/31?colour=blue");
    EXPECT_EQ(entry.status, 200);
    EXPECT_TRUE(entry.bytes == 5120 || entry.bytes == -1) << entry.bytes;
    const bool agent_told = line.find("Mozilla") != std::string::npos;
    EXPECT_EQ(entry.user_agent, agent_told ? "Mozilla/5.0 (X11; Linux x86_64)" : "");
    if (line.find("https://shop.example/ ") != std::string::npos ||
        line.find("https://shop.example/\"") != std::string::npos)
      EXPECT_EQ(entry.referer, "https://shop.example/");
    EXPECT_TRUE(entry.host.empty() || entry.host == "shop.example") << entry.host;
  }
  EXPECT_GT(lines, 45);
}

TEST(LineFormat, SaysWhatIsWrongWithIt) {
  EXPECT_NE(LineFormat::of("$remote_addr $request").error().detail.find("no time"), std::string::npos);
  EXPECT_NE(LineFormat::of("%h %t").error().detail.find("no request"), std::string::npos);
  EXPECT_NE(LineFormat::of("%h %t %{Referer").error().detail.find("\"}\" is missing"), std::string::npos);
  EXPECT_NE(LineFormat::of("%h %t %").error().detail.find("a letter is missing"), std::string::npos);
  for (const auto* name : {"common", "combined", "vhost_combined"}) EXPECT_TRUE(LineFormat::of(name)) << name;
}

TEST(LineFormat, ALineThatIsOtherwiseSaysWhere) {
  LineOptions options;
  options.format = R"~($remote_addr [$time_local] "$request" $status)~";
  LineParser parser(options);
  Entry entry;
  std::string_view why;
  EXPECT_FALSE(parser.parse(R"~(192.0.2.1 [26/Jan/2019:16:15:25 +0000] GET / 200)~", entry, why));
  EXPECT_EQ(why, "\"] \"\" before request, as the format has it");
  EXPECT_TRUE(parser.parse(R"~(192.0.2.1 [26/Jan/2019:16:15:25 +0000] "GET / HTTP/1.1" 200)~", entry, why)) << why;
}

}  // namespace
}  // namespace tenfold::rehearse
