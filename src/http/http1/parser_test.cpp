#include "http/http1/parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "http/connection_options.hpp"

namespace tenfold::http::http1 {
namespace {

using namespace std::string_literals;

struct Parsed {
  Progress progress = Progress::incomplete;
  Refusal refusal;
  RequestHead head;
  RequestFraming framing;
  std::size_t head_bytes = 0;
};

Parsed parse(std::string_view text, HeadLimits limits = {}) {
  Parsed parsed;
  parsed.progress = parse_request_head(text, limits, parsed.head, parsed.framing, parsed.head_bytes, parsed.refusal);
  return parsed;
}

// The status that a client would see after sending the text byte by byte; 0: accepted, -1: still incomplete.
int outcome_in_single_bytes(std::string_view text, HeadLimits limits = {}) {
  Cursor cursor;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Refusal refusal;
    const Progress progress = check_request_head(text.substr(0, size), limits, cursor, refusal);
    if (progress == Progress::refused) return refusal.status;
    if (progress == Progress::complete) {
      const Parsed parsed = parse(text.substr(0, size), limits);
      return parsed.progress == Progress::complete ? 0 : parsed.refusal.status;
    }
  }
  return -1;
}

int outcome_at_once(std::string_view text, HeadLimits limits = {}) {
  const Parsed parsed = parse(text, limits);
  if (parsed.progress == Progress::incomplete) return -1;
  return parsed.progress == Progress::complete ? 0 : parsed.refusal.status;
}

TEST(RequestParser, ReadsAPlainRequest) {
  const std::string text = "GET /shop?q=1 HTTP/1.1\r\nHost: shop.example:8080\r\nAccept:  */* \r\nX-Empty:\r\n\r\nrest";
  const Parsed parsed = parse(text);
  ASSERT_EQ(parsed.progress, Progress::complete);
  EXPECT_EQ(parsed.head.method, Method::get);
  EXPECT_EQ(parsed.head.method_name, "GET");
  EXPECT_EQ(parsed.head.target, "/shop?q=1");
  EXPECT_EQ(parsed.head.authority, "shop.example:8080");
  EXPECT_EQ(parsed.head.version, Version::http_1_1);
  EXPECT_EQ(parsed.head.headers.size(), 3u);
  EXPECT_EQ(parsed.head.headers.find(Field::accept), "*/*");
  EXPECT_EQ(parsed.head.headers.find("x-empty"), "");
  EXPECT_EQ(parsed.head_bytes, text.size() - 4);
  EXPECT_EQ(parsed.framing.body.kind, BodyLength::Kind::none);
  EXPECT_TRUE(parsed.framing.keep_alive);
}

TEST(RequestParser, TellsTheFraming) {
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0012\r\n\r\n").framing.body.bytes, 12u);
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n").framing.body.kind,
            BodyLength::Kind::unknown);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").framing.keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").framing.keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").framing.keep_alive);
  EXPECT_TRUE(parse("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n").framing.expects_continue);
  EXPECT_FALSE(parse("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").framing.expects_continue);
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n")
                  .framing.wants_upgrade);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n").framing.wants_upgrade);
}

TEST(RequestParser, TakesTheAuthorityFromAnAbsoluteTarget) {
  const Parsed parsed = parse("GET http://shop.example/cart?x HTTP/1.1\r\nHost: Shop.Example:80\r\n\r\n");
  ASSERT_EQ(parsed.progress, Progress::complete);
  EXPECT_EQ(parsed.head.authority, "shop.example");
  EXPECT_EQ(parsed.head.target, "/cart?x");
  EXPECT_EQ(parsed.head.headers.find(Field::host), "shop.example");
  EXPECT_EQ(parse("GET HTTPS://a HTTP/1.1\r\nHost: a\r\n\r\n").head.target, "/");
  EXPECT_EQ(parse("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").head.target, "*");
}

TEST(RequestParser, ReadsTheOtherTargetForms) {
  EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").head.target, "*");
  EXPECT_EQ(parse("CONNECT a:443 HTTP/1.1\r\nHost: b\r\n\r\n").head.authority, "a:443");
  EXPECT_EQ(parse("GET /a|b?{\"c\":[1]}\\ HTTP/1.1\r\nHost: a\r\n\r\n").progress, Progress::complete);
  EXPECT_EQ(parse("GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n").progress, Progress::complete);
}

