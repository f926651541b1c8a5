#include "app/wiring/own_hosts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "app/wiring/known_checks.hpp"
#include "config/surroundings.hpp"
#include "net/tls/test_certificates.hpp"

namespace tenfold::app {
namespace {

class OwnHostsTest : public testing::Test {
 protected:
  std::vector<config::Listener> listeners(const std::string& alternatives) {
    const std::string chain = folder_.write("chain.pem", authority_.issue(alternatives).certificate_pem());
    return {{.address = {"0.0.0.0", 8080}}, {.address = {"0.0.0.0", 8443}, .certificates = {{.chain = chain}}}};
  }
  static bool have(const OwnHosts& hosts, const std::string& url, std::vector<std::string> addresses = {"192.0.2.1"}) {
    auto to = watch::destination_of(url);
    EXPECT_TRUE(to) << url;
    to->addresses = std::move(addresses);
    return hosts.have(*to);
  }

  net::TestFolder folder_;
  net::TestAuthority authority_;
};

TEST_F(OwnHostsTest, AreTheNamesOfTheCertificatesByThePortsOfThisEdge) {
  const OwnHosts hosts(listeners("DNS:shop.example,DNS:www.shop.example"));
  for (const char* url : {"https://shop.example/", "https://WWW.shop.example/a", "http://shop.example/",
                          "https://shop.example:8443/", "http://shop.example:8080/"}) {
    EXPECT_TRUE(have(hosts, url)) << url;
  }
  for (const char* url : {"https://other.example/", "https://mail.shop.example/", "https://shop.example.other.example/",
                          "https://shop.example:9443/", "http://shop.example:9000/", "http://shop.example:443/",
                          "http://shop.example:8443/", "https://shop.example:8080/", "https://192.0.2.1/"}) {
    EXPECT_FALSE(have(hosts, url)) << url;
  }
}

TEST_F(OwnHostsTest, OfAWildcardWwwAlone) {
  const OwnHosts hosts(listeners("DNS:*.shop.example"));
  EXPECT_TRUE(have(hosts, "https://www.shop.example/"));
  EXPECT_FALSE(have(hosts, "https://help.shop.example/"));
  EXPECT_FALSE(have(hosts, "https://shop.example/"));
  EXPECT_FALSE(have(hosts, "https://www.other.example/"));
}

TEST_F(OwnHostsTest, AreOfAnyNameAtTheMachinesOwnAddresses) {
  const OwnHosts hosts({{.address = {"0.0.0.0", 8080}}, {.address = {"127.0.0.2", 8081}}});
  EXPECT_TRUE(have(hosts, "http://shop.example:8080/", {"127.0.0.1"}));
  EXPECT_TRUE(have(hosts, "https://shop.example/", {"127.0.0.1", "::1"})) << "from where it may be forwarded";
  for (const std::string& address : config::system_surroundings().own_addresses) {
    if (address.find(':') != std::string::npos) continue;
    EXPECT_TRUE(have(hosts, "http://shop.example:8080/", {address})) << address;
  }
  EXPECT_TRUE(have(hosts, "http://shop.example:8081/", {"127.0.0.2"}));
  EXPECT_FALSE(have(hosts, "http://shop.example:8081/", {"127.0.0.1"})) << "somebody else's listener";
  EXPECT_FALSE(have(hosts, "http://shop.example:9000/", {"127.0.0.1"}));
  EXPECT_FALSE(have(hosts, "http://shop.example:8080/", {"127.0.0.1", "192.0.2.1"})) << "it may go to either";
  EXPECT_FALSE(have(hosts, "http://shop.example:8080/", {}));
}

TEST_F(OwnHostsTest, AFileThatCannotBeReadHasNoNames) {
  const OwnHosts hosts({{.address = {"0.0.0.0", 443}, .certificates = {{.chain = folder_.path("none")}}}});
  EXPECT_FALSE(have(hosts, "https://shop.example/"));
}

TEST_F(OwnHostsTest, TheOperatorIsToldWhichChecksAreKnown) {
  config::Replaceable live;
  live.listen = listeners("DNS:shop.example");
  const auto add = [&](const std::string& name, watch::Probe probe) {
    config::Check check;
    check.name = name;
    check.probe = std::move(probe);
    live.watch.checks.push_back(check);
  };
  add("port", watch::TcpProbe{.host = "shop.example", .port = 443});
  EXPECT_EQ(known_checks(live), "") << "it shows no cookie";
  add("front", watch::HttpProbe{.url = "https://shop.example/"});
  add("local", watch::HttpProbe{.url = "http://127.0.0.1:8080/"});
  EXPECT_EQ(known_checks(live), "to the shield as a customer: front, local");
  add("by-name", watch::HttpProbe{.url = "https://other.example/"});
  add("partner", watch::HttpProbe{.url = "https://192.0.2.1/"});
  add("to-partner",
      watch::JourneyProbe{.steps = {{.name = "a", .http = {.url = "https://shop.example/"}, .capture = {}},
                                    {.name = "b", .http = {.url = "https://api.example:9443/"}, .capture = {}}}});
  EXPECT_EQ(known_checks(live),
            "to the shield as a customer: front, local; as a customer if its name leads to this machine: by-name; as a "
            "stranger: partner, to-partner");
  live.guard.mode = config::GuardMode::off;
  EXPECT_EQ(known_checks(live), "");
}

}  // namespace
}  // namespace tenfold::app
