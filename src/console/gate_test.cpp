#include "console/gate.hpp"

#include <gtest/gtest.h>

namespace tenfold::console {
namespace {

http::RequestHead request(http::Method method, std::string_view authority,
                          std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {}) {
  http::RequestHead head;
  head.method = method;
  head.authority = authority;
  for (const auto& [name, value] : fields) head.headers.add(name, value);
  return head;
}

int status(const http::RequestHead& head, Access access, const GateOptions& options = {}) {
  const auto checked = check(head, access, options);
  return checked ? 200 : checked.error().status;
}

using http::Method;

TEST(Gate, KnowsItsOwnNames) {
  for (const std::string_view ours : {"localhost", "localhost:8090", "LOCALHOST:1", "a.localhost", "127.0.0.1:8090",
                                      "[::1]:8090", "192.0.2.7", "console.shop.example:8090"}) {
    EXPECT_TRUE(is_ours(ours, {"console.shop.example"})) << ours;
  }
  for (const std::string_view foreign :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8090", "notlocalhost"}) {
    EXPECT_FALSE(is_ours(foreign, {"console.shop.example"})) << foreign;
  }
}

TEST(Gate, RefusesForeignNamesEvenForWhatIsOpen) {
  EXPECT_EQ(status(request(Method::get, "evil.example"), Access::open), 421);
  EXPECT_EQ(status(request(Method::get, "localhost"), Access::open), 200);
}

TEST(Gate, RefusesOtherSitesPages) {
  const auto cross =
      request(Method::get, "localhost:8090", {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "cors"}});
  EXPECT_EQ(status(cross, Access::read), 403);
  const auto same_site = request(Method::get, "localhost:8090", {{"Sec-Fetch-Site", "same-site"}});
  EXPECT_EQ(status(same_site, Access::read), 403);
  const auto origin = request(Method::post, "localhost:8090",
                              {{"Origin", "http://localhost:3000"}, {"Content-Type", "application/json"}});
  EXPECT_EQ(status(origin, Access::change), 403);
  const auto null_origin =
      request(Method::post, "localhost:8090", {{"Origin", "null"}, {"Content-Type", "application/json"}});
  EXPECT_EQ(status(null_origin, Access::change), 403);
}

TEST(Gate, LetsLinksAndItsOwnPageIn) {
  const auto link =
      request(Method::get, "localhost:8090", {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}});
  EXPECT_EQ(status(link, Access::read), 200);
  const auto own = request(
      Method::post, "localhost:8090",
      {{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://localhost:8090"}, {"Content-Type", "application/json"}});
  EXPECT_EQ(status(own, Access::change), 200);
}

TEST(Gate, ANavigationChangesNothing) {
  const auto form =
      request(Method::post, "localhost:8090",
              {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}, {"Content-Type", "application/json"}});
  EXPECT_EQ(status(form, Access::change), 403);
}

TEST(Gate, ChangesMustBeJson) {
  EXPECT_EQ(
      status(request(Method::post, "localhost", {{"Content-Type", "application/json; charset=utf-8"}}), Access::change),
      200);
  EXPECT_EQ(status(request(Method::post, "localhost", {{"Content-Type", "text/plain"}}), Access::change), 415);
  EXPECT_EQ(status(request(Method::post, "localhost", {{"Content-Type", "application/jsonx"}}), Access::change), 415);
  EXPECT_EQ(status(request(Method::post, "localhost"), Access::change), 415);
}

TEST(Gate, AsksForTheToken) {
  const GateOptions changes{.token = "secret"};
  const GateOptions everything{.token = "secret", .guarded = GateOptions::Guarded::everything};
  const auto none = request(Method::get, "localhost");
  const auto good = request(Method::get, "localhost", {{"Authorization", "bearer secret"}});
  const auto wrong = request(Method::get, "localhost", {{"Authorization", "Bearer secres"}});
  const auto longer = request(Method::get, "localhost", {{"Authorization", "Bearer secret1"}});

  EXPECT_EQ(status(none, Access::read, changes), 200);
  EXPECT_EQ(status(none, Access::read, everything), 401);
  EXPECT_EQ(status(none, Access::open, everything), 200);
  EXPECT_EQ(status(good, Access::read, everything), 200);
  EXPECT_EQ(status(wrong, Access::read, everything), 401);
  EXPECT_EQ(status(longer, Access::read, everything), 401);
  EXPECT_EQ(status(request(Method::post, "localhost", {{"Content-Type", "application/json"}}), Access::change, changes),
            401);
}

}  // namespace
}  // namespace tenfold::console
