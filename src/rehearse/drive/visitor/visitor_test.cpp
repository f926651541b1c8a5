// Visitors over real loopback sockets, with plans made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <map>
#include <mutex>

#include "rehearse/drive/players/visitor_player.hpp"
#include "rehearse/drive/run.hpp"
#include "rehearse/drive/test_server.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class Silent final : public DriveObserver {
 public:
  Proceed second(const RunRecord&) override { return Proceed::on; }
};

// What one request looked like to the server.
struct Seen {
  std::string method, target, cookie, referer, agent, if_none_match, client;
  TimePoint at;
};

// A shop in miniature; each target does what its name says.
class TinyShop final : public http::Handler {
 public:
  net::Task<void> handle(http::ServerExchange& exchange) override {
    const http::RequestHead& request = exchange.request();
    const auto field = [&](http::Field name) { return std::string(request.headers.find(name).value_or("")); };
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back({std::string(request.method_name), std::string(request.target), field(http::Field::cookie),
                       field(http::Field::referer), field(http::Field::user_agent), field(http::Field::if_none_match),
                       exchange.client().text(), test_clock.now()});
    }
    http::ResponseHead head;
    const std::string path(request.path());
    std::string location;
    if (path == "/login") head.headers.add(http::Field::set_cookie, "session=1; Path=/");
    if (path == "/slow") co_await exchange.loop().sleep_for(100ms);
    if (path == "/broken") head.status = 500;
    if (path == "/missing") head.status = 404;
    if (path == "/etag") {
      head.headers.add(http::Field::etag, "\"v1\"");
      if (field(http::Field::if_none_match) == "\"v1\"") head.status = 304;
    }
    if (path == "/cart" && request.method_name == "POST") {
      head.status = 302;
      head.headers.add(http::Field::location, "/cart");
    }
    if (path == "/away") {
      head.status = 302;
      head.headers.add(http::Field::location, "http://elsewhere.example/");
    }
    if (path == "/loop") {
      head.status = 307;
      head.headers.add(http::Field::location, "loop");
    }
    [[maybe_unused]] auto sent = co_await exchange.send(head, "hello", http::BodyEnd::last, no_deadline);
  }
  std::vector<Seen> seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    seen_.clear();
  }
  std::vector<std::string> targets() {
    std::vector<std::string> all;
    for (const Seen& each : seen()) all.push_back(each.target);
    return all;
  }

 private:
  std::mutex mutex_;
  std::vector<Seen> seen_;
};

// Answers and remembers nothing.
class Quiet final : public http::Handler {
 public:
  net::Task<void> handle(http::ServerExchange& exchange) override {
    http::ResponseHead head;
    if (exchange.request().target == "/login") head.headers.add(http::Field::set_cookie, "session=1; Path=/");
    [[maybe_unused]] auto sent = co_await exchange.send(head, "hello", http::BodyEnd::last, no_deadline);
  }
};

struct WalkStep {
  std::uint32_t page;
  std::string target;
  Duration think{};
  std::vector<PlannedAsset> assets = {};
  bool conditional = false;
  Invented invented = Invented::nothing;
};
struct Walk {
  Duration at{};
  std::vector<WalkStep> steps;
};

class ScriptedItinerary final : public Itinerary {
 public:
  explicit ScriptedItinerary(const Walk& walk) : walk_(walk) {}
  bool next(PlannedPage& page) override {
    if (at_ == walk_.steps.size()) return false;
    const WalkStep& step = walk_.steps[at_++];
    page.template_index = step.page;
    page.target = step.target;
    page.think = step.think;
    page.assets = step.assets;
    page.conditional = step.conditional;
    page.invented = step.invented;
    return true;
  }

 private:
  const Walk& walk_;
  std::size_t at_ = 0;
};

class ScriptedPlanner final : public Planner {
 public:
  ScriptedPlanner(const std::vector<Walk>& walks, const PlanOptions& options) : walks_(walks), options_(options) {
    at_ = options.shard;
  }
  std::optional<PlannedSession> next_session() override {
    if (at_ >= walks_.size()) return std::nullopt;
    PlannedSession session;
    session.at = walks_[at_].at;
    session.number = at_;
    session.user_agent = "Visitor/1";
    session.itinerary = std::make_unique<ScriptedItinerary>(walks_[at_]);
    at_ += options_.shards;
    return session;
  }

 private:
  const std::vector<Walk>& walks_;
  PlanOptions options_;
  std::size_t at_;
};

enum : std::uint32_t { page, post, asset, elsewhere };

