#include "rehearse/drive/ownership/ownership.hpp"

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
using testing::Not;

net::IpAddress ip(std::string_view text) { return *net::IpAddress::parse(text); }

// Gives a text, a status and a Location at the token's path and 404 elsewhere; counts.
class TokenHost final : public http::Handler {
 public:
  net::Task<void> handle(http::ServerExchange& exchange) override {
    ++reads;
    http::ResponseHead head;
    head.status = exchange.request().target == token_path ? status : 404;
    if (!location.empty()) head.headers.add(http::Field::location, location);
    if (delay > 0s) co_await exchange.loop().sleep_for(delay);
    [[maybe_unused]] auto sent = co_await exchange.send(head, text, http::BodyEnd::last, no_deadline);
  }
  std::string text;
  int status = 200;
  std::string location;
  Duration delay{};
  int reads = 0;
};

class OwnershipTest : public testing::Test {
 protected:
  static constexpr std::string_view key = "0123456789abcdef0123456789abcdef";

  TokenHost& host(std::string_view address) {
    auto& host = hosts_[std::string(address)];
    auto server = http::PlainServer::listen(loop_, {ip(address), 80}, {});
    EXPECT_TRUE(server);
    (*server)->serve(host);
    servers_.push_back(std::move(*server));
    return host;
  }
  void names(std::vector<std::string_view> addresses, Duration time_to_live = 300s) {
    net::Resolution resolution;
    for (const auto each : addresses) resolution.addresses.push_back(ip(each));
    resolution.time_to_live = time_to_live;
    resolver_.set("shop.example", resolution);
  }
  Result<Proof> prove() {
    return net::sim::run_task(network_, loop_, ownership_.prove(target_, nullptr, loop_.now() + 30s));
  }
  void TearDown() override {
    for (auto& server : servers_) net::sim::run_task(network_, loop_, server->abort());
  }

  net::sim::SimNetwork network_;
  net::sim::SimLoop& loop_ = network_.make_loop();
  net::sim::SimResolver resolver_;
  Ownership ownership_{loop_, resolver_, std::string(key)};
  Target target_ = *parse_target("http://shop.example/");
  std::string token_ = ownership_token(key, "shop.example");
  std::map<std::string, TokenHost> hosts_;
  std::vector<std::unique_ptr<http::PlainServer>> servers_;
};

TEST_F(OwnershipTest, OnlyLoopbackIsLoopback) {
  for (const char* text : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(ip(text))) << text;
  }
  for (const char* text : {"0.0.0.0", "::", "::ffff:0.0.0.0", "::2", "::ffff:128.0.0.1", "126.255.255.255", "10.0.0.1",
                           "64:ff9b::127.0.0.1", "::127.0.0.1", "fe80::1", "7f00::1"}) {
    EXPECT_FALSE(is_loopback(ip(text))) << text;
  }
}

TEST_F(OwnershipTest, TokenIsTheDocumentedHmac) {
  // printf 'verify:shop.example' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
  EXPECT_EQ(token_, "tenfold-verify=6d10f609a60ae5ab7a091ff765f580c2da675b81ab4b31e30647437eedacd929");
  EXPECT_NE(token_, ownership_token(key, "other.example"));
  EXPECT_NE(token_, ownership_token("another key", "shop.example"));
}

TEST_F(OwnershipTest, TokenAtEveryAddressIsProofForAMinute) {
  names({"192.0.2.1", "192.0.2.2"});
  host("192.0.2.1").text = "# ours\r\n" + token_ + "\r\n";
  host("192.0.2.2").text = token_;

  const auto proof = prove();

  ASSERT_TRUE(proof) << proof.error().text();
  ASSERT_EQ(proof->addresses.size(), 2u);
  EXPECT_EQ(proof->addresses[0].endpoint(), *net::Endpoint::parse("192.0.2.1:80"));
  EXPECT_EQ(proof->addresses[0].good_until(), loop_.now() + 60s);
  EXPECT_LT(proof->look_again, loop_.now() + 60s);
}

