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
     "2001:db8::1", "POST", "/cart", 304, 0, -1, "", R"~(odd "agent" x)~"},
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
     jan26, "192.0.2.1", "GET", "/%C3%BC\"", 200, 7, 0.25, "", "a\\b"},
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

// Where the fields of one's own stand between the usual ones: nothing is lost, and nothing taken for another.
TEST(LineParser, FieldsOfOnesOwnAreToldByTheirLooks) {
  constexpr std::string_view head = R"~(192.0.2.1 - - [26/Jan/2019:16:15:25 +0000] "GET / HTTP/1.1" 200 5)~";
  const struct {
    std::string_view rest, referer, agent, forwarded, host;
  } rows[] = {
      {R"~( 0.123 "https://r.example/a" "Mozilla/5.0 (X11)")~", "https://r.example/a", "Mozilla/5.0 (X11)", "", ""},
      {R"~( 0.123 0.100 "-" "curl/8.1")~", "", "curl/8.1", "", ""},
      {R"~( "Mozilla/5.0 (X11)" "https://r.example/")~", "https://r.example/", "Mozilla/5.0 (X11)", "", ""},
      {R"~( "203.0.113.9, 10.0.0.1" "https://r.example/" "ShopApp/3.1")~", "https://r.example/", "ShopApp/3.1",
       "203.0.113.9", ""},
      {R"~( "spam.example" "Mozilla/5.0")~", "spam.example", "Mozilla/5.0", "", ""},
      {R"~( "shop.example" "https://r.example/" "x/1")~", "https://r.example/", "x/1", "", "shop.example"},
      {R"~( "-" "My browser" "203.0.113.9")~", "", "My browser", "203.0.113.9", ""},
      {R"~( "-" "x" rt=0.1 "shop.example" ua="10.0.0.1:80" xff="203.0.113.9")~", "", "x", "203.0.113.9",
       "shop.example"},
      {R"~( "-" "x" "10.0.0.7:8080" "0.003")~", "", "x", "", ""},
      {R"~( "-" "x" 203.0.113.9, 10.0.0.1)~", "", "x", "203.0.113.9", ""},
      {R"~( "https://r.example/?q=\x22\xC3\xBC" "a\x22b")~", "https://r.example/?q=\"\xC3\xBC", "a\"b", "", ""},
  };
  LineParser parser;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.rest);
    Entry entry;
    std::string_view why;
    const std::string line = std::string(head) + std::string(row.rest);
    ASSERT_TRUE(parser.parse(line, entry, why)) << why;
    EXPECT_EQ(entry.client, "192.0.2.1");
    EXPECT_EQ(entry.referer, row.referer);
    EXPECT_EQ(entry.user_agent, row.agent);
    EXPECT_EQ(entry.forwarded, row.forwarded);
    EXPECT_EQ(entry.host, row.host);
    EXPECT_TRUE(entry.agent_logged);
  }
}

TEST(LineParser, TargetsAreAsTheyCanBeSent) {
  const struct {
    std::string_view logged, target;
  } rows[] = {
      {R"~(/caf\xC3\xA9?q=\x22a\x22)~", "/caf%C3%A9?q=\"a\""},
      {"/caf\xC3\xA9", "/caf%C3%A9"},
      {R"~(/a\"b\\c\td)~", "/a\"b\\c%09d"},
      {R"~(/odd\qescape)~", R"~(/odd\qescape)~"},
      {"/plain?a=b%20c", "/plain?a=b%20c"},
      {"/a#part", "/a"},
      {"https://shop.example/a", "/a"},
      {"http://shop.example?a=b", "/?a=b"},
  };
  LineParser parser;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.logged);
    Entry entry;
    std::string_view why;
    const std::string line = R"~(192.0.2.1 - - [26/Jan/2019:16:15:25 +0000] "GET )~" + std::string(row.logged) +
                             R"~( HTTP/1.1" 200 5 "-" "x")~";
    ASSERT_TRUE(parser.parse(line, entry, why)) << why;
    EXPECT_EQ(entry.target, row.target);
  }
}

