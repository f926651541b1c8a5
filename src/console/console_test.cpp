#include "console/console.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "console/json.hpp"
#include "http/plain_server.hpp"
#include "net/sim/sim_loop.hpp"

namespace tenfold::console {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct FakeEdge final : StatusSource, OriginsSource, CacheSource, MetricsSource {
  Status now{.shop = "Corner \"Shop\"", .version = "0.1.0", .backend = "simulated", .workers = 2};
  std::vector<OriginPool> pools;
  Result<std::uint64_t> purge_result = std::uint64_t{3};
  std::vector<Purge> purges;

  Status status() const override { return now; }
  std::vector<OriginPool> origins() const override { return pools; }
  CacheState cache() const override { return {.entries = 7, .hits_total = 3, .misses_total = 1}; }
  net::Task<Result<std::uint64_t>> purge(Purge purge) override {
    purges.push_back(std::move(purge));
    co_return purge_result;
  }
  void write_metrics(MetricsText& text) const override { text.counter("tenfold_requests_total", "Answered", 5); }
};

// Another role's part of the API.
struct FakePart final : ApiPart {
  std::string shown = R"({"checks": [{"name": "front"}]})";
  std::vector<std::string> asked;

  std::vector<Endpoint> endpoints() const override {
    return {{"/api/v1/checks"},
            {"/api/v1/list"},
            {"/api/v1/list", Access::change, "POST"},
            {"/api/v1/drill", Access::change, "POST"},
            {"/ack/", Access::open, "GET, HEAD, POST"},
            {"/heartbeat/", Access::open, "POST", Endpoint::Body::beginning}};
  }
  Answer answer(const Request& request) override {
    asked.push_back(fmt::format("{} {}?{} {}", request.method, request.path, request.query, request.body));
    if (!request.path.starts_with("/ack/")) return {.status = 202, .body = "{}"};
    return {.content_type = "text/html; charset=utf-8", .body = "<form>", .form = Answer::Form::own};
  }
  std::string reading() const override { return shown; }
};

net::Task<void> talk(net::Loop& loop, net::Endpoint to, std::string text, std::string& answer, bool& closed) {
  auto stream = co_await loop.connect(to, {}, no_deadline);
  if (!stream) co_return;
  auto written = co_await (*stream)->write(text, no_deadline);
  while (written) {
    auto part = co_await (*stream)->read(no_deadline);
    if (!part || part->empty()) break;
    answer.append(part->view());
  }
  closed = true;
}

class ConsoleTest : public testing::Test {
 protected:
  struct Talk {
    std::string answer;
    bool closed = false;
  };
  void open(Console::Options options = {}) {
    auto server = http::PlainServer::listen(loop_, *net::Endpoint::parse("127.0.0.1:0"), {});
    ASSERT_TRUE(server);
    server_ = std::move(*server);
    console_ = std::make_unique<Console>(loop_, Sources{edge_, edge_, edge_, {&edge_}, {&part_}}, std::move(options));
    console_->start();
    server_->serve(*console_);
  }
  Talk& send(std::string_view method, std::string_view target, std::string_view fields = "", std::string_view body = "",
             std::string_view host = "localhost:8090") {
    talks_.push_back(std::make_unique<Talk>());
    std::string text =
        fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}", method, target, host, fields);
    if (method == "POST") text += fmt::format("Content-Length: {}\r\n", body.size());
    clients_.spawn(talk(client_loop_, server_->local(), text + "\r\n" + std::string(body), talks_.back()->answer,
                        talks_.back()->closed));
    network_.settle();
    return *talks_.back();
  }
  Json json(const Talk& talk) {
    const std::size_t body = talk.answer.find("\r\n\r\n");
    return body == std::string::npos ? Json() : Json::parse(talk.answer.substr(body + 4), nullptr, false);
  }
  void TearDown() override {
    if (console_) net::sim::run_task(network_, loop_, console_->stop());
    if (server_) net::sim::run_task(network_, loop_, server_->abort());
    network_.run_until([&] { return clients_.running() == 0; });
  }

  net::sim::SimNetwork network_;
  net::sim::SimLoop& loop_ = network_.make_loop();
  net::sim::SimLoop& client_loop_ = network_.make_loop();
  FakeEdge edge_;
  FakePart part_;
  std::unique_ptr<http::PlainServer> server_;
  std::unique_ptr<Console> console_;
  std::vector<std::unique_ptr<Talk>> talks_;
  net::Scope clients_;
};

