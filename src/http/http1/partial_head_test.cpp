#include "http/http1/partial_head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tenfold::http::http1 {
namespace {

using Kind = PartialHead::Kind;

constexpr HeadLimits small{.first_line_bytes = 40, .header_bytes = 60, .header_count = 4};

struct Seen {
  Progress progress = Progress::incomplete;
  int status = 0;        // of the refusal
  std::string head;      // if complete
  std::size_t used = 0;  // of the bytes given, if complete
  bool operator==(const Seen&) const = default;
};

// What comes of the bytes when a piece ends before each of `cuts`.
Seen in_pieces(Kind kind, std::string_view bytes, const std::vector<std::size_t>& cuts) {
  PartialHead head(kind);
  Seen seen;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cuts.size() && seen.progress == Progress::incomplete; ++i) {
    const std::size_t end = i < cuts.size() ? cuts[i] : bytes.size();
    Refusal refusal;
    const PartialHead::Taken taken = head.take(bytes.substr(begin, end - begin), small, refusal);
    EXPECT_LE(taken.bytes, end - begin);
    EXPECT_TRUE(taken.progress == Progress::complete || taken.bytes == end - begin);
    seen.progress = taken.progress;
    if (seen.progress == Progress::complete) seen.used = begin + taken.bytes;
    if (seen.progress == Progress::refused) seen.status = refusal.status;
    begin = end;
  }
  if (seen.progress == Progress::complete) seen.head = head.text();
  return seen;
}

struct CutHead {
  Kind kind;
  std::string bytes;
  Seen expected;
};

Seen complete(std::string head) { return {Progress::complete, 0, head, head.size()}; }
Seen refused(int status) { return {Progress::refused, status, "", 0}; }
Seen incomplete() { return {}; }

std::vector<CutHead> cases() {
  const std::string request = "\r\nPOST /a?b HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n";
  const std::string response = "HTTP/1.1 200 Very OK\r\nA: b\r\nServer: x y\r\n\r\n";
  const std::string trailers = "A: b\r\nC: d\r\n\r\n";
  return {
      {Kind::request, request, complete(request)},
      {Kind::request, request + "body\r\n\r\n" + request, complete(request)},
      {Kind::request, request.substr(0, request.size() - 1), incomplete()},
      {Kind::request, "GET / HTTP/1.1\r\n\r\nrest", complete("GET / HTTP/1.1\r\n\r\n")},  // the parser refuses it
      {Kind::request, "GET / HTTP/1.1\nHost: a\r\n\r\n", refused(400)},
      {Kind::request, "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", refused(400)},
      {Kind::request, "GET / HTTP/1.1\r\nHost: a\r\n\rX", refused(400)},
      {Kind::request, "GET / HTTP/3.0\r\n\r\n", refused(505)},
      {Kind::response, response, complete(response)},
      {Kind::response, response + response, complete(response)},
      {Kind::response, "HTTP/1.1 200 OK\r\nA: b\n\r\n", refused(502)},
      {Kind::response, "HTTP/1.1 2000 OK\r\n\r\n", refused(502)},
      {Kind::trailers, trailers, complete(trailers)},
      {Kind::trailers, "\r\nGET / HTTP/1.1", complete("\r\n")},
      {Kind::trailers, trailers + "rest", complete(trailers)},
      {Kind::trailers, "A : b\r\n\r\n", refused(400)},
  };
}

TEST(PartialHead, ComesTheSameHoweverItIsCut) {
  for (const CutHead& each : cases()) {
    EXPECT_EQ(in_pieces(each.kind, each.bytes, {}), each.expected) << each.bytes;
    std::vector<std::size_t> everywhere;
    for (std::size_t cut = 1; cut < each.bytes.size(); ++cut) {
      everywhere.push_back(cut);
      EXPECT_EQ(in_pieces(each.kind, each.bytes, {cut}), each.expected) << cut << " of " << each.bytes;
      for (std::size_t second = cut + 1; second < each.bytes.size(); ++second) {
        EXPECT_EQ(in_pieces(each.kind, each.bytes, {cut, second}), each.expected)
            << cut << " and " << second << " of " << each.bytes;
      }
    }
    EXPECT_EQ(in_pieces(each.kind, each.bytes, everywhere), each.expected) << each.bytes;
  }
}

