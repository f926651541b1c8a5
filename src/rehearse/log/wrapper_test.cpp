#include "rehearse/log/wrapper.hpp"

#include <gtest/gtest.h>

#include "rehearse/log/line_parser.hpp"

namespace tenfold::rehearse {
namespace {

constexpr std::string_view carried_line =
    R"~(203.0.113.7 - - [26/Jan/2019:16:15:25 +0000] "GET /a?b=c HTTP/1.1" 200 5 "https://r.example/" "Mozilla/5.0 (X11)")~";

// Whoever carried the line: its visitor is who asked, and not the machine that it came through.
TEST(Wrapper, WhateverCarriedTheLineItIsTheSameLine) {
  const std::string text(carried_line);
  std::string escaped;
  for (const char c : carried_line) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
  const std::string rows[] = {
      text,
      "\xEF\xBB\xBF" + text,
      "  " + text,
      "Jan 26 16:15:25 web1 nginx: " + text,
      "Jan  6 16:15:25 198.51.100.5 nginx[812]: " + text,
      "Jan 26 16:15:25 nginx: " + text,
      "<190>Jan 26 16:15:25 web1 nginx: " + text,
      "<190>Jan 26 16:15:25 web1.internal.example nginx: " + text,
      "<165>1 2019-01-26T16:15:25.003Z web1.example nginx 812 - - " + text,
      "<165>1 2019-01-26T16:15:25.003Z 198.51.100.5 nginx - ID47 [origin ip=\"192.0.2.99\" x=\"a\\]b\"][y z=\"1\"] " +
          text,
      "<165>1 2019-01-26T16:15:25.003Z web1 nginx 812 - - \xEF\xBB\xBF" + text,
      "1 2019-01-26T16:15:25.003Z web1 nginx 812 - - " + text,
      "2019-01-26T16:15:25.123456+00:00 web1 nginx: " + text,
      "2019-01-26T16:15:25.123456789Z stdout F " + text,
      "2019-01-26T16:15:25.123456789+01:00 stderr P " + text,
      "web-1  | " + text,
      "[pod/web-1/nginx] " + text,
      R"~({"log":")~" + escaped + R"~(\n","stream":"stdout","time":"2019-01-26T16:15:26.1Z"})~",
      R"~({"@timestamp":"2019-01-26T16:15:26.1Z","message":")~" + escaped +
          R"~(","host":{"name":"web1","ip":["192.0.2.99"]},"agent":{"type":"filebeat"}})~",
      R"~({"host":"web1","message":")~" + escaped +
          R"~(","timestamp":"2019-01-26T16:15:26Z","client":"x","status":"info"})~",
      R"~({"__REALTIME_TIMESTAMP":"1548519326000000","_HOSTNAME":"web1","MESSAGE":")~" + escaped + R"~("})~",
      "Jan 26 16:15:25 web1 docker[1]: " + (R"~({"log":")~" + escaped + R"~(\n","time":"2019-01-26T16:15:26.1Z"})~"),
  };
  LineParser parser;
  for (const std::string& row : rows) {
    SCOPED_TRACE(row);
    Entry entry;
    std::string_view why;
    ASSERT_TRUE(parser.parse(row, entry, why)) << why;
    EXPECT_EQ(entry.client, "203.0.113.7");
    EXPECT_EQ(entry.at_ms, 1548519325000);
    EXPECT_EQ(entry.target, "/a?b=c");
    EXPECT_EQ(entry.referer, "https://r.example/");
    EXPECT_EQ(entry.user_agent, "Mozilla/5.0 (X11)");
  }
}

TEST(Wrapper, JsonInsideOfAWrapperIsRead) {
  constexpr std::string_view json =
      R"~({"time":"2019-01-26T16:15:25Z","remote_addr":"203.0.113.7","method":"GET","request_uri":"/a","status":200})~";
  std::string escaped;
  for (const char c : json) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
  const std::string rows[] = {
      "Jan 26 16:15:25 web1 nginx: " + std::string(json),
      "2019-01-26T16:15:25.1Z stdout F " + std::string(json),
      "2019-01-26T16:15:25.1Z " + std::string(json),
      "web-1 | " + std::string(json),
      R"~({"log":")~" + escaped + R"~(\n","stream":"stdout","time":"2019-01-26T16:15:26.1Z"})~",
      "\xEF\xBB\xBF" + std::string(json),
  };
  LineParser parser;
  for (const std::string& row : rows) {
    SCOPED_TRACE(row);
    Entry entry;
    std::string_view why;
    ASSERT_TRUE(parser.parse(row, entry, why)) << why;
    EXPECT_EQ(entry.client, "203.0.113.7");
    EXPECT_EQ(entry.target, "/a");
  }
}

// What stands before the time stamp: addresses are known by their shape.
TEST(Wrapper, WhoTheVisitorIsAmongTheFirstWords) {
  const struct {
    std::string_view before, client, forwarded, host;
  } rows[] = {
      {"203.0.113.7 - -", "203.0.113.7", "", ""},
      {"203.0.113.7, 10.0.0.2, 10.0.0.3 - -", "203.0.113.7", "", ""},
      {"10.0.0.9, 203.0.113.7, 10.0.0.3 - -", "203.0.113.7", "", ""},
      {"203.0.113.7, 10.0.0.2 10.0.0.3 - -", "203.0.113.7", "10.0.0.3", ""},
      {"203.0.113.7 shop.example - -", "203.0.113.7", "", "shop.example"},
      {"203.0.113.7 web1 - -", "203.0.113.7", "", ""},
      {"shop.example 203.0.113.7 - -", "203.0.113.7", "", "shop.example"},
      {"shop.example:443 203.0.113.7 - -", "203.0.113.7", "", "shop.example"},
      {"192.0.2.80:443 203.0.113.7 - -", "203.0.113.7", "", ""},
      {"10.0.0.3 203.0.113.7 - -", "10.0.0.3", "203.0.113.7", ""},
      {"- 203.0.113.7 - -", "203.0.113.7", "", ""},
      {"\"203.0.113.7, 10.0.0.1\" - -", "203.0.113.7", "", ""},
      {"203.0.113.7 - [203.0.113.7] - -", "203.0.113.7", "", ""},
      {"203.0.113.7:4711 - -", "203.0.113.7", "", ""},
      {"[2001:db8::1]:4711 - -", "2001:db8::1", "", ""},
      {"visitor.example - -", "visitor.example", "", ""},
      {"203.0.113.7 - john.doe@mail.example", "203.0.113.7", "", ""},
      {"web-1 203.0.113.7 - -", "203.0.113.7", "", ""},
  };
  LineParser parser;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.before);
    Entry entry;
    std::string_view why;
    const std::string text =
        std::string(row.before) + R"~( [26/Jan/2019:16:15:25 +0000] "GET / HTTP/1.1" 200 5 "-" "x")~";
    ASSERT_TRUE(parser.parse(text, entry, why)) << why;
    EXPECT_EQ(entry.client, row.client);
    EXPECT_EQ(entry.forwarded, row.forwarded);
    EXPECT_EQ(entry.host, row.host);
  }
}

TEST(Wrapper, WhatIsNoneStays) {
  for (const std::string_view text : {"<b>bold</b>", "<>x", "<1234>x", "", " ", "<", "1 2", "Jan", "a | b | c"})
    EXPECT_LE(unwrapped(text).size(), text.size());
  EXPECT_EQ(unwrapped("<b>bold</b>"), "<b>bold</b>");
}

}  // namespace
}  // namespace tenfold::rehearse
