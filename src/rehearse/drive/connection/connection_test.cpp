// Servers that misbehave, over real loopback sockets.
#include "rehearse/drive/connection/connection.hpp"

#include <gtest/gtest.h>

#include "rehearse/drive/run.hpp"
#include "rehearse/drive/test_server.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;

class Unobserved final : public DriveObserver {
 public:
  Proceed second(const RunRecord&) override { return Proceed::on; }
};

RunRecord drive_at(const std::string& url, double per_s, Duration length, Duration timeout = 2s) {
  DriveOptions options;
  options.target = *parse_target(url);
  options.threads = 1;
  options.timeout = timeout;
  Unobserved silent;
  const Load load = ConstantLoad{.per_s = per_s, .length = length};
  auto record = run_load(load, options, silent, {});
  EXPECT_TRUE(record) << record.error().text();
  return record ? std::move(*record) : RunRecord();
}
std::uint64_t failed(const RunRecord& record, Failure why) {
  return record.total.failed[static_cast<std::size_t>(why)];
}

// Reads up to a request's empty line; false at the end.
net::Task<bool> read_request(net::Stream& stream) {
  std::string text;
  while (!text.ends_with("\r\n\r\n")) {
    auto piece = co_await stream.read(no_deadline);
    if (!piece || piece->empty()) co_return false;
    text.append(piece->view());
  }
  co_return true;
}
net::Task<void> answer_all(net::Stream& stream, std::string answer) {
  while (true) {
    const bool asked = co_await read_request(stream);
    if (!asked) co_return;
    auto written = co_await stream.write(answer, no_deadline);
    if (!written) co_return;
  }
}

net::Task<void> garbage(net::Stream& stream, int) {
  std::string text = "220 mail.example ESMTP\r\n";
  co_await answer_all(stream, text);
}
net::Task<void> both_lengths(net::Stream& stream, int) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  co_await answer_all(stream, text);
}
net::Task<void> cut_short(net::Stream& stream, int) {
  const bool asked = co_await read_request(stream);
  if (!asked) co_return;
  [[maybe_unused]] auto written =
      co_await stream.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234", no_deadline);
}
net::Task<void> bad_chunk(net::Stream& stream, int) {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
  co_await answer_all(stream, text);
}
net::Task<void> switching(net::Stream& stream, int) {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  co_await answer_all(stream, text);
}

TEST(ConnectionTest, AnswersThatAreNotHttpAreBroken) {
  for (const auto serve : {garbage, both_lengths, cut_short, bad_chunk, switching}) {
    RawServer server(serve);
    const RunRecord record = drive_at(server.url(), 50, 200ms);
    EXPECT_EQ(failed(record, Failure::broken), 10u);
    EXPECT_EQ(record.total.answered, 0u);
    EXPECT_EQ(record.response.count(), 0u);  // failing fast does not make times better
  }
}

net::Task<void> chunked(net::Stream& stream, int) {
  std::string text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: v\r\n\r\n";
  co_await answer_all(stream, text);
}
net::Task<void> without_body(net::Stream& stream, int) {
  std::string text = "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n";
  co_await answer_all(stream, text);
}
net::Task<void> interim_first(net::Stream& stream, int) {
  std::string text = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  co_await answer_all(stream, text);
}
// A byte at a time.
net::Task<void> in_drips(net::Stream& stream, int) {
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  while (true) {
    const bool asked = co_await read_request(stream);
    if (!asked) co_return;
    for (const char& c : text) {
      auto written = co_await stream.write(std::string_view(&c, 1), no_deadline);
      if (!written) co_return;
    }
  }
}

TEST(ConnectionTest, BodiesOfEveryKindLeaveTheConnectionUsable) {
  for (const auto serve : {chunked, without_body, interim_first, in_drips}) {
    RawServer server(serve);
    int connections = 0;
    const RunRecord record = on_time([&] {
      const int before = server.connections();
      RunRecord played = drive_at(server.url(), 50, 400ms);
      connections = server.connections() - before;
      return played;
    });
    EXPECT_EQ(record.total.answered, 20u);
    EXPECT_EQ(record.total.failed_all(), 0u);
    EXPECT_LE(connections, 4);
  }
}

net::Task<void> until_close(net::Stream& stream, int) {
  const bool asked = co_await read_request(stream);
  if (!asked) co_return;
  [[maybe_unused]] auto written = co_await stream.write("HTTP/1.1 200 OK\r\n\r\nall of it", no_deadline);
}
TEST(ConnectionTest, ABodyCanLastUntilTheServerCloses) {
  RawServer server(until_close);
  const RunRecord record = drive_at(server.url(), 50, 200ms);
  EXPECT_EQ(record.total.answered, 10u);
  EXPECT_EQ(record.total.connections, 10u);
}

net::Task<void> unasked(net::Stream& stream, int) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n";
  co_await answer_all(stream, text);
}
TEST(ConnectionTest, WhatNobodyAskedForIsNotTheNextAnswer) {
  RawServer server(unasked);
  const RunRecord record = drive_at(server.url(), 50, 200ms);
  EXPECT_EQ(record.total.answered, 10u);
  EXPECT_EQ(record.total.connections, 10u);
}

// Answers once, and closes upon the second request without a byte: as a server whose idle time-out ends just then.
net::Task<void> closes_on_second(net::Stream& stream, int) {
  bool asked = co_await read_request(stream);
  if (!asked) co_return;
  auto written = co_await stream.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", no_deadline);
  if (!written) co_return;
  asked = co_await read_request(stream);
}
TEST(ConnectionTest, ARequestThatMetAClosingConnectionIsSentOnceMore) {
  RawServer server(closes_on_second);
  const RunRecord record = drive_at(server.url(), 20, 500ms);
  EXPECT_EQ(record.total.planned, 10u);
  EXPECT_EQ(record.total.sent, 10u);
  EXPECT_EQ(record.total.answered, 10u);
  EXPECT_EQ(record.total.failed_all(), 0u);
  EXPECT_EQ(record.total.connections, 10u);
}

// The first connection answers once; every other closes without a byte.
net::Task<void> only_first_answers(net::Stream& stream, int number) {
  bool asked = co_await read_request(stream);
  if (!asked || number > 0) co_return;
  auto written = co_await stream.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", no_deadline);
  if (!written) co_return;
  asked = co_await read_request(stream);
}
TEST(ConnectionTest, OnceMoreIsNotForEver) {
  RawServer server(only_first_answers);
  const RunRecord record = drive_at(server.url(), 20, 500ms);
  EXPECT_EQ(record.total.answered, 1u);
  EXPECT_EQ(failed(record, Failure::broken), 9u);
  EXPECT_EQ(server.connections(), 10);  // the second request was made twice, the others are on fresh ones anyway
}

}  // namespace
}  // namespace tenfold::rehearse
