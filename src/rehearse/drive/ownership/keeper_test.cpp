#include "rehearse/drive/ownership/keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "http/plain_server.hpp"
#include "net/sim/sim_loop.hpp"
#include "rehearse/drive/ownership/token_file.hpp"

namespace tenfold::rehearse {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class KeptHost final : public http::Handler {
 public:
  net::Task<void> handle(http::ServerExchange& exchange) override {
    ++reads;
    http::ResponseHead head;
    head.status = status;
    [[maybe_unused]] auto sent = co_await exchange.send(head, text, http::BodyEnd::last, no_deadline);
  }
  std::string text;
  int status = 200;
  int reads = 0;
};

net::Task<void> keep(OwnershipKeeper& keeper, net::CancelToken token, std::optional<std::string>& why) {
  why = co_await keeper.keep(token);
}

class KeeperTest : public testing::Test {
 protected:
  KeptHost& host(std::string_view address) {
    KeptHost& made = hosts_[std::string(address)];
    made.text = token_;
    auto server = http::PlainServer::listen(loop_, {*net::IpAddress::parse(address), 80}, {});
    (*server)->serve(made);
    servers_.push_back(std::move(*server));
    return made;
  }
  void names(std::vector<std::string_view> addresses, Duration time_to_live) {
    net::Resolution resolution;
    for (const auto each : addresses) resolution.addresses.push_back(*net::IpAddress::parse(each));
    resolution.time_to_live = time_to_live;
    resolver_.set("shop.example", resolution);
  }
  void start() {
    auto first = net::sim::run_task(network_, loop_, keeper_.prove_first(loop_.now() + 10s));
    ASSERT_TRUE(first) << first.error().text();
    scope_.spawn(keep(keeper_, stop_.token(), why_));
  }
  bool lost() const { return why_.has_value(); }
  void TearDown() override {
    stop_.cancel();
    network_.run_until([&] { return scope_.running() == 0; });
    for (auto& server : servers_) net::sim::run_task(network_, loop_, server->abort());
  }

  net::sim::SimNetwork network_;
  net::sim::SimLoop& loop_ = network_.make_loop();
  net::sim::SimResolver resolver_;
  std::string token_ = ownership_token("key", "shop.example");
  std::map<std::string, KeptHost> hosts_;
  std::vector<std::unique_ptr<http::PlainServer>> servers_;
  std::vector<ProvenAddresses> published_;
  OwnershipKeeper keeper_{loop_,   resolver_,
                          "key",   *parse_target("http://shop.example/"),
                          nullptr, [this](ProvenAddresses addresses) { published_.push_back(std::move(addresses)); }};
  net::CancelSource stop_;
  net::Scope scope_;
  std::optional<std::string> why_;
};

TEST_F(KeeperTest, ReadsTheTokenAtLeastOnceAMinuteAndNeverLetsAProofRunOut) {
  names({"192.0.2.1"}, 1h);
  KeptHost& shop = host("192.0.2.1");
  start();
  for (int minute = 1; minute <= 10; ++minute) {
    for (int i = 0; i < 60; ++i) {
      network_.advance(1s);
      ASSERT_GT(published_.back()->front().good_until(), loop_.now());
    }
    EXPECT_GE(shop.reads, minute);
  }
  EXPECT_LE(shop.reads, 20);
  EXPECT_FALSE(lost());
}

TEST_F(KeeperTest, ATokenThatIsGoneInMidRunEndsItWithinTheMinute) {
  names({"192.0.2.1"}, 1h);
  KeptHost& shop = host("192.0.2.1");
  start();
  network_.advance(120s);
  ASSERT_FALSE(lost());
  shop.status = 404;
  network_.advance(60s);
  ASSERT_TRUE(lost());
  EXPECT_THAT(*why_, HasSubstr("status 404"));
}

TEST_F(KeeperTest, ANameThatMovesToAnAddressWithoutTokenEndsItAtItsTtl) {
  names({"192.0.2.1"}, 5s);
  host("192.0.2.1");
  start();
  network_.advance(12s);
  host("192.0.2.2").text = "somebody else's";
  names({"192.0.2.1", "192.0.2.2"}, 5s);
  network_.advance(6s);
  ASSERT_TRUE(lost());
  EXPECT_THAT(*why_, HasSubstr("192.0.2.2:80"));
  // It was never given to anybody.
  for (const auto& addresses : published_) EXPECT_EQ(addresses->size(), 1u);
}

TEST_F(KeeperTest, ALoopbackNameThatMovesAwayEndsIt) {
  names({"127.0.0.1"}, 5s);
  start();
  network_.advance(60s);
  ASSERT_FALSE(lost());
  host("192.0.2.2").text = "somebody else's";
  names({"192.0.2.2"}, 5s);
  network_.advance(6s);
  EXPECT_TRUE(lost());
}

TEST_F(KeeperTest, ANameThatMovesToAnAddressWithTheTokenIsFollowed) {
  names({"192.0.2.1"}, 5s);
  host("192.0.2.1");
  start();
  host("192.0.2.2");
  names({"192.0.2.2"}, 5s);
  network_.advance(6s);
  EXPECT_FALSE(lost());
  ASSERT_EQ(published_.back()->size(), 1u);
  EXPECT_EQ(published_.back()->front().endpoint(), *net::Endpoint::parse("192.0.2.2:80"));
}

TEST_F(KeeperTest, AShopThatBreaksDownIsGivenTheRestOfItsMinute) {
  names({"192.0.2.1"}, 1h);
  KeptHost& shop = host("192.0.2.1");
  start();
  network_.advance(35s);
  shop.status = 503;
  network_.advance(15s);  // asked again and again by now
  EXPECT_FALSE(lost());
  shop.status = 200;
  network_.advance(60s);
  EXPECT_FALSE(lost());

  const TimePoint good_until = published_.back()->front().good_until();
  shop.status = 503;
  network_.advance(good_until - loop_.now());
  ASSERT_TRUE(lost());
  EXPECT_THAT(*why_, HasSubstr("503"));
}

TEST_F(KeeperTest, EndsWhenToldTo) {
  names({"192.0.2.1"}, 1h);
  host("192.0.2.1");
  start();
  stop_.cancel();
  network_.settle();
  EXPECT_EQ(why_, "");
}

}  // namespace
}  // namespace tenfold::rehearse
