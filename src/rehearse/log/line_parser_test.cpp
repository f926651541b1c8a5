#include "rehearse/log/line_parser.hpp"

#include <gtest/gtest.h>

namespace tenfold::rehearse {
namespace {

struct Expected {
  std::string_view line;
  std::int64_t at_ms;
  std::string_view client, method, target;
  int status;
  std::int64_t bytes;
  double seconds;
  std::string_view referer, agent;
};

constexpr std::int64_t jan26 = 1548519325000;  // 2019-01-26 16:15:25 UTC

const Expected lines[] = {
    // nginx combined, with a field more
    {R"~(100.114.34.252 - - [26/Jan/2019:19:45:25 +0330] "GET /a?b=c HTTP/1.1" 200 30975 "https://www.shop.example/" "Mozilla/5.0 (X11)" "-")~",
     jan26, "100.114.34.252", "GET", "/a?b=c", 200, 30975, -1, "https://www.shop.example/", "Mozilla/5.0 (X11)"},
    // Apache: an escaped quote in the agent, a user with a bracket, no bytes
    {R"~(2001:db8::1 - a[b [26/Jan/2019:16:15:25 +0000] "POST /cart HTTP/1.0" 304 - "-" "odd \"agent\" x")~", jan26,
     "2001:db8::1", "POST", "/cart", 304, 0, -1, "", R"~(odd \"agent\" x)~"},
    // common
    {R"~(192.0.2.1 - frank [26/Jan/2019:16:15:25 +0000] "GET / HTTP/1.1" 200 5)~", jan26, "192.0.2.1", "GET", "/", 200,
     5, -1, "", ""},
    // vhost_combined
    {R"~(shop.example:443 192.0.2.1 - - [26/Jan/2019:16:15:25 +0000] "GET / HTTP/1.1" 200 5 "-" "x")~", jan26,
     "192.0.2.1", "GET", "/", 200, 5, -1, "", "x"},
    // a user name with spaces: more words than usual, however many spaces are between them
    {R"~(2001:db8::1-  a b [26/J - x [26/Jan/2019:16:15:25 +0000] "GET / HTTP/1.1" 200 5)~", jan26, "a", "GET", "/",
     200, 5, -1, "", ""},
    {R"~(192.0.2.1   -   - [26/Jan/2019:16:15:25 +0000] "GET / HTTP/1.1" 200 5)~", jan26, "192.0.2.1", "GET", "/", 200,
     5, -1, "", ""},
    // an absolute target; and what is no request line at all
    {R"~(192.0.2.1 - - [26/Jan/2019:16:15:25 +0000] "GET http://shop.example/x?y HTTP/1.1" 200 5 "-" "x")~", jan26,
     "192.0.2.1", "GET", "/x?y", 200, 5, -1, "", "x"},
    {R"~(192.0.2.1 - - [26/Jan/2019:16:15:25 +0000] "\x16\x03\x01" 400 157 "-" "-")~", jan26, "192.0.2.1", "", "", 400,
     157, -1, "", ""},
    {R"~(192.0.2.1 - - [26/Jan/2019:16:15:25 +0000] "-" 408 0 "-" "-")~", jan26, "192.0.2.1", "", "", 408, 0, -1, "",
     ""},
    // HAProxy, with syslog's head and captured headers
    {R"~(Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [26/Jan/2019:16:15:25.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {shop.example|https://g.example/|Mozilla/5.0 (X)} {} "GET /index.html HTTP/1.1")~",
     jan26 + 655, "10.0.1.2", "GET", "/index.html", 200, 2750, 0.109, "https://g.example/", "Mozilla/5.0 (X)"},
    {R"~(::ffff:10.0.1.2:33317 [26/Jan/2019:16:15:25.655] in~ web/<NOSRV> -1/-1/-1/-1/+5 -1 0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>")~",
     jan26 + 655, "::ffff:10.0.1.2", "", "", 0, 0, 0.005, "", ""},
    // JSON: nginx and the edge
    {R"~({"time_iso8601":"2019-01-26T19:45:25+03:30","msec":1548519325.000,"remote_addr":"192.0.2.1","remote_port":5,"request_method":"GET","request_uri":"/\u00fc\"","status":200,"body_bytes_sent":7,"request_time":0.250,"http_referer":"","http_user_agent":"a\\b"})~",
     jan26, "192.0.2.1", "GET", "/ü\"", 200, 7, 0.25, "", "a\\b"},
    // Caddy
    {R"~({"level":"info","ts":1548519325.5,"request":{"remote_ip":"192.0.2.9","method":"HEAD","uri":"/c","headers":{"User-Agent":["curl/8"],"Referer":["https://r/"]}},"duration":0.002,"size":12,"status":404})~",
     jan26 + 500, "192.0.2.9", "HEAD", "/c", 404, 12, 0.002, "https://r/", "curl/8"},
    // Traefik
    {R"~({"ClientHost":"192.0.2.7","DownstreamContentSize":3,"DownstreamStatus":201,"Duration":2500000,"RequestMethod":"PUT","RequestPath":"/t","StartUTC":"2019-01-26T16:15:25.1Z","request_User-Agent":"t"})~",
     jan26 + 100, "192.0.2.7", "PUT", "/t", 201, 3, 0.0025, "", "t"},
    // nginx with the whole request line, and time_local
    {R"~({"time_local":"26/Jan/2019:19:45:25 +0330","client":"[2001:db8::1]:443","request":"GET /r HTTP/2.0","status":"200","bytes_sent":"9"})~",
     jan26, "2001:db8::1", "GET", "/r", 200, 9, -1, "", ""},
};