class VisitorTest : public testing::Test {
 protected:
  VisitorTest() {
    model_.templates.resize(4);
    model_.templates[page] = {.name = "page", .method = "GET"};
    model_.templates[post] = {.name = "POST post", .method = "POST"};
    model_.templates[asset] = {.name = "asset", .method = "GET", .kind = Template::Kind::asset};
    model_.templates[elsewhere] = {.name = "elsewhere", .method = "GET", .kind = Template::Kind::elsewhere};
    options_.target = *parse_target(server_.url());
    options_.threads = 1;
  }
  RunRecord play(Duration length = 2s) {
    Silent silent;
    return play(length, silent);
  }
  RunRecord play(Duration length, DriveObserver& observer) {
    const PlanSource plans{
        .planner = [this](const TrafficModel&, const PlanOptions& options) -> std::unique_ptr<Planner> {
          return std::make_unique<ScriptedPlanner>(walks_, options);
        },
        .requests_per_s = [](const TrafficModel&, const PlanOptions&) { return 10.0; }};
    VisitorLoad visitors{.model = &model_, .plan = {}};
    visitors.plan.length = length;
    const Load load = visitors;
    auto record = run_load(load, options_, observer, plans);
    EXPECT_TRUE(record) << record.error().text();
    return record ? std::move(*record) : RunRecord();
  }
  RunRecord play_on_time(Duration length) {
    return on_time([&] {
      shop_.forget();
      return play(length);
    });
  }
  static PlannedAsset asset_at(std::string_view target, Duration after, bool conditional = false) {
    return {.template_index = asset, .target = target, .after_page = after, .conditional = conditional};
  }

  TinyShop shop_;
  TestServer server_{shop_};
  TrafficModel model_;
  DriveOptions options_;
  std::vector<Walk> walks_;
};

TEST_F(VisitorTest, WalksPageByPageWithThinkTimesAfterWhatIsDone) {
  walks_ = {{.at = 100ms, .steps = {{page, "/slow", 200ms}, {page, "/b?q", 100ms}, {page, "/c"}}}};
  const RunRecord record = play_on_time(800ms);
  const auto seen = shop_.seen();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].target, "/slow");
  EXPECT_EQ(seen[1].target, "/b?q");
  EXPECT_GE(seen[1].at - seen[0].at, 295ms);  // answered after 100 ms, and thought for 200
  EXPECT_LT(seen[1].at - seen[0].at, 400ms);
  EXPECT_GE(seen[2].at - seen[1].at, 98ms);
  EXPECT_EQ(seen[0].agent, "Visitor/1");
  EXPECT_EQ(seen[0].referer, "");
  EXPECT_EQ(seen[1].referer, server_.url("/slow"));
  EXPECT_EQ(record.total.planned, 3u);
  EXPECT_EQ(record.total.answered, 3u);
  EXPECT_EQ(record.total.sessions, 1u);
  EXPECT_EQ(record.total.connections, 1u);
  EXPECT_EQ(record.mode, RunRecord::Mode::visitors);
  EXPECT_EQ(record.templates[page].planned, 3u);
}

TEST_F(VisitorTest, AssetsComeAfterTheirPageOverAFewConnections) {
  std::vector<PlannedAsset> assets;
  for (int i = 0; i < 10; ++i) assets.push_back(asset_at("/slow", 10ms));
  assets.push_back(asset_at("/late", 300ms));
  walks_ = {{.steps = {{page, "/a", 50ms, assets}, {page, "/b"}}}};
  options_.connections_per_visitor = 3;
  const RunRecord record = play_on_time(2s);
  const auto seen = shop_.seen();
  ASSERT_EQ(seen.size(), 13u);
  EXPECT_EQ(seen[0].target, "/a");
  EXPECT_EQ(seen[1].referer, server_.url("/a"));
  std::map<std::string, int> clients;
  for (const Seen& each : seen) ++clients[each.client];
  EXPECT_EQ(clients.size(), 3u);
  EXPECT_EQ(record.total.connections, 3u);
  // The last of ten waits for three rounds before it: that is in its time, but no fault of ours.
  EXPECT_GT(record.response.most(), 350ms);
  EXPECT_LT(record.service.most(), 200ms);
  EXPECT_EQ(record.total.late, 0u);
  EXPECT_EQ(record.templates[asset].planned, 11u);
  // The next page is not asked for before the last asset has been.
  EXPECT_GE(seen[12].at - seen[0].at, 295ms);
}

TEST_F(VisitorTest, APageThatFailsHasNoAssets) {
  walks_ = {{.steps = {{page, "/broken", 0ms, {asset_at("/a", 0ms)}}, {page, "/b"}}}};
  const RunRecord record = play(500ms);
  EXPECT_THAT(shop_.targets(), ElementsAre("/broken", "/b"));
  EXPECT_EQ(record.total.failed[static_cast<std::size_t>(Failure::status)], 1u);
}