TEST(LineParser, AHeaderThatHaproxyCapturedIsKnownByItsLooks) {
  const struct {
    std::string_view captured, agent, referer, host, forwarded;
    bool logged;
  } rows[] = {
      {"{shop.example|Opera/9.80 (X11)}", "Opera/9.80 (X11)", "", "shop.example", "", true},
      {"{shop.example|ShopApp/3.1}", "ShopApp/3.1", "", "shop.example", "", true},
      {"{ShopApp|de-DE,de;q=0.9}", "ShopApp", "", "", "", true},
      {"{203.0.113.9|a #22quoted#22 agent/1}", "a \"quoted\" agent/1", "", "", "203.0.113.9", true},
      {"{shop.example|}", "", "", "shop.example", "", false},
      {"{https://r.example/|Mozilla/5.0} {nginx/1.18|text/html}", "Mozilla/5.0", "https://r.example/", "", "", true},
      {"", "", "", "", "", false},
  };
  LineParser parser;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.captured);
    Entry entry;
    std::string_view why;
    const std::string line =
        "10.0.1.2:33317 [26/Jan/2019:16:15:25.655] in web/a 0/0/0/9/9 200 27 - - ---- 1/1/1/1/0 0/0 " +
        std::string(row.captured) + R"~( "GET / HTTP/1.1")~";
    ASSERT_TRUE(parser.parse(line, entry, why)) << why;
    EXPECT_EQ(entry.user_agent, row.agent);
    EXPECT_EQ(entry.referer, row.referer);
    EXPECT_EQ(entry.host, row.host);
    EXPECT_EQ(entry.forwarded, row.forwarded);
    EXPECT_EQ(entry.agent_logged, row.logged);
    EXPECT_FALSE(entry.zoned);
  }
}

TEST(LineParser, OfTwoMembersThatMeanTheSameTheClientsOwnCounts) {
  const struct {
    std::string_view members, target, client, forwarded;
  } rows[] = {
      {R"~("uri":"/index.php","request_uri":"/a?b","remote_addr":"192.0.2.1")~", "/a?b", "192.0.2.1", ""},
      {R"~("request_uri":"/a?b","uri":"/index.php","remote_addr":"192.0.2.1")~", "/a?b", "192.0.2.1", ""},
      {R"~("uri":"/a","args":"b=c","remote_addr":"192.0.2.1")~", "/a?b=c", "192.0.2.1", ""},
      {R"~("uri":"/a","client_ip":"203.0.113.9","remote_addr":"10.0.0.1")~", "/a", "203.0.113.9", ""},
      {R"~("uri":"/a","remote_addr":"10.0.0.1","http_x_forwarded_for":"203.0.113.9, 10.0.0.2")~", "/a", "10.0.0.1",
       "203.0.113.9"},
      {R"~("request":{"uri":"/a","remote_ip":"10.0.0.1","client_ip":"10.0.0.1","headers":{"X-Forwarded-For":["203.0.113.9"]}})~",
       "/a", "10.0.0.1", "203.0.113.9"},
      {R"~("path":"/a","query":"?b=c","x_forwarded_for":"203.0.113.9")~", "/a?b=c", "203.0.113.9", ""},
  };
  LineParser parser;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.members);
    Entry entry;
    std::string_view why;
    const std::string line =
        R"~({"time":"2019-01-26T16:15:25Z","method":"GET","status":200,)~" + std::string(row.members) + "}";
    ASSERT_TRUE(parser.parse(line, entry, why)) << why;
    EXPECT_EQ(entry.target, row.target);
    EXPECT_EQ(entry.client, row.client);
    EXPECT_EQ(entry.forwarded, row.forwarded);
    EXPECT_FALSE(entry.agent_logged);
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
      {R"~(1.2.3.4 - - [26/Jan/2019:05:45:25 +0330] "GET / HTTP/1.1" 200 1 "-" "abc)~",
       "the user agent's closing quote"},
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
