#include "transfer/transfers.hpp"

#include <curl/curl.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <optional>
#include <thread>

#include "transfer/test_server.hpp"

namespace tenfold::transfer {
namespace {

using namespace std::chrono_literals;
using Then = TestReply::Then;
using Kind = Outcome::Kind;

class TransfersTest : public ::testing::Test {
 protected:
  // What came, and the handle's own words are gone.
  Outcome ask(Request request) {
    std::optional<Outcome> result;
    transfers_->start(std::move(request), [&](Outcome& outcome) { result = outcome; });
    EXPECT_FALSE(result) << "told from within start()";
    wait([&] { return result.has_value(); });
    return result.value_or(Outcome());
  }
  Outcome ask(const TestServer& server, const std::string& method = "GET") {
    return ask({.url = server.url(), .method = method, .timeout = 5s});
  }
  template <class Condition>
  void wait(Condition condition) {
    const TimePoint deadline = poller_->now() + 20s;
    while (!condition() && poller_->now() < deadline) poller_->run_until(poller_->now() + 2ms);
    EXPECT_TRUE(condition());
  }

  SystemClock clock_;
  std::unique_ptr<Poller> poller_ = *Poller::make(clock_);
  std::unique_ptr<Transfers> transfers_ = *Transfers::make(*poller_, {.most_under_way = 3, .kept_connections = 4});
};

TEST_F(TransfersTest, BringsStatusHeadersAndBody) {
  TestServer server(*poller_, [](const std::string&) {
    return page("hello", 201, "X-One: 1\r\nX-Two:  two words \r\nRetry-After: 7\r\n");
  });
  const Outcome outcome = ask(server);
  EXPECT_EQ(outcome.kind, Kind::answered);
  EXPECT_EQ(outcome.status, 201);
  EXPECT_EQ(outcome.body, "hello");
  EXPECT_EQ(outcome.body_bytes, 5u);
  EXPECT_EQ(outcome.header("x-one"), "1");
  EXPECT_EQ(outcome.header("x-two"), "two words");
  EXPECT_EQ(outcome.header("x-three"), "");
  EXPECT_EQ(outcome.retry_after, 7s);
  EXPECT_EQ(outcome.error, "");
}

TEST_F(TransfersTest, ServersAreWaitedForADayAtMost) {
  std::string given;
  TestServer server(*poller_, [&](const std::string&) { return page("", 503, "Retry-After: " + given + "\r\n"); });
  const auto waits = [&](const std::string& header) {
    given = header;
    return ask(server).retry_after;
  };
  EXPECT_EQ(waits("86400"), 24h);
  EXPECT_EQ(waits("86401"), 24h);
  EXPECT_EQ(waits("99999999999999999999"), 24h);
  EXPECT_EQ(waits("Fri, 31 Dec 9999 23:59:59 GMT"), 24h);
  EXPECT_EQ(waits("Thu, 01 Jan 1970 00:00:10 GMT"), 0s);
  EXPECT_EQ(waits("soon"), 0s);
}

TEST_F(TransfersTest, SendsMethodHeadersBodyAndLogin) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  ask({.url = server.url("/calls?a=1"),
       .method = "PUT",
       .headers = {{"X-Key", "secret"}, {"X-Empty", ""}},
       .body = "a=b",
       .user = "me",
       .password = "word"});
  ASSERT_EQ(server.requests().size(), 1u);
  const std::string& request = server.requests().front();
  EXPECT_TRUE(request.starts_with("PUT /calls?a=1 HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("X-Key: secret\r\n"), std::string::npos) << request;
  EXPECT_NE(request.find("X-Empty:\r\n"), std::string::npos) << request;
  EXPECT_NE(request.find("Authorization: Basic bWU6d29yZA==\r\n"), std::string::npos) << request;
  EXPECT_EQ(request.find("Expect:"), std::string::npos) << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\na=b")) << request;
}

TEST_F(TransfersTest, PostsAnEmptyBodyAsABody) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  EXPECT_EQ(ask(server, "POST").status, 200);
  EXPECT_NE(server.requests().front().find("Content-Length: 0"), std::string::npos);
}

TEST_F(TransfersTest, ABodyOfTheBoundIsWholeAndOneByteMoreIsCut) {
  TestServer server(*poller_, [](const std::string&) { return page(std::string(1000, 'x')); });
  const Outcome whole = ask({.url = server.url(), .most_body_bytes = 1000});
  EXPECT_FALSE(whole.cut);
  EXPECT_EQ(whole.body.size(), 1000u);
  const Outcome cut = ask({.url = server.url(), .most_body_bytes = 999});
  EXPECT_EQ(cut.kind, Kind::answered);
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.body.size(), 999u);
  EXPECT_EQ(cut.body_bytes, 999u);
  EXPECT_EQ(cut.curl_code, CURLE_OK);
}

TEST_F(TransfersTest, TheBoundHoldsForWhatIsUnpacked) {
  const std::string plain(5'000'000, 'x');
  std::string packed(compressBound(plain.size()) + 64, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                     plain.size()),
            Z_OK);
  packed.resize(size);
  TestServer server(*poller_, [&](const std::string&) { return page(packed, 200, "Content-Encoding: deflate\r\n"); });
  const Outcome outcome = ask({.url = server.url(), .most_body_bytes = 10'000});
  EXPECT_TRUE(outcome.cut);
  EXPECT_EQ(outcome.body, plain.substr(0, 10'000));
}

TEST_F(TransfersTest, ABodyThatIsOnlyCountedIsNotKept) {
  TestServer server(*poller_, [](const std::string&) { return page(std::string(1000, 'x')); });
  const Outcome outcome = ask({.url = server.url(), .body_kept = Request::BodyKept::counted});
  EXPECT_EQ(outcome.body, "");
  EXPECT_EQ(outcome.body_bytes, 1000u);
  EXPECT_TRUE(ask({.url = server.url(), .most_body_bytes = 10, .body_kept = Request::BodyKept::counted}).cut);
}

TEST_F(TransfersTest, HeadersPastTheirBoundAreNotKept) {
  TestServer server(*poller_, [](const std::string&) {
    std::string headers;
    for (int i = 0; i < 80; ++i) headers += fmt::format("X-{}: {}\r\n", i, std::string(1000, 'v'));
    return page("body", 200, headers);
  });
  const Outcome outcome = ask(server);
  EXPECT_EQ(outcome.body, "body");
  EXPECT_FALSE(outcome.header("x-1").empty());
  EXPECT_TRUE(outcome.header("x-79").empty());
}

TEST_F(TransfersTest, WithoutAConnectionNothingWasSent) {
  const DeadPort dead;
  const Outcome outcome = ask({.url = fmt::format("http://127.0.0.1:{}/", dead.port()), .method = "POST"});
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_EQ(outcome.curl_code, CURLE_COULDNT_CONNECT);
  EXPECT_NE(outcome.error.find(fmt::format("127.0.0.1 port {}", dead.port())), std::string::npos) << outcome.error;
}

TEST_F(TransfersTest, WithoutAUrlNothingWasSent) {
  EXPECT_EQ(ask({.url = "http://"}).kind, Kind::not_sent);
  EXPECT_EQ(ask({.url = "file:///etc/passwd"}).kind, Kind::not_sent);
  EXPECT_EQ(ask({.url = "gopher://127.0.0.1/"}).kind, Kind::not_sent);
}

TEST_F(TransfersTest, WhatWasSentAndNotAnsweredIsLost) {
  TestServer closes(*poller_, [](const std::string&) { return TestReply{"", Then::close}; });
  EXPECT_EQ(ask(closes, "POST").kind, Kind::lost);
  TestServer resets(*poller_, [](const std::string&) { return TestReply{"", Then::reset}; });
  EXPECT_EQ(ask(resets, "POST").kind, Kind::lost);
  TestServer silent(*poller_, [](const std::string&) { return TestReply{}; });
  const Outcome late = ask({.url = silent.url(), .method = "POST", .timeout = 500ms});
  EXPECT_EQ(late.kind, Kind::lost);
  EXPECT_EQ(late.curl_code, CURLE_OPERATION_TIMEDOUT);
  TestServer half(*poller_, [](const std::string&) {
    return TestReply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Then::close};
  });
  EXPECT_EQ(ask(half, "POST").kind, Kind::lost);
}

TEST_F(TransfersTest, TimeOutOfAServerThatNeverBeginsTlsIsNotSent) {
  TestServer deaf(*poller_, nullptr, {.mode = TestServer::Mode::deaf});
  const Outcome outcome = ask({.url = fmt::format("https://127.0.0.1:{}/", deaf.port()), .timeout = 500ms});
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_EQ(outcome.curl_code, CURLE_OPERATION_TIMEDOUT);
}

TEST_F(TransfersTest, KeepsConnectionsAndUsesThemAgain) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(server).status, 200);
  EXPECT_EQ(server.accepted(), 1u);
  EXPECT_EQ(ask({.url = server.url(), .connection = Request::Connection::own}).status, 200);
  EXPECT_EQ(server.accepted(), 2u);
  wait([&] { return server.open() == 1; });  // its own was closed
}

// libcurl repeats a request whose connection is closed before a byte of the answer, if it was used before. A call that
// is ordered twice rings twice.
TEST_F(TransfersTest, APostWhoseConnectionIsClosedIsNotRepeated) {
  TestServer server(*poller_, [](const std::string& request) {
    return request.starts_with("POST") ? TestReply{"", Then::close} : page("ok");
  });
  EXPECT_EQ(ask(server).status, 200);
  EXPECT_EQ(ask(server, "POST").kind, Kind::lost);
  EXPECT_EQ(ask({.url = server.url(), .method = "POST", .body = "x"}).kind, Kind::lost);
  ASSERT_EQ(server.requests().size(), 3u);
}

TEST_F(TransfersTest, RedirectsAreFollowedOnlyWhereAskedFor) {
  TestServer server(*poller_, [](const std::string& request) {
    return request.starts_with("GET /end") ? page("end", 200, "X-At: end\r\n")
                                           : page("on", 302, "Location: /end\r\nX-At: start\r\n");
  });
  const Outcome stays = ask(server);
  EXPECT_EQ(stays.status, 302);
  EXPECT_EQ(stays.body, "on");
  const Outcome follows = ask({.url = server.url(), .redirects = Request::Redirects::follow});
  EXPECT_EQ(follows.status, 200);
  EXPECT_EQ(follows.body, "end");
  EXPECT_EQ(follows.header("x-at"), "end");
}

TEST_F(TransfersTest, ElevenRedirectsAreTooMany) {
  TestServer server(*poller_, [](const std::string&) { return page("", 302, "Location: /again\r\n"); });
  const Outcome outcome = ask({.url = server.url(), .redirects = Request::Redirects::follow});
  EXPECT_EQ(outcome.curl_code, CURLE_TOO_MANY_REDIRECTS);
  EXPECT_EQ(server.requests().size(), 11u);
}

TEST_F(TransfersTest, PastTheBoundTransfersWaitAndTheirTimeOutsRunFromTheirBeginning) {
  TestServer server(*poller_, [](const std::string& request) {
    return request.starts_with("GET /silent") ? TestReply{} : page("ok");
  });
  std::string order;
  for (int i = 0; i < 3; ++i) {
    transfers_->start({.url = server.url("/silent"), .timeout = 1s},
                      [&](Outcome& outcome) { order += outcome.kind == Kind::lost ? 'l' : '?'; });
  }
  // Waits for a second, longer than its own time-out.
  transfers_->start({.url = server.url("/quick"), .timeout = 900ms},
                    [&](Outcome& outcome) { order += outcome.kind == Kind::answered ? 'a' : '?'; });
  EXPECT_EQ(transfers_->under_way(), 4u);
  wait([&] { return order.size() == 4; });
  EXPECT_EQ(std::count(order.begin(), order.end(), 'l'), 3);
  EXPECT_EQ(std::count(order.begin(), order.end(), 'a'), 1);
  EXPECT_EQ(transfers_->under_way(), 0u);
}

TEST_F(TransfersTest, CancelledTransfersSayNothingAndMakeRoom) {
  TestServer server(*poller_, [](const std::string& request) {
    return request.starts_with("GET /silent") ? TestReply{} : page("ok");
  });
  std::vector<Transfers::Id> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(transfers_->start({.url = server.url("/silent")}, [](Outcome&) { ADD_FAILURE(); }));
  }
  wait([&] { return server.requests().size() == 3; });
  for (const auto id : ids) transfers_->cancel(id);
  transfers_->cancel(ids.front());
  EXPECT_EQ(transfers_->under_way(), 0u);
  EXPECT_EQ(ask(server).status, 200);
}