TEST_F(OwnershipTest, RefusesEverythingElseAndSaysWhatToDo) {
  names({"192.0.2.1"});
  TokenHost& shop = host("192.0.2.1");
  const auto expect_refused = [&](std::string_view found) {
    const auto proof = prove();
    ASSERT_FALSE(proof) << found;
    EXPECT_EQ(proof.error().code, Errc::refused) << proof.error().text();
    EXPECT_THAT(proof.error().detail, HasSubstr(std::string(found)));
    EXPECT_THAT(proof.error().detail, HasSubstr("192.0.2.1:80"));
    EXPECT_THAT(proof.error().detail, HasSubstr(token_));
  };
  // missing
  shop.status = 404;
  expect_refused("status 404");
  shop.text = token_;
  expect_refused("status 404");
  // wrong, and other hosts' or installations'
  shop.status = 200;
  for (const std::string& text :
       {std::string(), std::string("tenfold-verify="), ownership_token(key, "other.example"),
        ownership_token("other key", "shop.example"), token_ + "0", token_.substr(0, token_.size() - 1), " " + token_,
        "x" + token_, std::string(token_.size(), 'x')}) {
    shop.text = text;
    expect_refused("without the token");
  }
  // behind a redirect, even when the answer itself holds it
  for (const int status : {301, 302, 303, 307, 308}) {
    shop.status = status;
    shop.location = "http://192.0.2.1/elsewhere";
    shop.text = token_;
    expect_refused("redirect");
  }
  shop.status = 206;
  expect_refused("status 206");
  // too long to be one
  shop.status = 200;
  shop.text = token_ + "\n" + std::string(most_token_file_bytes - token_.size(), 'x');
  expect_refused("more than 4 KiB");
  shop.text = token_ + "\n" + std::string(most_token_file_bytes - token_.size() - 1, 'x');
  EXPECT_TRUE(prove());
}

TEST_F(OwnershipTest, OneOfTwoAddressesWithoutIsRefused) {
  names({"192.0.2.1", "192.0.2.2"});
  host("192.0.2.1").text = token_;
  host("192.0.2.2").status = 404;
  const auto proof = prove();
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, Errc::refused);
  EXPECT_THAT(proof.error().detail, HasSubstr("192.0.2.2:80"));
}

TEST_F(OwnershipTest, LoopbackNeedsNoTokenUnlessOtherAddressesAreAmongThem) {
  names({"127.0.0.1", "::1"}, 7s);
  const auto proof = prove();
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->addresses.size(), 2u);
  EXPECT_EQ(proof->addresses[0].good_until(), TimePoint::max());
  EXPECT_EQ(proof->look_again, loop_.now() + 7s);

  names({"127.0.0.1", "192.0.2.1"});
  host("192.0.2.1").text = token_;
  host("127.0.0.1").status = 404;
  EXPECT_EQ(prove().error().code, Errc::refused);
  hosts_["127.0.0.1"].status = 200;
  hosts_["127.0.0.1"].text = token_;
  EXPECT_TRUE(prove());
}

TEST_F(OwnershipTest, TheUnspecifiedAddressIsNotLoopback) {
  for (const char* address : {"0.0.0.0", "::"}) {
    names({address});
    EXPECT_FALSE(prove()) << address;
  }
}

TEST_F(OwnershipTest, ATokenThatGoesIsMissedAndOneThatIsFreshIsNotReadAgain) {
  names({"192.0.2.1"}, 1s);
  TokenHost& shop = host("192.0.2.1");
  shop.text = token_;
  ASSERT_TRUE(prove());
  network_.advance(39s);
  const auto still = prove();
  ASSERT_TRUE(still);
  EXPECT_EQ(shop.reads, 1);
  EXPECT_EQ(still->addresses[0].good_until(), loop_.now() + 21s);

  network_.advance(2s);
  ASSERT_TRUE(prove());
  EXPECT_EQ(shop.reads, 2);

  shop.text = "gone";
  network_.advance(41s);
  EXPECT_EQ(prove().error().code, Errc::refused);
  EXPECT_EQ(prove().error().code, Errc::refused);
}

TEST_F(OwnershipTest, AnAddressThatAppearsIsReadAtOnce) {
  names({"192.0.2.1"}, 1s);
  host("192.0.2.1").text = token_;
  ASSERT_TRUE(prove());
  host("192.0.2.9").text = "not ours";
  names({"192.0.2.9"}, 1s);
  EXPECT_EQ(prove().error().code, Errc::refused);
  // Nor does a name that first was loopback keep anything of that.
  names({"127.0.0.1"});
  ASSERT_TRUE(prove());
  names({"192.0.2.9"});
  EXPECT_EQ(prove().error().code, Errc::refused);
}

TEST_F(OwnershipTest, ServersThatDoNotAnswerProveNothingButAreNotCalledSomebodyElses) {
  names({"192.0.2.1"});
  EXPECT_EQ(prove().error().code, Errc::unreachable);  // nobody listens
  TokenHost& shop = host("192.0.2.1");
  shop.text = token_;
  shop.status = 503;
  EXPECT_EQ(prove().error().code, Errc::busy);
  shop.status = 200;
  shop.delay = 6s;
  EXPECT_EQ(prove().error().code, Errc::timed_out);
  resolver_.remove("shop.example");
  EXPECT_EQ(prove().error().code, Errc::unreachable);
}

}  // namespace
}  // namespace tenfold::rehearse