TEST(RequestParser, PassesOverOneEmptyLineBefore) {
  EXPECT_EQ(outcome_at_once("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(outcome_at_once("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(outcome_at_once("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

struct Case {
  const char* name;
  std::string text;
  int status;
};

std::string with(std::string_view fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n"; }

const std::vector<Case>& refused_heads() {
  static const std::vector<Case> cases = {
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
      {"bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"lone CR in a value", with("X: a\rb\r\n"), 400},
      {"lone CR after the version", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400},
      {"NUL in a value", with("X: a\0b\r\n"s), 400},
      {"NUL in a name", with("X\0: a\r\n"s), 400},
      {"control byte in a value", with("X: \x01\r\n"), 400},
      {"DEL in a value", with("X: \x7f\r\n"), 400},
      {"folded line", with("X: a\r\n b\r\n"), 400},
      {"folded line with a tab", with("X: a\r\n\tb\r\n"), 400},
      {"space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"space before a colon", with("X : a\r\n"), 400},
      {"tab before a colon", with("Transfer-Encoding\t: chunked\r\n"), 400},
      {"no colon", with("Xa\r\n"), 400},
      {"empty name", with(": a\r\n"), 400},
      {"bad byte in a name", with("X(y): a\r\n"), 400},
      {"empty method", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"bad method", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"TLS on the plain port", "\x16\x03\x01\x02", 400},
      {"empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two spaces", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tab instead of space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"fragment in the target", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"target without a slash", "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"other scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"user in the target", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"empty host in the target", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT without a port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"version with two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"version 2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\nX: a\r\n\r\n", 400},
      {"two Hosts", with("Host: a\r\n"), 400},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"Host with a comma", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
      {"Host with a bad port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
      {"Host with a great port", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
      {"Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"both length fields", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"both length fields, other order", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {"two lengths that differ", with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"two lengths that agree", with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"a list of lengths", with("Content-Length: 5, 5\r\n"), 400},
      {"length with a plus", with("Content-Length: +5\r\n"), 400},
      {"length with a minus", with("Content-Length: -5\r\n"), 400},
      {"length in hexadecimal", with("Content-Length: 0x5\r\n"), 400},
      {"length with a space inside", with("Content-Length: 5 5\r\n"), 400},
      {"empty length", with("Content-Length:\r\n"), 400},
      {"length past 64 bits", with("Content-Length: 18446744073709551621\r\n"), 400},
      {"length past 63 bits", with("Content-Length: 9223372036854775808\r\n"), 400},
      {"chunked twice", with("Transfer-Encoding: chunked, chunked\r\n"), 400},
      {"two Transfer-Encodings", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
      {"xchunked", with("Transfer-Encoding: xchunked\r\n"), 400},
      {"identity", with("Transfer-Encoding: identity\r\n"), 400},
      {"chunked not last", with("Transfer-Encoding: chunked, gzip\r\n"), 400},
      {"chunked with a parameter", with("Transfer-Encoding: chunked;q=1\r\n"), 400},
      {"chunked in quotes", with("Transfer-Encoding: \"chunked\"\r\n"), 400},
      {"chunked behind a vertical tab",
       with("Transfer-Encoding: \x0b"
            "chunked\r\n"),
       400},
      {"chunked behind a no-break space",
       with("Transfer-Encoding: \xa0"
            "chunked\r\n"),
       400},
      {"tab before chunked", with("Transfer-Encoding:\tchunked\r\n"), 400},
      {"tab behind chunked", with("Transfer-Encoding: chunked \t\r\n"), 400},
      {"tab before a length", with("Content-Length: \t5\r\n"), 400},
      {"tab behind a length", with("Content-Length: 5\t\r\n"), 400},
      {"empty Transfer-Encoding", with("Transfer-Encoding:\r\n"), 400},
      {"empty element before chunked", with("Transfer-Encoding: , chunked x\r\n"), 400},
      {"unknown coding before chunked", with("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
  };
  return cases;
}

TEST(RequestParser, RefusesWhatCouldBeReadTwoWays) {
  for (const Case& each : refused_heads()) EXPECT_EQ(outcome_at_once(each.text), each.status) << each.name;
}

TEST(RequestParser, RefusesTheSameWhenBytesComeOneByOne) {
  for (const Case& each : refused_heads()) EXPECT_EQ(outcome_in_single_bytes(each.text), each.status) << each.name;
}

TEST(RequestParser, RefusesABareLineFeedBeforeTheHeadIsComplete) {
  EXPECT_EQ(outcome_at_once("GET / HTTP/1.1\n"), 400);
  EXPECT_EQ(outcome_at_once("GET / HTTP/1.1\r\nHost: a\n"), 400);
  EXPECT_EQ(outcome_at_once("G ("), -1);
  EXPECT_EQ(outcome_at_once("G("), 400);
  EXPECT_EQ(outcome_at_once("GET / HTTPS"), 400);
}

TEST(RequestParser, HoldsItsLimitsToTheByte) {
  const HeadLimits limits{.first_line_bytes = 20, .header_bytes = 30, .header_count = 2};
  const auto both = [&](const std::string& text) {
    EXPECT_EQ(outcome_at_once(text, limits), outcome_in_single_bytes(text, limits)) << text;
    return outcome_at_once(text, limits);
  };
  EXPECT_EQ(both("GET /678901 HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(both("GET /6789012 HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(both("GET /" + std::string(100, 'a')), 414);
  EXPECT_EQ(both("GET / HTTP/1.1\r\nHost: a\r\nX: 345678901234567\r\n\r\n"), 0);
  EXPECT_EQ(both("GET / HTTP/1.1\r\nHost: a\r\nX: 3456789012345678901\r\n\r\n"), 431);
  EXPECT_EQ(both("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100, 'a')), 431);
  EXPECT_EQ(both("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100, 'a') + "\n"), 431);
  EXPECT_EQ(both("GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n"), 0);
  EXPECT_EQ(both("GET / HTTP/1.1\r\nHost: a\r\nX:\r\nY:\r\n\r\n"), 431);
}

TEST(RequestParser, AllConnectionLinesSayHowItGoesOn) {
  const auto keeps = [](const std::string& lines) {
    return parse("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n").framing.keep_alive;
  };
  EXPECT_FALSE(keeps("Connection: X-Foo\r\nConnection: close\r\n"));
  EXPECT_FALSE(keeps("Connection: close\r\nConnection: X-Foo\r\n"));
  EXPECT_FALSE(keeps("Connection: close\r\nConnection: keep-alive\r\n"));
  EXPECT_TRUE(keeps("Connection: X-Foo\r\nConnection: keep-alive\r\n"));
}

TEST(RequestParser, TakesSoManyConnectionOptionsAndNoMore) {
  const auto with = [](std::size_t options, const char* separator) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: a";
    for (std::size_t i = 1; i < options; ++i) text += separator + std::string("a");
    return outcome_at_once(text + "\r\n\r\n");
  };
  EXPECT_EQ(with(ConnectionOptions::most, ","), 0);
  EXPECT_EQ(with(ConnectionOptions::most + 1, ", "), 431);
  EXPECT_EQ(with(ConnectionOptions::most, "\r\nConnection: "), 0);
  EXPECT_EQ(with(ConnectionOptions::most + 1, "\r\nConnection: "), 431);
  EXPECT_EQ(with(15'000, ","), 431);
}

TEST(RequestParser, ContinuesWithoutLookingAtBytesTwice) {
  // 32 KiB byte by byte would take half a billion looks were each byte examined again; this ends at once.
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(32'000, 'v') + "\r\n\r\n";
  EXPECT_EQ(outcome_in_single_bytes(text), 0);
}

struct ParsedResponse {
  Progress progress = Progress::incomplete;
  Refusal refusal;
  ResponseHead head;
  ResponseFraming framing;
  std::size_t head_bytes = 0;
};

ParsedResponse parse_response(std::string_view text, Method method = Method::get) {
  ParsedResponse parsed;
  parsed.progress =
      parse_response_head(text, {}, method, parsed.head, parsed.framing, parsed.head_bytes, parsed.refusal);
  return parsed;
}

TEST(ResponseParser, ReadsStatusAndFraming) {
  using Body = ResponseFraming::Body;
  const auto plain = parse_response("HTTP/1.1 200 Very OK\r\nContent-Length: 3\r\n\r\nabc");
  ASSERT_EQ(plain.progress, Progress::complete);
  EXPECT_EQ(plain.head.status, 200);
  EXPECT_EQ(plain.head.reason, "Very OK");
  EXPECT_EQ(plain.framing.body, Body::known);
  EXPECT_EQ(plain.framing.bytes, 3u);
  EXPECT_TRUE(plain.framing.keep_alive);

  EXPECT_EQ(parse_response("HTTP/1.1 404\r\n\r\n").head.status, 404);
  EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\n\r\n").framing.body, Body::until_close);
  EXPECT_FALSE(parse_response("HTTP/1.1 200 OK\r\n\r\n").framing.keep_alive);
  EXPECT_EQ(parse_response("HTTP/1.1 304 X\r\nContent-Length: 3\r\n\r\n").framing.body, Body::none);
  EXPECT_EQ(parse_response("HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\n", Method::head).framing.body, Body::none);
  EXPECT_EQ(parse_response("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n").framing.body, Body::chunked);
  EXPECT_FALSE(parse_response("HTTP/1.0 200 X\r\nContent-Length: 0\r\n\r\n").framing.keep_alive);
  EXPECT_TRUE(
      parse_response("HTTP/1.0 200 X\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").framing.keep_alive);
  EXPECT_EQ(parse_response("HTTP/1.1 101 X\r\n\r\n").framing.body, Body::none);
  EXPECT_FALSE(parse_response("HTTP/1.1 200 X\r\nConnection: X-Foo\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                   .framing.keep_alive);
  EXPECT_FALSE(parse_response("HTTP/1.1 200 X\r\nConnection: close\r\nConnection: X-Foo\r\nContent-Length: 0\r\n\r\n")
                   .framing.keep_alive);
}

TEST(ResponseParser, RefusesWhatCouldBeReadTwoWays) {
  const std::vector<Case> cases = {
      {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", 502},
      {"bare LF in fields", "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n", 502},
      {"folded", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", 502},
      {"both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 502},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", 502},
      {"odd length", "HTTP/1.1 200 OK\r\nContent-Length: 1,1\r\n\r\n", 502},
      {"other coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 502},
      {"coding in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 502},
      {"not HTTP", "SSH-2.0-OpenSSH\r\n", 502},
      {"other version", "HTTP/2.0 200 OK\r\n\r\n", 502},
      {"two digits", "HTTP/1.1 20 OK\r\n\r\n", 502},
      {"four digits", "HTTP/1.1 2000 OK\r\n\r\n", 502},
      {"status below 100", "HTTP/1.1 099 OK\r\n\r\n", 502},
      {"control byte", "HTTP/1.1 200 O\x01K\r\n\r\n", 502},
  };
  for (const Case& each : cases) {
    const auto parsed = parse_response(each.text);
    EXPECT_EQ(parsed.progress, Progress::refused) << each.name;
    EXPECT_EQ(parsed.refusal.status, each.status) << each.name;
    Cursor cursor;
    Refusal refusal;
    Progress progress = Progress::incomplete;
    for (std::size_t size = 1; size <= each.text.size() && progress == Progress::incomplete; ++size) {
      progress = check_response_head(std::string_view(each.text).substr(0, size), {}, cursor, refusal);
    }
    EXPECT_NE(progress, Progress::incomplete) << each.name;
  }
}

TEST(TrailerParser, ReadsAndRefuses) {
  Headers trailers;
  Refusal refusal;
  EXPECT_EQ(parse_trailers("\r\n", {}, Misplaced::refused, trailers, refusal), Progress::complete);
  EXPECT_EQ(parse_trailers("Server-Timing: a\r\n\r\n", {}, Misplaced::refused, trailers, refusal), Progress::complete);
  EXPECT_EQ(trailers.size(), 1u);
  EXPECT_EQ(parse_trailers("Content-Length: 3\r\n\r\n", {}, Misplaced::refused, trailers, refusal), Progress::refused);
  EXPECT_EQ(
      parse_trailers("Content-Length: 3\r\nX: a\r\nDate: now\r\n\r\n", {}, Misplaced::left_out, trailers, refusal),
      Progress::complete);
  EXPECT_EQ(trailers.size(), 1u);
  EXPECT_EQ(parse_trailers("X: a\n\n", {}, Misplaced::refused, trailers, refusal), Progress::refused);
  EXPECT_EQ(parse_trailers("X: a\r\n", {}, Misplaced::refused, trailers, refusal), Progress::incomplete);
}

}  // namespace
}  // namespace tenfold::http::http1