TEST_F(TransfersTest, StartsAndCancelsOthersFromWithinDone) {
  TestServer server(*poller_, [](const std::string& request) {
    return request.starts_with("GET /silent") ? TestReply{} : page("ok");
  });
  const auto silent = transfers_->start({.url = server.url("/silent")}, [](Outcome&) { ADD_FAILURE(); });
  int answered = 0;
  transfers_->start({.url = server.url()}, [&](Outcome&) {
    ++answered;
    transfers_->cancel(silent);
    transfers_->start({.url = server.url()}, [&](Outcome&) { ++answered; });
  });
  wait([&] { return answered == 2; });
}

TEST_F(TransfersTest, CanEndWithTransfersUnderWay) {
  TestServer server(*poller_, [](const std::string&) { return TestReply{}; });
  for (int i = 0; i < 5; ++i) transfers_->start({.url = server.url()}, [](Outcome&) { ADD_FAILURE(); });
  wait([&] { return server.requests().size() == 3; });
  transfers_.reset();
  wait([&] { return server.open() == 0; });
}

// A name that resolves nowhere within the time-out must not stop the thread: libcurl would wait for its resolver.
TEST_F(TransfersTest, ATimeOutDoesNotWaitForTheNameServer) {
  TestServer server(*poller_, [](const std::string&) { return page("ok"); });
  const TimePoint began = poller_->now();
  const Outcome outcome = ask({.url = "http://name.that.does.not.exist.invalid/", .timeout = 30ms});
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_LT(poller_->now() - began, 4s);
  EXPECT_EQ(ask(server).status, 200);
}