TEST_F(VisitorTest, APageElsewhereIsNotAskedForButItsAssetsAre) {
  walks_ = {{.steps = {{elsewhere, "", 0ms, {asset_at("/a", 0ms)}}}}};
  play(300ms);
  EXPECT_THAT(shop_.targets(), ElementsAre("/a"));
}

TEST_F(VisitorTest, EachVisitorHasItsOwnCookies) {
  walks_ = {{.at = 0ms, .steps = {{page, "/login", 10ms}, {page, "/mine"}}},
            {.at = 100ms, .steps = {{page, "/first", 10ms}, {page, "/theirs"}}}};
  play(500ms);
  for (const Seen& each : shop_.seen()) {
    EXPECT_EQ(each.cookie, each.target == "/mine" ? "session=1" : "") << each.target;
  }
}

TEST_F(VisitorTest, RedirectsAreFollowedAndNotWalkedTwice) {
  options_.writes = DriveOptions::Writes::allowed;
  walks_ = {{.steps = {{post, "/cart", 0ms}, {page, "/cart", 0ms, {asset_at("/a", 0ms)}}, {page, "/cart"}}}};
  const RunRecord record = play(500ms);
  std::vector<std::string> lines;
  for (const Seen& each : shop_.seen()) lines.push_back(each.method + " " + each.target);
  EXPECT_THAT(lines, ElementsAre("POST /cart", "GET /cart", "GET /a", "GET /cart"));
  EXPECT_EQ(record.total.planned, 4u);
  EXPECT_EQ(record.total.statuses[3], 1u);
  EXPECT_EQ(record.total.failed_all(), 0u);
}

TEST_F(VisitorTest, RedirectsEndSomewhere) {
  walks_ = {{.steps = {{page, "/loop", 0ms}, {page, "/away", 0ms}, {page, "/b"}}}};
  const RunRecord record = play(500ms);
  const auto targets = shop_.targets();
  EXPECT_EQ(std::ranges::count(targets, "/loop"), 11);
  EXPECT_THAT(targets, Contains("/b"));
  EXPECT_EQ(record.total.not_followed, 1u);
  EXPECT_EQ(record.total.answered, 13u);
}

TEST_F(VisitorTest, WhatWasMadeUpNeedNotBeThere) {
  walks_ = {{.steps = {{page, "/missing", 1ms, {}, false, Invented::path}, {page, "/missing", 1ms}}}};
  const RunRecord record = play(300ms);
  EXPECT_EQ(record.total.invented, 1u);
  EXPECT_EQ(record.total.failed_for(Failure::status), 1u);
  EXPECT_EQ(record.templates[page].held.not_found, 1u);
}

// The log has pages there; a redirect, a loop or a few bytes in their place are not what its visitors got.
TEST_F(VisitorTest, WhatTheLogDoesNotHaveIsAFailure) {
  const auto failed_unlike = [&](const std::string& target) {
    walks_ = {{.steps = {{page, target}}}};
    return play(300ms).total.failed_for(Failure::unlike);
  };
  EXPECT_EQ(failed_unlike("/away"), 0u) << "nothing is known of it";
  EXPECT_EQ(failed_unlike("/loop"), 1u) << "of eleven in a row the last";
  model_.templates[page].statuses = {{200, 1}};
  EXPECT_EQ(failed_unlike("/away"), 1u);
  EXPECT_EQ(failed_unlike("/loop"), 2u) << "the first and the last";
  EXPECT_EQ(failed_unlike("/b"), 0u);
  model_.templates[page].least_bytes = 4096;
  EXPECT_EQ(failed_unlike("/b"), 1u) << "of five bytes";
  model_.templates[page].statuses = {{200, 0.5}, {302, 0.5}};
  EXPECT_EQ(failed_unlike("/away"), 0u);
}

// An advertisement's mark on every link must not hide that the page behind it is gone.
TEST_F(VisitorTest, WhereValuesAloneWereMadeUpThePageIsHeldAgainstTheLog) {
  const auto failed = [&](const std::string& target, Failure how) {
    walks_ = {{.steps = {{page, target, 1ms, {}, false, Invented::values}}}};
    return play(300ms).total.failed_for(how);
  };
  model_.templates[page].statuses = {{200, 1}};
  EXPECT_EQ(failed("/away", Failure::unlike), 1u);
  EXPECT_EQ(failed("/missing", Failure::status), 0u) << "there need be nothing of that value";
  model_.templates[page].least_bytes = 4096;
  EXPECT_EQ(failed("/b", Failure::unlike), 1u) << "of five bytes";
  model_.templates[page].least_bytes = 0;
  EXPECT_EQ(failed("/b", Failure::unlike), 0u);
}

