// What an observer of connections is told.
#include <string>
#include <vector>

#include "http/server_fixture.hpp"

namespace tenfold::http::http1 {
namespace {

class Notes final : public ConnectionObserver {
 public:
  void head_complete(Subject&, const RequestHead& head, TimePoint) override {
    lines.push_back("head " + std::string(head.target));
  }
  void body_complete(Subject&, std::uint64_t bytes) override { lines.push_back("body " + std::to_string(bytes)); }
  std::vector<std::string> lines;
};

class ObserverTest : public ServerTest {
 protected:
  ObserverTest() {
    context.observer = &notes;
    connections.spawn(accept_one(*this));
  }
  static net::Task<void> accept_one(ObserverTest& test) {
    auto stream = co_await test.own->accept();
    if (!stream) co_return;
    co_await serve_http1(std::move(*stream), test.context, {}, {}, &test.subject);
  }
  RawPeer connect_observed() { return connect(own_at); }
  ~ObserverTest() override { own->stop(); }

  net::Endpoint own_at = *net::Endpoint::parse("127.0.0.1:81");
  std::unique_ptr<net::Listener> own = *server_loop.listen(own_at, {});
  Notes notes;
  ConnectionObserver::Subject subject;
};

TEST_F(ObserverTest, HeadsAndBodiesOfKeptAndPipelinedRequests) {
  handler.on("/in", &ScriptedHandler::take_body);
  auto client = connect_observed();
  client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_THAT(notes.lines, testing::ElementsAre("head /a", "body 0", "head /in"));
  client.send("cdePOST /in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_THAT(notes.lines, testing::ElementsAre("head /a", "body 0", "head /in", "body 5", "head /in", "body 3"));
}

TEST_F(ObserverTest, ABodyThatNobodyReadsIsToldOfAsWell) {
  auto client = connect_observed();
  client.send("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  client.send("abcde");
  EXPECT_THAT(notes.lines, testing::ElementsAre("head /unread", "body 5"));
}

TEST_F(ObserverTest, WhatIsNoRequestIsNot) {
  auto client = connect_observed();
  client.send("nonsense\r\n\r\n");
  EXPECT_THAT(notes.lines, testing::IsEmpty());
}

TEST_F(ServerTest, AConnectionWithoutASubjectIsNotObserved) {
  Notes notes;
  context.observer = &notes;
  EXPECT_FALSE(ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").empty());
  EXPECT_TRUE(notes.lines.empty());
  context.observer = nullptr;
}

}  // namespace
}  // namespace tenfold::http::http1