// SMTP's server, as far as one mail needs it.
TestReply mail_reply(const std::string& line, const char* after_data) {
  if (line.starts_with("EHLO")) return {"250 test\r\n"};
  if (line.starts_with("DATA")) return {"354 go on\r\n"};
  if (line.starts_with("QUIT")) return {"221 bye\r\n", Then::close};
  if (line == ".\r\n") return {after_data};
  return {line.starts_with("MAIL") || line.starts_with("RCPT") ? "250 ok\r\n" : ""};
}

struct Mail {
  curl_slist* recipients = curl_slist_append(nullptr, "<on.call@example.org>");
  std::string text = "Subject: down\r\n\r\nThe shop is down.\r\n";
  std::size_t sent = 0;

  ~Mail() { curl_slist_free_all(recipients); }
  static std::size_t read(char* out, std::size_t, std::size_t size, void* user) {
    Mail& mail = *static_cast<Mail*>(user);
    const std::size_t count = mail.text.copy(out, size, mail.sent);
    mail.sent += count;
    return count;
  }
  void prepare(CURL* handle) {
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, "<tenfold@example.org>");
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, &Mail::read);
    curl_easy_setopt(handle, CURLOPT_READDATA, this);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  }
};

// The server has a thread of its own: libcurl waits for its last answer without the poller.
class MailTest : public TransfersTest {
 protected:
  Outcome send(const char* greeting, const char* after_data) {
    const auto poller = *Poller::make(clock_);
    TestServer server(*poller, [after_data](const std::string& line) { return mail_reply(line, after_data); },
                      {.mode = TestServer::Mode::lines, .greeting = greeting});
    std::thread thread([&] { poller->run(); });
    Mail mail;
    Outcome outcome = ask({.url = fmt::format("smtp://127.0.0.1:{}/test", server.port()),
                           .timeout = 500ms,
                           .prepare = [&mail](CURL* handle) { mail.prepare(handle); }});
    poller->stop();
    thread.join();
    return outcome;
  }
};

TEST_F(MailTest, AMailThatIsTakenIsAnswered) {
  const Outcome outcome = send("220 test\r\n", "250 taken\r\n");
  EXPECT_EQ(outcome.kind, Kind::answered) << outcome.error;
  EXPECT_EQ(outcome.status, 250);
}

TEST_F(MailTest, ARefusalIsAnAnswerWithItsStatus) {
  const Outcome outcome = send("220 test\r\n", "554 no\r\n");
  EXPECT_EQ(outcome.kind, Kind::answered);
  EXPECT_EQ(outcome.status, 554);
}

TEST_F(MailTest, AMailWhoseAnswerNeverComesIsLost) { EXPECT_EQ(send("220 test\r\n", "").kind, Kind::lost); }

TEST_F(MailTest, AServerThatNeverGreetsHasGotNothing) { EXPECT_EQ(send("", "250 taken\r\n").kind, Kind::not_sent); }

}  // namespace
}  // namespace tenfold::transfer