TEST_F(VisitorTest, WritesAreWithheldUnlessAllowed) {
  walks_ = {{.steps = {{post, "/cart", 0ms, {asset_at("/a", 0ms)}}, {page, "/b"}}}};
  const RunRecord record = play(500ms);
  EXPECT_THAT(shop_.targets(), ElementsAre("/a", "/b"));
  EXPECT_EQ(record.total.withheld, 1u);
  EXPECT_EQ(record.total.planned, 2u);
}

TEST_F(VisitorTest, AConditionalRequestSendsWhatIsKnown) {
  walks_ = {
      {.steps = {
           {page, "/etag", 10ms, {}, true}, {page, "/etag", 10ms, {}, true}, {page, "/etag", 10ms}, {page, "/etag"}}}};
  const RunRecord record = play(500ms);
  const auto seen = shop_.seen();
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].if_none_match, "");
  EXPECT_EQ(seen[1].if_none_match, "\"v1\"");
  EXPECT_EQ(seen[2].if_none_match, "\"v1\"");  // in place of the first, which had none to send
  EXPECT_EQ(seen[3].if_none_match, "");
  EXPECT_EQ(record.total.statuses[3], 2u);
}

TEST_F(VisitorTest, ConnectionsCloseWithTheSessionAndComeFromTheVisitorsAddress) {
  options_.client_addresses = AddressRange{*net::IpAddress::parse("127.3.0.0"), 24};
  for (int i = 0; i < 20; ++i) walks_.push_back({.at = i * 10ms, .steps = {{page, "/a", 5ms}, {page, "/b"}}});
  const RunRecord record = play(500ms);
  EXPECT_EQ(record.total.connections, 20u);
  EXPECT_EQ(record.total.sessions, 20u);
  std::map<std::string, int> addresses;
  for (const Seen& each : shop_.seen()) ++addresses[each.client.substr(0, each.client.find(':'))];
  EXPECT_EQ(addresses.size(), 20u);
  EXPECT_EQ(addresses["127.3.0.1"], 2);
  EXPECT_EQ(server_.metrics().open_connections.value(), 0);
  EXPECT_EQ(record.windows.back().visitors, 0u);
}

TEST_F(VisitorTest, ThoseStillThinkingAtTheEndLeave) {
  walks_ = {{.steps = {{page, "/a", 1h}, {page, "/never"}}}, {.at = 1h, .steps = {{page, "/never"}}}};
  options_.threads = 2;
  const RunRecord record = play(300ms);
  EXPECT_THAT(shop_.targets(), ElementsAre("/a"));
  EXPECT_EQ(record.ended, RunRecord::Ended::planned);
  EXPECT_LT(record.lasted, 1s);
}

TEST_F(VisitorTest, WhatAnEditedModelAsksForCannotWriteLinesOfItsOwn) {
  walks_ = {{.steps = {{page, "/a b\r\nX: y\xc3\xa4", 0ms}, {page, "c"}}}};
  play(300ms);
  EXPECT_THAT(shop_.targets(), ElementsAre("/a%20b%0D%0AX:%20y%C3%A4", "/c"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Notes how much of the heap is in use, second by second.
class HeapObserver final : public DriveObserver {
 public:
  Proceed second(const RunRecord&) override {
    in_use.push_back(::mallinfo2().uordblks);
    return Proceed::on;
  }
  std::vector<std::size_t> in_use;
};

// Sessions come and go all the time, with cookies, assets and connections.
TEST_F(VisitorTest, MemoryDoesNotGrowWithTheRun) {
  Quiet quiet;
  TestServer server(quiet);
  options_.target = *parse_target(server.url());
  for (int i = 0; i < 2000; ++i) {
    walks_.push_back(
        {.at = i * 2ms, .steps = {{page, "/login", 5ms, {asset_at("/a", 0ms), asset_at("/b", 1ms)}}, {page, "/c"}}});
  }
  HeapObserver heap;
  const RunRecord record = play(4s, heap);
  EXPECT_EQ(record.total.sessions, 2000u);
  EXPECT_EQ(record.total.failed_all(), 0u);
  ASSERT_GE(heap.in_use.size(), 4u);
  EXPECT_LT(heap.in_use[3], heap.in_use[0] + 512 * 1024);
}
#endif

}  // namespace
}  // namespace tenfold::rehearse