TEST(LineParser, ReadsEveryFormat) {
  LineParser parser;
  for (const Expected& expected : lines) {
    SCOPED_TRACE(expected.line);
    Entry entry;
    std::string_view why;
    ASSERT_TRUE(parser.parse(expected.line, entry, why)) << why;
    EXPECT_EQ(entry.at_ms, expected.at_ms);
    EXPECT_EQ(entry.client, expected.client);
    EXPECT_EQ(entry.method, expected.method);
    EXPECT_EQ(entry.target, expected.target);
    EXPECT_EQ(entry.status, expected.status);
    EXPECT_EQ(entry.bytes, expected.bytes);
    EXPECT_NEAR(entry.seconds, expected.seconds, 1e-9);
    EXPECT_EQ(entry.referer, expected.referer);
    EXPECT_EQ(entry.user_agent, expected.agent);
  }
}

TEST(LineParser, SaysWhatItExpected) {
  const struct {
    std::string_view line, expected;
  } rows[] = {
      {"hello", "a line of nginx"},
      {R"~(1.2.3.4 - - [26/Jan/2019:19:45:25)~", "a line of nginx"},  // ends where its zone would begin
      {R"~( - - [26/Jan/2019:19:45:25 +0330] GET /)~", "a request in double quotes"},
      {R"~([26/Jan/2019:19:45:25 +0330] "GET / HTTP/1.1" 200 5)~", "an address before the time stamp"},
      {R"~(1.2.3.4 - - [26/Jan/2019:19:45:25 +0330] GET /)~", "a request in double quotes"},
      {R"~(1.2.3.4 - - [26/Jan/2019:19:45:25 +0330] "GET / HTTP/1.1)~", "a request in double quotes"},
      {R"~(1.2.3.4 - - [26/Jan/2019:25:45:25 +0330] "GET / HTTP/1.1" 200 1)~", "a time stamp such as"},
      {R"~(1.2.3.4 - - [31/Feb/2019:05:45:25 +0330] "GET / HTTP/1.1" 200 1)~", "a time stamp such as"},
      {R"~(1.2.3.4 - - [26/Jan/2019:05:45:25 +0330] "GET / HTTP/1.1" 99 1)~", "a status from 100 to 599"},
      {R"~(1.2.3.4 - - [26/Jan/2019:05:45:25 +0330] "GET / HTTP/1.1" 200 x)~", "a number of bytes"},
      {R"~(1.2.3.4 - - [26/Jan/2019:05:45:25 +0330] "GET / HTTP/1.1" 200 1 "abc)~", "the referer's closing quote"},
      {R"~({"a":1)~", "a whole JSON object"},
      {R"~({"remote_addr":"1.2.3.4"})~", "a time in one of"},
      {R"~({"time":"2019-01-26T16:15:25Z"})~", "a client in one of"},
  };
  LineParser parser;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    Entry entry;
    std::string_view why;
    EXPECT_FALSE(parser.parse(row.line, entry, why));
    EXPECT_TRUE(why.starts_with(row.expected)) << why;
  }
}

TEST(LineParser, UnixTimesInAnyUnit) {
  for (const std::string_view text : {"1548519325", "1548519325000", "1548519325000000", "1548519325000000000"}) {
    EXPECT_EQ(LogTime::unix_time(text), jan26) << text;
  }
  EXPECT_FALSE(LogTime::unix_time("-5"));
  EXPECT_FALSE(LogTime::unix_time("1e"));
}

}  // namespace
}  // namespace tenfold::rehearse
