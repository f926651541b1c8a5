#include "shop/shop.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

#include "http/plain_server.hpp"
#include "net/sim/sim_loop.hpp"

namespace tenfold::shop {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// One connection that sends a text and keeps what comes back, with the time of the first byte and of the end.
struct Talk {
  std::string answer;
  std::optional<TimePoint> answered;
  std::optional<TimePoint> closed;
};

net::Task<void> talk(net::Loop& loop, net::Endpoint to, std::string text, Talk& into) {
  auto stream = co_await loop.connect(to, {}, no_deadline);
  if (!stream) co_return;
  auto written = co_await (*stream)->write(text, no_deadline);
  while (written) {
    auto part = co_await (*stream)->read(no_deadline);
    if (!part || part->empty()) break;
    if (!into.answered) into.answered = loop.now();
    into.answer.append(part->view());
  }
  into.closed = loop.now();
}

class ShopTest : public testing::Test {
 protected:
  void open(Shop::Options options) {
    options.storefront.server_name = "A";
    auto server = http::PlainServer::listen(loop_, *net::Endpoint::parse("127.0.0.1:0"), {});
    ASSERT_TRUE(server);
    server_ = std::move(*server);
    shop_ = std::make_unique<Shop>(loop_, random_, std::move(options));
    server_->serve(*shop_);
  }
  // Sends a request that closes the connection after its answer; does not wait for that.
  Talk& send(std::string_view method, std::string_view target, std::string_view fields = "",
             std::string_view body = "") {
    talks_.push_back(std::make_unique<Talk>());
    std::string text =
        fmt::format("{} {} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n{}", method, target, fields);
    if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
    clients_.spawn(talk(client_loop_, server_->local(), text + "\r\n" + std::string(body), *talks_.back()));
    network_.settle();
    return *talks_.back();
  }
  nlohmann::json status() { return nlohmann::json::parse(shop_->status_json()); }
  void TearDown() override {
    if (shop_) shop_->stop();
    if (server_) net::sim::run_task(network_, loop_, server_->abort());
    network_.run_until([&] { return clients_.running() == 0; });
  }