constexpr std::string_view json_field = "Content-Type: application/json\r\n";

TEST_F(ConsoleTest, SaysWhatCameOfTheLastReload) {
  open();
  EXPECT_EQ(json(send("GET", "/api/v1/status"))["reload"],
            Json({{"result", "none"}, {"at", nullptr}, {"error", nullptr}, {"takes_restart", Json::array()}}));
  edge_.now.reload = {.result = Status::Reload::Result::refused,
                      .at = WallTime(1h),
                      .error = "shop.yaml:3:9: it is wrong",
                      .takes_restart = {"cache: differs"}};
  EXPECT_EQ(json(send("GET", "/api/v1/status"))["reload"], Json({{"result", "refused"},
                                                                 {"at", "1970-01-01T01:00:00Z"},
                                                                 {"error", "shop.yaml:3:9: it is wrong"},
                                                                 {"takes_restart", {"cache: differs"}}}));
}

TEST_F(ConsoleTest, GivesTheStatusWithRates) {
  open();
  network_.advance(100ms);
  edge_.now.requests_total = 250;
  edge_.now.rehearsal_requests_total = 40;
  edge_.now.server_errors_total = 10;
  edge_.now.guard_answers_total = 30;
  network_.advance(1s);
  const Json status = json(send("GET", "/api/v1/status"));
  EXPECT_EQ(status["shop"], "Corner \"Shop\"");
  EXPECT_EQ(status["requests_total"], 250);
  EXPECT_EQ(status["rehearsal_requests_total"], 40);
  EXPECT_DOUBLE_EQ(status["requests_per_s"].get<double>(), 250);
  EXPECT_DOUBLE_EQ(status["server_errors_per_s"].get<double>(), 10);
  EXPECT_EQ(status["guard_answers_total"], 30);
  EXPECT_DOUBLE_EQ(status["guard_answers_per_s"].get<double>(), 30);
  EXPECT_TRUE(status["p99_ms"].is_null());
  EXPECT_EQ(status["started_at"], "1970-01-01T00:00:00Z");
}

TEST_F(ConsoleTest, GivesOriginsAndCache) {
  edge_.pools = {{.name = "frankfurt",
                  .region = "eu",
                  .servers = {{.name = "a:1", .state = OriginServer::State::down, .why = "\xff refused"}}}};
  open();
  const Json pools = json(send("GET", "/api/v1/origins"))["pools"];
  EXPECT_EQ(pools[0]["servers"][0]["state"], "down");
  EXPECT_THAT(pools[0]["servers"][0]["why"].get<std::string>(), HasSubstr(" refused"));
  const Json cache = json(send("GET", "/api/v1/cache"));
  EXPECT_EQ(cache["entries"], 7);
  EXPECT_DOUBLE_EQ(cache["hit_ratio"].get<double>(), 0.75);
}

TEST_F(ConsoleTest, ServesThePageWithAStrictPolicy) {
  open();
  for (const std::string_view path : {"/", "/console.css", "/console.js", "/favicon.svg"}) {
    const Talk& page = send("GET", path);
    EXPECT_THAT(page.answer, StartsWith("HTTP/1.1 200")) << path;
    EXPECT_THAT(page.answer, HasSubstr("Content-Security-Policy: default-src 'none'; style-src 'self';")) << path;
  }
}

TEST_F(ConsoleTest, AnswersScrapesAndChecks) {
  open();
  EXPECT_THAT(send("GET", "/metrics").answer, HasSubstr("tenfold_requests_total 5\n"));
  EXPECT_THAT(send("GET", "/healthz").answer, StartsWith("HTTP/1.1 200"));
  edge_.now.draining = true;
  EXPECT_THAT(send("GET", "/healthz").answer, StartsWith("HTTP/1.1 503"));
}