TEST(PartialHead, IsRefusedPastItsLimitsAndNotAtThem) {
  const auto target = [](std::size_t bytes) { return "GET /" + std::string(bytes - 14, 'a') + " HTTP/1.1\r\n"; };
  const auto field = [](std::size_t bytes) { return "X:" + std::string(bytes - 4, 'a') + "\r\n"; };
  const std::string status_line = "HTTP/1.1 200 " + std::string(27, 'a') + "\r\n";
  const std::vector<CutHead> limits = {
      {Kind::request, "\r\n" + target(40) + field(60) + "\r\n", complete("\r\n" + target(40) + field(60) + "\r\n")},
      {Kind::request, target(41) + "\r\n", refused(414)},
      {Kind::request, target(40) + field(61) + "\r\n", refused(431)},
      {Kind::request, target(40) + field(30) + field(31) + "\r\n", refused(431)},
      {Kind::request, target(40) + "A:\r\nB:\r\nC:\r\nD:\r\n\r\n",
       complete(target(40) + "A:\r\nB:\r\nC:\r\nD:\r\n\r\n")},
      {Kind::request, target(40) + "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n\r\n", refused(431)},
      {Kind::response, status_line + field(60) + "\r\n", complete(status_line + field(60) + "\r\n")},
      {Kind::response, "HTTP/1.1 200 " + std::string(28, 'a') + "\r\n\r\n", refused(431)},
      {Kind::response, status_line + field(61) + "\r\n", refused(431)},
      {Kind::trailers, field(60) + "\r\n", complete(field(60) + "\r\n")},
      {Kind::trailers, field(61) + "\r\n", refused(431)},
  };
  for (const CutHead& each : limits) {
    EXPECT_EQ(in_pieces(each.kind, each.bytes, {}), each.expected) << each.bytes;
    for (std::size_t cut = 1; cut < each.bytes.size(); ++cut) {
      EXPECT_EQ(in_pieces(each.kind, each.bytes, {cut}), each.expected) << cut << " of " << each.bytes;
    }
  }
}

TEST(PartialHead, KeepsNoMoreThanTheLimitsAllow) {
  const std::string endless = "GET /" + std::string(1'000'000, 'a');
  for (const Kind kind : {Kind::request, Kind::response, Kind::trailers}) {
    PartialHead head(kind);
    Refusal refusal;
    EXPECT_EQ(head.take(endless, small, refusal).progress, Progress::refused);
    EXPECT_LE(head.text().size(), small.first_line_bytes + small.header_bytes + 6);
  }
  PartialHead head(Kind::request);
  Refusal refusal;
  const std::string complete = "GET / HTTP/1.1\r\n\r\n";
  EXPECT_EQ(head.take(complete + endless, small, refusal).bytes, complete.size());
  EXPECT_EQ(head.text(), complete);
}

TEST(PartialHead, BeginsAnewOnceItIsClearedOrGivenAway) {
  for (const Kind kind : {Kind::request, Kind::response, Kind::trailers}) {
    const std::string start = kind == Kind::request    ? "GET / HTTP/1.1\r\n"
                              : kind == Kind::response ? "HTTP/1.1 200\r\n"
                                                       : "";
    PartialHead head(kind);
    Refusal refusal;
    EXPECT_TRUE(head.empty());
    EXPECT_EQ(head.take(start + "A: b\r\n", small, refusal).progress, Progress::incomplete);
    EXPECT_FALSE(head.empty());
    EXPECT_EQ(head.take("\r\nnext", small, refusal).bytes, 2u);
    EXPECT_EQ(head.release(), start + "A: b\r\n\r\n");
    EXPECT_TRUE(head.empty());

    EXPECT_EQ(head.take(start + "broken", small, refusal).progress, Progress::incomplete);
    EXPECT_EQ(head.take("\n", small, refusal).progress, Progress::refused);
    head.clear();
    EXPECT_EQ(head.take(start + "\r\n", small, refusal).progress, Progress::complete);
  }
}

TEST(PartialHead, LooksAtNoByteTwice) {
  // Half a million bytes one by one: examined again each time, they would be a hundred thousand million looks.
  constexpr HeadLimits large{.first_line_bytes = 100, .header_bytes = 600'000, .header_count = 4};
  PartialHead head(Kind::response);
  Refusal refusal;
  ASSERT_EQ(head.take("HTTP/1.1 200 OK\r\nX: ", large, refusal).progress, Progress::incomplete);
  for (int i = 0; i < 500'000; ++i) ASSERT_EQ(head.take("v", large, refusal).progress, Progress::incomplete);
  EXPECT_EQ(head.take("\r\n\r\n", large, refusal).progress, Progress::complete);
}

}  // namespace
}  // namespace tenfold::http::http1
