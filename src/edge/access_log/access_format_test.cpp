#include "edge/access_log/access_format.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <time.h>

#include <string>

namespace tenfold::edge {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

// Sets the process's time zone for one test.
class ZonedTest : public testing::Test {
 protected:
  ZonedTest() { set_zone("CET-1CEST,M3.5.0,M10.5.0/3"); }
  ~ZonedTest() override {
    unsetenv("TZ");
    tzset();
  }
  static void set_zone(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }

  std::string combined(const AccessEntry& entry) {
    std::string line;
    format_combined(entry, time, line);
    return line;
  }
  std::string json(const AccessEntry& entry) {
    std::string line;
    format_json(entry, time, line);
    return line;
  }
  static AccessEntry page() {
    AccessEntry entry;
    entry.at = WallTime(1'795'424'760'123ms);  // 2026-11-23 09:06:00.123 UTC
    entry.client = net::IpAddress::v4(0xc0000207);
    entry.client_port = 40001;
    entry.status = 200;
    entry.body_bytes = 1024;
    entry.method = "GET";
    entry.target = "/hose?size=20";
    entry.referer = "https://shop.example/";
    entry.user_agent = "Mozilla/5.0 (X11)";
    return entry;
  }

  AccessTime time;
};

using CombinedFormat = ZonedTest;
using JsonFormat = ZonedTest;

TEST_F(CombinedFormat, IsNginxsLine) {
  EXPECT_EQ(combined(page()),
            "192.0.2.7 - - [23/Nov/2026:10:06:00 +0100] \"GET /hose?size=20 HTTP/1.1\" 200 1024 "
            "\"https://shop.example/\" \"Mozilla/5.0 (X11)\"\n");
}

TEST_F(CombinedFormat, WhatIsAbsentIsADash) {
  AccessEntry entry;
  entry.at = page().at;
  entry.client = *net::IpAddress::parse("2001:db8::1");
  entry.status = 400;

  EXPECT_EQ(combined(entry), "2001:db8::1 - - [23/Nov/2026:10:06:00 +0100] \"-\" 400 0 \"-\" \"-\"\n");
}

TEST_F(CombinedFormat, EscapesAsNginxDoes) {
  AccessEntry entry = page();
  entry.target = "/\"q\"\\\t\x7f\xc3\xa4";
  entry.user_agent = "a\r\nb\0c ~"sv;

  const std::string line = combined(entry);

  EXPECT_NE(line.find("GET /\\x22q\\x22\\x5C\\x09\\x7F\\xC3\\xA4 HTTP/1.1"), std::string::npos) << line;
  EXPECT_NE(line.find("\"a\\x0D\\x0Ab\\x00c ~\"\n"), std::string::npos) << line;
}

TEST_F(CombinedFormat, NamesTheVersionAndThreeDigits) {
  AccessEntry entry = page();
  entry.version = http::Version::http_2;
  entry.status = 0;
  EXPECT_NE(combined(entry).find(" HTTP/2.0\" 000 "), std::string::npos);
  entry.version = http::Version::http_1_0;
  EXPECT_NE(combined(entry).find(" HTTP/1.0\" "), std::string::npos);
}

TEST_F(CombinedFormat, TimeFollowsTheSecondAndSummerTime) {
  EXPECT_EQ(time.combined(WallTime(1'774'745'999'999ms)), "29/Mar/2026:01:59:59 +0100");
  EXPECT_EQ(time.combined(WallTime(1'774'746'000'000ms)), "29/Mar/2026:03:00:00 +0200");
  EXPECT_EQ(time.iso8601(WallTime(1'774'746'000'999ms)), "2026-03-29T03:00:00+02:00");
  // an entry may be a little older than the one before
  EXPECT_EQ(time.iso8601(WallTime(1'774'745'999'999ms)), "2026-03-29T01:59:59+01:00");
  set_zone("NST3:30");
  EXPECT_EQ(time.iso8601(WallTime(0s)), "1969-12-31T20:30:00-03:30");
}

TEST_F(JsonFormat, IsOneObjectALine) {
  AccessEntry entry = page();
  entry.duration = 12'345'678ns;
  entry.origin_time = 1'002'000'000ns;
  entry.attempts = 2;
  entry.origin_server = "127.0.0.1:9001";
  entry.cache = "miss";
  entry.host = "shop.example";
  entry.tls = "TLSv1.3";
  entry.request_id = "f00d";
  entry.rehearsal = "run-7";
  entry.worker = 1;
  entry.guard = GuardAnswer::queue_full;

  const std::string line = json(entry);

  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto read = nlohmann::json::parse(line);
  EXPECT_EQ(read.at("time_iso8601"), "2026-11-23T10:06:00+01:00");
  EXPECT_DOUBLE_EQ(read.at("msec").get<double>(), 1795424760.123);
  EXPECT_EQ(read.at("remote_addr"), "192.0.2.7");
  EXPECT_EQ(read.at("remote_port"), 40001);
  EXPECT_EQ(read.at("request_method"), "GET");
  EXPECT_EQ(read.at("request_uri"), "/hose?size=20");
  EXPECT_EQ(read.at("server_protocol"), "HTTP/1.1");
  EXPECT_EQ(read.at("host"), "shop.example");
  EXPECT_EQ(read.at("status"), 200);
  EXPECT_EQ(read.at("body_bytes_sent"), 1024);
  EXPECT_DOUBLE_EQ(read.at("request_time").get<double>(), 0.012345);
  EXPECT_EQ(read.at("http_referer"), "https://shop.example/");
  EXPECT_EQ(read.at("http_user_agent"), "Mozilla/5.0 (X11)");
  EXPECT_EQ(read.at("upstream_addr"), "127.0.0.1:9001");
  EXPECT_EQ(read.at("upstream_attempts"), 2);
  EXPECT_DOUBLE_EQ(read.at("upstream_response_time").get<double>(), 1.002);
  EXPECT_EQ(read.at("upstream_cache_status"), "miss");
  EXPECT_EQ(read.at("ssl_protocol"), "TLSv1.3");
  EXPECT_EQ(read.at("request_id"), "f00d");
  EXPECT_EQ(read.at("rehearsal"), "run-7");
  EXPECT_EQ(read.at("worker"), 1);
  EXPECT_EQ(read.at("guard"), "queue full");
}

TEST_F(JsonFormat, TheKeysAreTheSameForAnEmptyEntry) {
  AccessEntry empty;
  const auto read = nlohmann::json::parse(json(empty));

  EXPECT_EQ(read.size(), nlohmann::json::parse(json(page())).size());
  EXPECT_TRUE(read.at("upstream_response_time").is_null());
  EXPECT_EQ(read.at("server_protocol"), "");
}

TEST_F(JsonFormat, KeepsUtf8AndEscapesWhatIsNot) {
  const struct {
    std::string text;
    std::string written;
  } cases[] = {
      {"/stra\xc3\x9f"
       "e\xe2\x82\xac\xf0\x9f\x8c\xb7",
       "/stra\xc3\x9f"
       "e\xe2\x82\xac\xf0\x9f\x8c\xb7"},
      {"\"\\\t\x1f\x7f", "\\\"\\\\\\u0009\\u001f\\u007f"},
      {"\xff", "\\u00ff"},
      {"\xc3", "\\u00c3"},
      {"\xc3(", "\\u00c3("},
      {"\xc0\xaf", "\\u00c0\\u00af"},                        // overlong
      {"\xe0\x9f\xbf", "\\u00e0\\u009f\\u00bf"},             // overlong
      {"\xed\xa0\x80", "\\u00ed\\u00a0\\u0080"},             // a surrogate
      {"\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080"},  // past U+10FFFF
      {"\xe2\x82", "\\u00e2\\u0082"},                        // cut off
      {"\xed\x9f\xbf\xf4\x8f\xbf\xbf", "\xed\x9f\xbf\xf4\x8f\xbf\xbf"},
  };
  for (const auto& [text, written] : cases) {
    AccessEntry entry = page();
    entry.user_agent = text;
    const std::string line = json(entry);
    EXPECT_NE(line.find("\"http_user_agent\":\"" + written + "\","), std::string::npos) << line;
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

TEST_F(JsonFormat, EscapesWhatATerminalObeysOrReadsBackwards) {
  const struct {
    std::string text;
    std::string written;
  } cases[] = {
      {"\xc2\x9b"
       "31mRED",
       "\\u009b31mRED"},                                       // C1: CSI
      {"\xc2\x80\xc2\x9f\xc2\xa0", "\\u0080\\u009f\xc2\xa0"},  // the first and the last, and the one behind it
      {"\xe2\x80\xa7\xe2\x80\xa8", "\xe2\x80\xa7\\u2028"},     // a line separator
      {"\xe2\x80\xaa\xe2\x80\xae", "\\u202a\\u202e"},          // embeddings and overrides
      {"\xe2\x80\xaf", "\xe2\x80\xaf"},                        // a narrow space
      {"\xe2\x81\xa5\xe2\x81\xa6", "\xe2\x81\xa5\\u2066"},     // isolates
      {"\xe2\x81\xa9\xe2\x81\xaa", "\\u2069\xe2\x81\xaa"},
      {"\xc2", "\\u00c2"},
  };
  for (const auto& [text, written] : cases) {
    AccessEntry entry = page();
    entry.referer = text;
    const std::string line = json(entry);
    EXPECT_NE(line.find("\"http_referer\":\"" + written + "\","), std::string::npos) << line;
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

}  // namespace
}  // namespace tenfold::edge