TEST_F(ConsoleTest, ChecksPathsAndMethods) {
  open();
  const Talk& unknown = send("GET", "/api/v1/nonsense");
  EXPECT_THAT(unknown.answer, StartsWith("HTTP/1.1 404"));
  EXPECT_TRUE(json(unknown)["error"]["message"].is_string());
  EXPECT_TRUE(json(unknown)["error"]["expected"].is_string());
  const Talk& later = send("GET", "/api/v1/incidents");
  EXPECT_THAT(later.answer, StartsWith("HTTP/1.1 501"));
  EXPECT_THAT(json(later)["error"]["message"].get<std::string>(), StartsWith("this version of Tenfold "));
  const Talk& wrong = send("POST", "/api/v1/status", json_field, "{}");
  EXPECT_THAT(wrong.answer, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(wrong.answer, HasSubstr("Allow: GET, HEAD\r\n"));
  const Talk& reading = send("GET", "/api/v1/cache/purge");
  EXPECT_THAT(reading.answer, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(reading.answer, HasSubstr("Allow: POST\r\n"));
  EXPECT_THAT(send("GET", "/", "", "", "evil.example").answer, StartsWith("HTTP/1.1 421"));
}

TEST_F(ConsoleTest, Purges) {
  open();
  const Talk& url = send("POST", "/api/v1/cache/purge", json_field, R"({"url": "http://shop.example/a?b"})");
  EXPECT_EQ(json(url)["purged"], 3);
  send("POST", "/api/v1/cache/purge", json_field, R"({"prefix": "http://shop.example/pictures/"})");
  ASSERT_EQ(edge_.purges.size(), 2u);
  EXPECT_EQ(edge_.purges[0].kind, Purge::Kind::url);
  EXPECT_EQ(edge_.purges[1].kind, Purge::Kind::prefix);
  EXPECT_EQ(edge_.purges[1].what, "http://shop.example/pictures/");

  edge_.purge_result = fail(Errc::invalid, "expected a host");
  const Talk& refused = send("POST", "/api/v1/cache/purge", json_field, R"({"url": "http:///"})");
  EXPECT_THAT(refused.answer, StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(json(refused)["error"]["expected"], "a host");  // said once
  edge_.purge_result = fail(Errc::unsupported, "no cache");
  EXPECT_THAT(send("POST", "/api/v1/cache/purge", json_field, R"({"url": "http://shop.example/"})").answer,
              StartsWith("HTTP/1.1 501"));
}

TEST_F(ConsoleTest, APartAnswersForItsPaths) {
  open();
  EXPECT_THAT(send("GET", "/api/v1/checks?a=1&b").answer, StartsWith("HTTP/1.1 202"));
  EXPECT_THAT(send("POST", "/api/v1/drill", json_field, "{}").answer, StartsWith("HTTP/1.1 202"));
  const Talk& page = send("POST", "/ack/7?sig=x", "Content-Type: application/x-www-form-urlencoded\r\n", "");
  EXPECT_THAT(page.answer, HasSubstr("form-action 'self'"));
  EXPECT_THAT(page.answer, Not(HasSubstr("script-src")));
  EXPECT_THAT(part_.asked,
              testing::ElementsAre("GET /api/v1/checks?a=1&b ", "POST /api/v1/drill? {}", "POST /ack/7?sig=x "));
  EXPECT_THAT(send("GET", "/api/v1/").answer, HasSubstr("/api/v1/drill"));
}

TEST_F(ConsoleTest, APartIsGuardedLikeTheRest) {
  open();
  EXPECT_THAT(send("POST", "/api/v1/checks", json_field, "{}").answer, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(send("GET", "/api/v1/checks/deeper").answer, StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(send("GET", "/ack").answer, StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(send("POST", "/api/v1/drill", "Content-Type: text/plain\r\n", "{}").answer, StartsWith("HTTP/1.1 415"));
  EXPECT_THAT(send("GET", "/ack/7", "", "", "evil.example").answer, StartsWith("HTTP/1.1 421"));
  const std::string large(Console::most_body_bytes + 1, ' ');
  EXPECT_THAT(send("POST", "/api/v1/drill", json_field, large).answer, StartsWith("HTTP/1.1 413"));
  EXPECT_TRUE(part_.asked.empty());
}

TEST_F(ConsoleTest, APathMayBeReadByAllAndChangedWithTheToken) {
  Console::Options options;
  options.gate.token = "a token of some length";
  open(std::move(options));
  EXPECT_THAT(send("GET", "/api/v1/list").answer, StartsWith("HTTP/1.1 202"));
  EXPECT_THAT(send("POST", "/api/v1/list", json_field, "{}").answer, StartsWith("HTTP/1.1 401"));
  const std::string bearer = std::string(json_field) + "Authorization: Bearer a token of some length\r\n";
  EXPECT_THAT(send("POST", "/api/v1/list", bearer, "{}").answer, StartsWith("HTTP/1.1 202"));
  const std::string wrong = send("DELETE", "/api/v1/list").answer;
  EXPECT_THAT(wrong, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(wrong, HasSubstr("GET, HEAD, POST"));
}

TEST_F(ConsoleTest, APartThatNeedsOnlyTheBeginningOfABodyGetsIt) {
  open();
  const std::string text = "Content-Type: text/plain\r\n";
  for (const std::size_t more :
       {std::size_t{0}, std::size_t{1}, Console::most_ignored_bytes - Console::most_body_bytes}) {
    part_.asked.clear();
    const Talk& talk = send("POST", "/heartbeat/x", text, std::string(Console::most_body_bytes + more, 'a'));
    EXPECT_THAT(talk.answer, StartsWith("HTTP/1.1 202")) << more;
    ASSERT_EQ(part_.asked.size(), 1u) << more;
    EXPECT_EQ(part_.asked[0], "POST /heartbeat/x? " + std::string(Console::most_body_bytes, 'a')) << more;
  }
  part_.asked.clear();
  const Talk& past = send("POST", "/heartbeat/x", text, std::string(2 * Console::most_ignored_bytes, 'a'));
  EXPECT_EQ(part_.asked.size(), 1u) << "it has reported all the same";
  EXPECT_THAT(past.answer, HasSubstr("onnection: close"));
}

TEST_F(ConsoleTest, APartsReadingIsInTheEvents) {
  open();
  EXPECT_THAT(send("GET", "/api/v1/events").answer, HasSubstr(R"("checks":[{"name":"front"}])"));
  part_.shown = "not JSON";
  EXPECT_THAT(send("GET", "/api/v1/events").answer, HasSubstr("data: {\"at\""));
}

TEST_F(ConsoleTest, RefusesPurgesThatMakeNoSense) {
  open();
  for (const std::string_view body :
       {"", "{}", "[]", "{", R"({"url": 1})", R"({"url": "http://a/a", "prefix": "http://a/b"})", R"({"url": "/a"})",
        R"({"path": "/"})", "\xff"}) {
    EXPECT_THAT(send("POST", "/api/v1/cache/purge", json_field, body).answer, StartsWith("HTTP/1.1 400")) << body;
  }
  const std::string large = R"({"url": "http://a/)" + std::string(Console::most_body_bytes, 'a') + "\"}";
  EXPECT_THAT(send("POST", "/api/v1/cache/purge", json_field, large).answer, StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(
      send("POST", "/api/v1/cache/purge", "Content-Type: text/plain\r\n", R"({"url": "http://shop.example/"})").answer,
      StartsWith("HTTP/1.1 415"));
  EXPECT_THAT(send("POST", "/api/v1/cache/purge", "Content-Type: application/json\r\nOrigin: http://evil.example\r\n",
                   R"({"url": "http://shop.example/"})")
                  .answer,
              StartsWith("HTTP/1.1 403"));
  EXPECT_TRUE(edge_.purges.empty());
}

TEST_F(ConsoleTest, AsksForTheTokenOffLoopback) {
  open({.gate = {.token = "secret", .guarded = GateOptions::Guarded::everything}});
  const Talk& without = send("GET", "/api/v1/status");
  EXPECT_THAT(without.answer, StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(without.answer, HasSubstr("WWW-Authenticate: Bearer"));
  EXPECT_THAT(send("GET", "/api/v1/status", "Authorization: Bearer secret\r\n").answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(send("GET", "/").answer, StartsWith("HTTP/1.1 200"));
}

TEST_F(ConsoleTest, StreamsEventsEachSecond) {
  open();
  network_.advance(500ms);
  Talk& events = send("GET", "/api/v1/events");
  EXPECT_THAT(events.answer, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(events.answer, HasSubstr("event: status\ndata: {"));
  EXPECT_THAT(events.answer, Not(HasSubstr("id: 1\n")));
  network_.advance(2s);
  EXPECT_THAT(events.answer, HasSubstr("id: 2\n"));
  EXPECT_THAT(events.answer, Not(HasSubstr("id: 3\n")));
  EXPECT_FALSE(events.closed);

  net::sim::run_task(network_, loop_, console_->stop());
  network_.settle();
  EXPECT_TRUE(events.closed);
}

TEST_F(ConsoleTest, BoundsTheListeners) {
  open({.most_listeners = 1});
  Talk& first = send("GET", "/api/v1/events");
  EXPECT_THAT(first.answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(send("GET", "/api/v1/events").answer, StartsWith("HTTP/1.1 503"));
}

TEST_F(ConsoleTest, RemembersTheLastMinutes) {
  open();
  network_.advance(10500ms);
  const Json history = json(send("GET", "/api/v1/history"));
  EXPECT_EQ(history["requests_per_s"].size(), 10u);
}

}  // namespace
}  // namespace tenfold::console