  net::sim::SimNetwork network_;
  net::sim::SimLoop& loop_ = network_.make_loop();
  net::sim::SimLoop& client_loop_ = network_.make_loop();
  FastRandom random_{1};
  std::unique_ptr<http::PlainServer> server_;
  std::unique_ptr<Shop> shop_;
  std::vector<std::unique_ptr<Talk>> talks_;
  net::Scope clients_;
};

TEST_F(ShopTest, AnswersAfterTheServiceTimeOfTheKindOfPage) {
  open({});
  const TimePoint start = loop_.now();
  Talk& page = send("GET", "/");
  Talk& search = send("GET", "/search?q=mug");
  Talk& picture = send("GET", "/pictures/1001.svg");
  network_.advance(1s);

  EXPECT_THAT(page.answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(page.answer, HasSubstr("X-Shop: A\r\n"));
  EXPECT_GE(*page.answered - start, 40ms);
  EXPECT_LE(*page.answered - start, 42ms);
  EXPECT_GE(*search.answered - start, 120ms);
  EXPECT_LE(*search.answered - start, 122ms);
  EXPECT_LE(*picture.answered - start, 5ms);
}

TEST_F(ShopTest, WaitsInLineAndRefusesPastItsEnd) {
  open({.workers = 1, .line_limit = 1});
  const TimePoint start = loop_.now();
  send("GET", "/");
  Talk& second = send("GET", "/");
  Talk& third = send("GET", "/");
  EXPECT_EQ(status()["busy"], 1);
  EXPECT_EQ(status()["waiting"], 1);
  network_.advance(1s);

  EXPECT_GE(*second.answered - start, 80ms);
  EXPECT_THAT(second.answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(third.answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(third.answer, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_EQ(status()["refused"], 1);
  EXPECT_EQ(status()["answers"]["page"]["200"], 2);
}

TEST_F(ShopTest, HealthTakesNoWorker) {
  open({.workers = 1, .line_limit = 0});
  const TimePoint start = loop_.now();
  send("GET", "/");
  Talk& health = send("GET", "/healthz");
  EXPECT_THAT(health.answer, StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(*health.answered, start);
}

TEST_F(ShopTest, TakesAnOrderOverTheWire) {
  open({});
  Talk& order =
      send("POST", "/checkout", "Cookie: shop_cart=1001x1\r\nContent-Type: application/x-www-form-urlencoded\r\n",
           "name=A&email=a%40b.example&street=S&city=C");
  network_.advance(1s);
  EXPECT_THAT(order.answer, StartsWith("HTTP/1.1 303"));
  EXPECT_EQ(status()["orders"], 1);
}

TEST_F(ShopTest, RefusesLongForms) {
  open({});
  Talk& exact = send("POST", "/cart", "", "product=1001&x=" + std::string(Shop::most_form_bytes - 15, 'x'));
  Talk& longer = send("POST", "/cart", "", "product=1001&x=" + std::string(Shop::most_form_bytes - 14, 'x'));
  network_.advance(1s);
  EXPECT_THAT(exact.answer, StartsWith("HTTP/1.1 303"));
  EXPECT_THAT(longer.answer, StartsWith("HTTP/1.1 413"));
}

TEST_F(ShopTest, AHeadHasTheLengthAndNoBody) {
  open({});
  Talk& head = send("HEAD", "/pictures/1001.svg");
  network_.advance(1s);
  EXPECT_THAT(head.answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(head.answer, testing::ContainsRegex("Content-Length: [1-9]"));
  EXPECT_TRUE(head.answer.ends_with("\r\n\r\n"));
}

TEST_F(ShopTest, CanBeMadeSlowAndBroken) {
  open({});
  const TimePoint start = loop_.now();
  EXPECT_THAT(send("POST", "/control/slow?factor=10").answer, StartsWith("HTTP/1.1 200"));
  Talk& slow = send("GET", "/");
  network_.advance(1s);
  EXPECT_GE(*slow.answered - start, 400ms);

  send("POST", "/control/broken?status=502");
  Talk& broken = send("GET", "/");
  EXPECT_THAT(broken.answer, StartsWith("HTTP/1.1 502"));
  send("POST", "/control/reset");
  Talk& good = send("GET", "/");
  network_.advance(1s);
  EXPECT_THAT(good.answer, StartsWith("HTTP/1.1 200"));
}

TEST_F(ShopTest, HangsUntilItIsLetGo) {
  open({});
  send("POST", "/control/hung?path=/search");
  Talk& search = send("GET", "/search?q=mug");
  Talk& page = send("GET", "/");
  network_.advance(60s);
  EXPECT_FALSE(search.answered);
  EXPECT_THAT(page.answer, StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(status()["hanging"], 1);

  send("POST", "/control/reset");
  network_.advance(1s);
  EXPECT_THAT(search.answer, StartsWith("HTTP/1.1 200"));
}

TEST_F(ShopTest, CutsAnswersInMidBody) {
  open({});
  send("POST", "/control/cut");
  Talk& cut = send("GET", "/");
  network_.advance(1s);
  EXPECT_THAT(cut.answer, StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(cut.closed);
  EXPECT_THAT(cut.answer, Not(HasSubstr("</html>")));
}

TEST_F(ShopTest, HealthFailsWhenTold) {
  open({});
  send("POST", "/control/healthz?state=failing");
  EXPECT_THAT(send("GET", "/healthz").answer, StartsWith("HTTP/1.1 503"));
  send("POST", "/control/healthz?state=hung");
  Talk& hung = send("GET", "/healthz");
  EXPECT_EQ(hung.answer, "");
  shop_->let_go();
  network_.settle();
  EXPECT_THAT(hung.answer, StartsWith("HTTP/1.1 200"));
}

TEST_F(ShopTest, ControlIsForTheMachineItselfAlone) {
  open({});
  for (const std::string_view field :
       {"X-Forwarded-For: 203.0.113.1\r\n", "Forwarded: for=203.0.113.1\r\n", "Via: 1.1 edge\r\n",
        "Origin: http://evil.example\r\n", "Sec-Fetch-Site: cross-site\r\n"}) {
    EXPECT_THAT(send("POST", "/control/slow", field).answer, StartsWith("HTTP/1.1 403")) << field;
  }
  EXPECT_THAT(send("GET", "/control/slow").answer, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(send("POST", "/control/nonsense").answer, StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(send("POST", "/control/slow?factor=x").answer, StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(status()["troubles"]["slow_factor"], 1.0);
}

TEST_F(ShopTest, WithoutControlThereIsNone) {
  open({.control = Shop::Control::off});
  EXPECT_THAT(send("POST", "/control/slow").answer, StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(send("GET", "/control/status").answer, StartsWith("HTTP/1.1 404"));
}

TEST_F(ShopTest, CapacityIsArithmetic) {
  // Given 4 workers and pages of 40 ms, that is 100 pages a second, when 150 a second come for two seconds
  open({.workers = 4, .line_limit = 1000});
  for (int i = 0; i < 300; ++i) {
    send("GET", "/about");
    network_.advance(Duration(2s) / 300);
  }
  // Then 100 a second have been served
  const int served = status()["answers"]["page"]["200"];
  EXPECT_NEAR(served, 200, 5);
}

net::Task<void> visit_and_close(net::Loop& loop, http::PlainServer& server, Shop& shop, Talk& into) {
  co_await talk(loop, server.local(), "GET /search?q=mug HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", into);
  shop.stop();
  co_await server.abort();
  loop.stop();
}

// The same over real sockets, with every loop that this machine has.
TEST(ShopOverSockets, AnswersOnEveryBackend) {
  const SystemClock clock;
  for (const net::Backend backend : {net::Backend::epoll, net::Backend::io_uring}) {
    auto loop = net::make_loop(clock, backend);
    if (!loop) continue;
    FastRandom random(1);
    auto server = http::PlainServer::listen(**loop, *net::Endpoint::parse("127.0.0.1:0"), {});
    ASSERT_TRUE(server);
    Shop shop(**loop, random, {.storefront = {.server_name = "A"}, .times = *parse_service_times("search=1ms")});
    (*server)->serve(shop);
    Talk answer;
    net::Scope scope;
    scope.spawn(visit_and_close(**loop, **server, shop, answer));
    (*loop)->run();
    EXPECT_THAT(answer.answer, StartsWith("HTTP/1.1 200")) << (*loop)->backend();
    EXPECT_THAT(answer.answer, HasSubstr("</html>")) << (*loop)->backend();
  }
}

TEST(ServiceTimes, AreReadFromText) {
  const auto times = parse_service_times("page=80ms,checkout=1.5s");
  ASSERT_TRUE(times);
  EXPECT_EQ((*times)[Kind::page], 80ms);
  EXPECT_EQ((*times)[Kind::checkout], 1500ms);
  EXPECT_EQ((*times)[Kind::search], 120ms);
  for (const std::string_view wrong :
       {"page", "page=", "page=5", "page=-1ms", "page=61s", "pages=5ms", "page=5ms;search=1ms", "page=nan s"}) {
    EXPECT_FALSE(parse_service_times(wrong)) << wrong;
  }
  EXPECT_TRUE(parse_service_times("page=60s"));
  EXPECT_TRUE(parse_service_times("page=0ms"));
}

}  // namespace
}  // namespace tenfold::shop
