#include "config/listening.hpp"

#include <gtest/gtest.h>

#include "config/load.hpp"
#include "config/testing.hpp"

namespace tenfold::config {
namespace {

struct Pair {
  HostPort server;
  HostPort listener;
};

bool leads(const Pair& pair) { return leads_to(pair.server, pair.listener, {"10.1.2.3", "2001:db8::7"}); }

TEST(Listening, EveryWayToAListenerIsFound) {
  for (const Pair& pair :
       {Pair{{"127.0.0.1", 80}, {"127.0.0.1", 80}}, Pair{{"127.0.0.1", 80}, {"0.0.0.0", 80}},
        Pair{{"127.9.9.9", 80}, {"0.0.0.0", 80}}, Pair{{"0.0.0.0", 80}, {"0.0.0.0", 80}},
        Pair{{"0.0.0.0", 80}, {"127.0.0.1", 80}}, Pair{{"::ffff:127.0.0.1", 80}, {"127.0.0.1", 80}},
        Pair{{"localhost", 80}, {"127.0.0.1", 80}}, Pair{{"localhost", 80}, {"::1", 80}},
        Pair{{"shop.localhost", 80}, {"0.0.0.0", 80}}, Pair{{"::", 80}, {"::", 80}}, Pair{{"::", 80}, {"::1", 80}},
        Pair{{"0:0::1", 80}, {"::", 80}}, Pair{{"10.1.2.3", 80}, {"0.0.0.0", 80}},
        Pair{{"10.1.2.3", 80}, {"10.1.2.3", 80}}, Pair{{"2001:db8::7", 80}, {"::", 80}}}) {
    EXPECT_TRUE(leads(pair)) << pair.server.text() << " " << pair.listener.text();
  }
}

TEST(Listening, OthersAreLeftAlone) {
  for (const Pair& pair : {Pair{{"127.0.0.1", 81}, {"127.0.0.1", 80}}, Pair{{"127.0.0.1", 0}, {"127.0.0.1", 0}},
                           Pair{{"127.0.0.2", 80}, {"127.0.0.1", 80}}, Pair{{"0.0.0.0", 80}, {"10.1.2.3", 80}},
                           Pair{{"127.0.0.1", 80}, {"::", 80}},  // our listeners on [::] take IPv6 only
                           Pair{{"::1", 80}, {"0.0.0.0", 80}}, Pair{{"localhost", 80}, {"10.1.2.3", 80}},
                           Pair{{"10.1.2.4", 80}, {"0.0.0.0", 80}}, Pair{{"app.internal", 80}, {"0.0.0.0", 80}},
                           Pair{{"", 80}, {"0.0.0.0", 80}}}) {
    EXPECT_FALSE(leads(pair)) << pair.server.text() << " " << pair.listener.text();
  }
}

Loaded load(const std::string& listen, const std::string& servers, const std::string& more = "",
            const std::vector<HostPort>& still_served = {}) {
  Surroundings machine = testing::surroundings();
  machine.own_addresses = {"10.1.2.3"};
  machine.still_served = still_served;
  return load_text("shop: S\nlisten: [" + listen + "]\norigins: [{ name: a, servers: [" + servers + "] }]\n" + more,
                   "f", "/", machine);
}

TEST(Listening, AnOriginThatIsTheEdgeItselfIsAnErrorAtItsPlace) {
  EXPECT_EQ(testing::all_text(load("{ address: 0.0.0.0:80 }", "b:1, localhost:80").problems),
            "f:3:37: origins[0].servers[1]: localhost:80 leads to listen[0].address (0.0.0.0:80, line 2), so that it "
            "would ask itself without end; expected the address of one of the shop's own servers\n");
  EXPECT_FALSE(load("{ address: 0.0.0.0:80 }", "10.1.2.3:80").ok());
  EXPECT_TRUE(load("{ address: 0.0.0.0:80 }", "10.1.2.4:80").ok());
}

TEST(Listening, AnOriginThatIsTheConsoleIsAnErrorToo) {
  const auto loaded = load("{ address: 0.0.0.0:80 }", "0.0.0.0:8090", "console: { address: 127.0.0.1:8090 }\n");
  EXPECT_EQ(testing::all_text(loaded.problems),
            "f:3:32: origins[0].servers[0]: 0.0.0.0:8090 leads to console.address (127.0.0.1:8090, line 4), so that "
            "it would ask itself without end; expected the address of one of the shop's own servers\n");
}

TEST(Listening, AnOriginThatThisProcessServesUntilARestartIsAnErrorThatSaysSo) {
  const std::vector<HostPort> running = {{"127.0.0.1", 80}, {"0.0.0.0", 81}};
  EXPECT_EQ(testing::all_text(load("{ address: 127.0.0.1:80 }", "10.1.2.3:81", "", running).problems),
            "f:3:32: origins[0].servers[0]: 10.1.2.3:81 leads to 0.0.0.0:81, which is still served by this process "
            "until a restart, so that it would ask itself without end; expected the address of one of the shop's own "
            "servers, or a restart first\n");
  EXPECT_TRUE(load("{ address: 127.0.0.1:80 }", "10.1.2.3:82", "", running).ok());
}

const std::string callbacks =
    "oncall:\n  people: [{ name: ada, contacts: [{ call: '+4915112345678' }] }]\n  escalation: [{ name: e, steps: [{ "
    "notify: [ada] }] }]\n  channels: { twilio: { account: A, "
    "token: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, from: '+4915112345679', callbacks: 0.0.0.0:80, public_url: "
    "'https://x.example' } }\n";

TEST(Listening, AnOriginMayBeTheAddressOfProvidersCallbacks) {
  const auto passed_on = load("{ address: 127.0.0.1:443 }", "127.0.0.1:80", callbacks);
  EXPECT_TRUE(passed_on.ok()) << testing::all_text(passed_on.problems);
}

TEST(Listening, TheAddressOfProvidersCallbacksIsOneOfOurs) {
  const auto taken = load("{ address: 127.0.0.1:80 }", "b:1", callbacks);
  EXPECT_NE(testing::all_text(taken.problems)
                .find("oncall.channels.twilio.callbacks: 0.0.0.0:80 overlaps "
                      "127.0.0.1:80 of listen[0].address (line 2)"),
            std::string::npos)
      << testing::all_text(taken.problems);
}

}  // namespace
}  // namespace tenfold::config
