#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "config/schema/reader.hpp"
#include "config/testing.hpp"

namespace tenfold::config {
namespace {

using namespace std::chrono_literals;
using testing::all_text;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using testing::surroundings;

// Lines 1 to 3 of every file here; what is tested begins in line 4.
const std::string head =
    "shop: S\nlisten: [{ address: 127.0.0.1:8080 }]\norigins: [{ name: a, servers: [127.0.0.1:9001] }]\n";

Loaded load(const std::string& text) { return load_text(text, "shop.yaml", "/nonexistent", surroundings()); }

// The file's own paths must not matter to those who test something else.
Loaded load_more(const std::string& more) {
  const Folder folder;
  return load_text(head + more, "shop.yaml", folder.path(), surroundings());
}

TEST(Load, FillsInDefaults) {
  const auto loaded = load_more("");
  ASSERT_TRUE(loaded.ok()) << all_text(loaded.problems);
  const Replaceable& live = loaded.config->live;
  EXPECT_EQ(live.shop, "S");
  EXPECT_EQ(live.listen[0].address.text(), "127.0.0.1:8080");
  EXPECT_EQ(live.origins[0].servers[0].weight, 1u);
  EXPECT_EQ(live.health, origin::HealthPolicy{});
  EXPECT_EQ(live.cache, Cache{});
  EXPECT_EQ(live.limits, Limits{});
  EXPECT_TRUE(live.access_log);
  EXPECT_FALSE(live.console);
  EXPECT_TRUE(loaded.problems.empty());
}

TEST(Load, ReadsWhatDesignCallsAFileThatMustWork) {
  const Folder folder;
  folder.write("tls/shop.pem", "x");
  folder.write("tls/shop.key", "x");
  const auto loaded = load_text(R"(shop: Corner Shop
listen:
  - address: 127.0.0.1:8080
  - address: 127.0.0.1:8443
    certificates: [{ chain: tls/shop.pem, key: tls/shop.key }]
origins:
  - { name: frankfurt, region: eu, servers: [127.0.0.1:9001, 127.0.0.1:9002] }
  - { name: ashburn, region: us, standby: true, servers: [127.0.0.1:9003] }
health: { path: /healthz, every: 2s, timeout: 1s, unhealthy_after: 3, healthy_after: 2 }
cache: { memory: 256MiB, stale_if_error: 10m }
worth:
  - { name: checkout, paths: ["/checkout*", "/cart*"] }
  - { name: browse, paths: ["/*"] }
guard: { mode: enforce, kernel: auto, interfaces: [], without: [challenge, standing] }
console: { address: 127.0.0.1:8090 }
store: tenfold.db
sales: { currency: EUR, average_order: 42.50, order: "POST /checkout" }
workers: 1
)",
                                "shop.yaml", folder.path(), surroundings());
  ASSERT_TRUE(loaded.ok()) << all_text(loaded.problems);
  const Replaceable& live = loaded.config->live;
  EXPECT_EQ(live.listen[1].certificates[0].chain, folder.path() + "/tls/shop.pem");
  EXPECT_EQ(live.origins[1].role, origin::PoolSettings::Role::standby);
  EXPECT_EQ(live.origins[0].servers[1].port, 9002);
  EXPECT_EQ(live.health.path, "/healthz");
  EXPECT_EQ(live.cache.memory_bytes, 256u << 20);
  EXPECT_EQ(live.cache.stale_if_error, 10min);
  EXPECT_EQ(live.worth[0].paths[1].path, "/cart*");
  EXPECT_EQ(live.guard.kernel, GuardKernel::automatic);
  EXPECT_THAT(live.guard.without, ElementsAre(GuardPart::challenge, GuardPart::standing));
  EXPECT_EQ(live.console->address.port, 8090);
  EXPECT_EQ(live.sales.average_order_hundredths, 4250);
  EXPECT_EQ(live.sales.order->text(), "POST /checkout");
  EXPECT_EQ(loaded.config->fixed.store, folder.path() + "/tenfold.db");
  EXPECT_EQ(loaded.config->fixed.workers, 1u);
}

struct Wrong {
  std::string more;  // from line 4 on
  int line;
  int column;
  std::string message;
};

std::ostream& operator<<(std::ostream& out, const Wrong& wrong) { return out << wrong.more; }

class WrongFile : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongFile, IsExplainedAtItsPlace) {
  const auto loaded = load_more(GetParam().more);
  EXPECT_FALSE(loaded.ok());
  ASSERT_EQ(loaded.problems.size(), 1u) << all_text(loaded.problems);
  EXPECT_EQ(loaded.problems[0].message, GetParam().message);
  EXPECT_EQ(loaded.problems[0].line, GetParam().line);
  EXPECT_EQ(loaded.problems[0].column, GetParam().column);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, WrongFile,
    ::testing::Values(
        Wrong{"helth: { path: / }", 4, 1, "unknown key \"helth\"; did you mean \"health\"?"},
        Wrong{"health: { pth: / }", 4, 11, "health: unknown key \"pth\"; did you mean \"path\"?"},
        Wrong{"retries: { zzzzzz: 1 }", 4, 12, "retries: unknown key \"zzzzzz\", expected budget, min or attempts"},
        Wrong{"health: { path: /a, path: /b }", 4, 21, "health: \"path\" is given twice; the first is in line 4"},
        Wrong{"health: [1]", 4, 9,
              "health: found a list, expected a mapping with the keys path, every, timeout, unhealthy_after, "
              "healthy_after, status and host"},
        Wrong{
            "worth: [{ name: a }]", 4, 9,
            "worth[0]: \"paths\" is missing, expected a list, each item a path such as /cart*, or a method and a path "
            "such as POST /checkout"},
        Wrong{"cache: { memory: }", 4, 10,
              "cache.memory: found nothing, expected a size such as 64KiB, 256MiB, 1GiB"}));

INSTANTIATE_TEST_SUITE_P(
    Values, WrongFile,
    ::testing::Values(
        Wrong{"health: { every: 2 }", 4, 18,
              "health.every: found \"2\" without a unit, expected a duration such as 250ms, 2s, 10m, 1h, 7d; write 2s "
              "for "
              "seconds, 2ms for thousandths"},
        Wrong{"health: { every: 99ms }", 4, 18, "health.every: found \"99ms\", expected at least 100ms"},
        Wrong{"health: { unhealthy_after: 101 }", 4, 28,
              "health.unhealthy_after: found \"101\", expected a whole number from 1 to 100"},
        Wrong{"health: { status: 2xx }", 4, 19,
              "health.status: found \"2xx\", expected a status such as 204, or a range such as 200-399"},
        Wrong{"cache: { memory: 256MB }", 4, 18,
              "cache.memory: found \"256MB\", expected a size such as 64KiB, 256MiB, 1GiB; did you mean 256MiB?"},
        Wrong{"retries: { budget: 0.2 }", 4, 20,
              "retries.budget: found \"0.2\" without a unit, expected a share such as 20%; write 20%"},
        Wrong{"retries: { budget: 101% }", 4, 20, "retries.budget: found \"101%\", expected at most 100%"},
        Wrong{
            "retries: { min: 10 }", 4, 17,
            "retries.min: found \"10\" without a unit, expected a rate such as 10/s; write 10/s for so many a second"},
        Wrong{"guard: { mode: enforced }", 4, 16,
              "guard.mode: found \"enforced\", expected off, observe or enforce; did you mean enforce?"},
        Wrong{"guard: { without: [fairnes] }", 4, 20,
              "guard.without[0]: found \"fairnes\", expected fairness, standing or challenge; did you mean fairness?"},
        Wrong{
            "trusted_proxies: 10.0.0.0/8", 4, 18,
            "trusted_proxies: found text, expected a list, each item a network such as 10.0.0.0/8 or 2001:db8::/32, or "
            "one address; write [ ] around one item or \"- \" before it"},
        Wrong{"trusted_proxies: [10.0.0.1/8]", 4, 19,
              "trusted_proxies[0]: found \"10.0.0.1/8\", which is one address inside a network, expected a network "
              "such as "
              "10.0.0.0/8 or 2001:db8::/32, or one address; write 10.0.0.0/8 for the network or 10.0.0.1 for the "
              "address"},
        Wrong{"sales: { currency: eur }", 4, 20,
              "sales.currency: found \"eur\", expected a currency's three letters such as EUR, USD or GBP (ISO 4217)"},
        Wrong{"sales: { average_order: -1 }", 4, 25,
              "sales.average_order: found \"-1\", expected an amount such as 42.50"},
        Wrong{"workers: many", 4, 10, "workers: found \"many\", expected a whole number from 0 to 1024"},
        Wrong{"access_log: maybe", 4, 13,
              "access_log: found \"maybe\", expected on, off, or a mapping with the keys path, format and queue"},
        Wrong{"shop: T", 4, 1, "\"shop\" is given twice; the first is in line 1"},
        Wrong{"guard: { secret: short }", 4, 18,
              "guard.secret: found a secret of 5 bytes, expected at least 16; `openssl rand -hex 32` makes one"},
        Wrong{"guard: { secret: { env: NOT_THERE } }", 4, 25,
              "guard.secret: the environment has no variable NOT_THERE"},
        Wrong{"guard: { previous_secret: short }", 4, 27,
              "guard.previous_secret: found a secret of 5 bytes, expected at least 16; `openssl rand -hex 32` makes "
              "one"},
        Wrong{"guard: { cookie_domain: localhost }", 4, 25,
              "guard: cookie_domain is localhost, expected a domain such as shop.example: browsers take no cookie "
              "for anything else"},
        Wrong{"guard: { cookie_domain: 192.0.2.1 }", 4, 25,
              "guard: cookie_domain is 192.0.2.1, expected a domain such as shop.example: browsers take no cookie "
              "for anything else"}));

INSTANTIATE_TEST_SUITE_P(
    Between, WrongFile,
    ::testing::Values(
        Wrong{"console: { address: 127.0.0.1:8080 }", 4, 21,
              "console.address: 127.0.0.1:8080 overlaps 127.0.0.1:8080 of listen[0].address (line 2); two listeners "
              "cannot "
              "share a port"},
        Wrong{
            "console: { address: 0.0.0.0:8090 }", 4, 21,
            "console: 0.0.0.0:8090 can be reached from outside, expected a \"token\" beside it, or a loopback address"},
        Wrong{"routes: [{ paths: [/a], origins: [b] }]", 4, 35,
              "routes[0].origins[0]: there is no origin \"b\"; origins are a"},
        Wrong{"worth: [{ name: w, paths: [/a] }, { name: w, paths: [/b] }]", 4, 43,
              "worth[1].name: \"w\" is the name of worth[0] too (line 4)"},
        Wrong{"ejection: { base_ejection: 10m }", 4, 11,
              "ejection: max_ejection (5m) is shorter than base_ejection (10m)"},
        Wrong{"guard: { allow: [{ name: all }] }", 4, 18,
              "guard.allow[0]: allows everything from everywhere, expected networks or paths; to act on nothing set "
              "guard.mode"},
        Wrong{"guard: { deny: [{ name: all, networks: [0.0.0.0/0] }] }", 4, 40,
              "guard.deny[0]: 0.0.0.0/0 is half of the world, expected a network of somebody's; to close the "
              "shop stop it"},
        Wrong{"guard: { resolvers: ['dns.example:53'] }", 4, 21,
              "guard: found dns.example:53, expected an address: who would say where a name server is?"}));

TEST(Load, ReportsAllErrorsInTheOrderOfTheFile) {
  const auto loaded =
      load("shop: S\nlisten: []\norigins: [{ name: a, servers: [x] }]\nhelth: { every: 3 }\ncache: 1\n");
  std::vector<std::pair<int, int>> places;
  for (const Problem& problem : loaded.problems) places.emplace_back(problem.line, problem.column);
  EXPECT_THAT(places,
              ElementsAre(std::pair(2, 9), std::pair(3, 32), std::pair(4, 1), std::pair(4, 17), std::pair(5, 8)))
      << all_text(loaded.problems);
}

TEST(Load, RefusesListenersThatOverlap) {
  struct Case {
    std::string addresses;
    bool good;
  };
  for (const Case& c : {Case{"{ address: 127.0.0.1:80 }, { address: 0.0.0.0:80 }", false},
                        Case{"{ address: 0.0.0.0:80 }, { address: 127.0.0.1:80 }", false},
                        Case{"{ address: 127.0.0.1:80 }, { address: 127.0.0.1:80 }", false},
                        Case{"{ address: '[::]:80' }, { address: '[::1]:80' }", false},
                        Case{"{ address: '[::]:80' }, { address: 0.0.0.0:80 }", true},
                        Case{"{ address: 127.0.0.1:80 }, { address: 127.0.0.2:80 }", true},
                        Case{"{ address: 127.0.0.1:80 }, { address: 127.0.0.1:81 }", true},
                        Case{"{ address: 127.0.0.1:0 }, { address: 127.0.0.1:0 }", true}}) {
    const auto loaded =
        load_text("shop: S\nlisten: [" + c.addresses + "]\norigins: [{ name: a, servers: [127.0.0.1:9001] }]\n",
                  "shop.yaml", "/tmp", surroundings());
    EXPECT_EQ(loaded.ok(), c.good) << c.addresses << "\n" << all_text(loaded.problems);
  }
}

TEST(Load, RefusesOriginsThatCannotWork) {
  const auto with = [](const std::string& origins) {
    return all_text(load_text("shop: S\nlisten: [{ address: 127.0.0.1:80 }]\norigins: " + origins + "\n", "f", "/tmp",
                              surroundings())
                        .problems);
  };
  EXPECT_EQ(with("[{ name: a, servers: [b:1], standby: true }]"),
            "f:3:10: origins: all are standby, expected at least one that serves every day\n");
  EXPECT_EQ(with("[{ name: a, servers: [b:1] }, { name: a, servers: [b:2] }]"),
            "f:3:48: origins[1].name: \"a\" is the name of origins[0] too (line 3)\n");
  EXPECT_EQ(with("[{ name: a, servers: [b:1, { address: b:1 }] }]"),
            "f:3:48: origins[0].servers[1]: b:1 is listed in line 3 too; give it a weight instead\n");
  EXPECT_EQ(
      with("[{ name: a, servers: [b:1] }, { name: c, servers: [b:1] }]"),
      "f:3:61: warning: origins[1].servers[0]: b:1 is listed in line 3 too; a server that stands in for itself helps "
      "nobody\n");
  EXPECT_THAT(with("[{ name: a, servers: [127.0.0.1:80] }]"), HasSubstr("would ask itself without end"));
  EXPECT_THAT(with("[{ name: a, servers: [] }]"), HasSubstr("found an empty list, expected at least 1"));
  EXPECT_THAT(with("[]"), HasSubstr("expected at least 1"));
}

TEST(Load, ChecksCertificates) {
  const Folder folder;
  folder.write("a.pem", "x");
  auto with = surroundings();
  with.certificate_check = [&](const Certificate& certificate) -> std::vector<CertificateFinding> {
    EXPECT_EQ(certificate.chain, folder.path() + "/a.pem");
    return {{.about = CertificateFinding::About::key, .message = "does not fit"},
            {.weight = CertificateFinding::Weight::warning, .message = "expires soon"}};
  };
  const auto text = [](const std::string& key) {
    return "shop: S\nlisten: [{ address: 127.0.0.1:80, certificates: [{ chain: a.pem, key: " + key +
           " }] }]\norigins: [{ name: a, servers: [b:1] }]\n";
  };
  EXPECT_EQ(all_text(load_text(text("a.pem"), "f", folder.path(), with).problems),
            "f:2:59: warning: listen[0].certificates[0]: expires soon\n"
            "f:2:71: listen[0].certificates[0]: does not fit\n");
  EXPECT_EQ(
      all_text(load_text(text("b.pem"), "f", folder.path(), with).problems),
      "f:2:71: listen[0].certificates[0].key: cannot read " + folder.path() + "/b.pem: No such file or directory\n");
}

TEST(Load, AsksTheMachineForUserGroupAndStoreOnlyIfThatIsWanted) {
  const std::string text =
      "shop: S\nuser: bob\ngroup: crew\nstore: shop.db\nlisten: [{ address: 127.0.0.1:80 }]\n"
      "origins: [{ name: a, servers: [b:1] }]\n";
  EXPECT_EQ(all_text(load_text(text, "f", "/", surroundings()).problems), "");
  auto with = surroundings();
  with.user_check = [](const std::string& user) { return user == "bob" ? "no bob" : ""; };
  with.group_check = [](const std::string& group) { return group == "crew" ? "no crew" : ""; };
  with.store_check = [](const std::string& path) { return path == "/shop.db" ? "no store" : ""; };
  EXPECT_EQ(all_text(load_text(text, "f", "/", with).problems),
            "f:2:7: user: no bob\nf:3:8: group: no crew\nf:4:8: store: no store\n");
  // Not named, and asked about where it would be.
  with.store_check = [](const std::string& path) { return path == "/tenfold.db" ? "no store" : ""; };
  EXPECT_FALSE(load_text(head, "f", "/", with).ok());
}

TEST(Load, AsksTheMachineForTheAccessLogAsItsUserWillWriteIt) {
  const auto problems = [](const std::string& more, AccessLogFinding::Weight weight) {
    auto with = surroundings();
    with.access_log_check = [=](const std::string& path, const std::string& user, const std::string& group) {
      return std::optional(AccessLogFinding{weight, path + " is not for " + user + " and " + group});
    };
    return all_text(load_text(head + "user: bob\ngroup: crew\n" + more, "f", "/tmp", with).problems);
  };
  using Weight = AccessLogFinding::Weight;
  EXPECT_EQ(problems("access_log: { path: a.log }\n", Weight::error),
            "f:6:21: access_log.path: /tmp/a.log is not for bob and crew\n");
  EXPECT_EQ(problems("access_log: { path: a.log }\n", Weight::warning),
            "f:6:21: warning: access_log.path: /tmp/a.log is not for bob and crew\n");
  EXPECT_EQ(problems("access_log: { path: '-' }\n", Weight::error), "");
  EXPECT_EQ(problems("access_log: { path: /dev/stdout }\n", Weight::error), "");
  EXPECT_EQ(problems("access_log: off\n", Weight::error), "");
  EXPECT_EQ(problems("", Weight::error), "");
}

TEST(Load, WhatIsWrongWithAPathIsSaidOnce) {
  auto with = surroundings();
  with.store_check = [](const std::string&) { return "no store"; };
  with.access_log_check = [](const std::string&, const std::string&, const std::string&) {
    return std::optional(AccessLogFinding{AccessLogFinding::Weight::error, "no log"});
  };
  const auto problems = [&](const std::string& path) {
    const std::string text = head + "store: " + path + "\naccess_log: { path: " + path + " }\n";
    return all_text(load_text(text, "f", "/", with).problems);
  };
  EXPECT_EQ(problems("/nowhere/x"),
            "f:4:8: store: cannot be written: there is no folder /nowhere\n"
            "f:5:21: access_log.path: cannot be written: there is no folder /nowhere\n");
  EXPECT_EQ(problems("/tmp"),
            "f:4:8: store: cannot be written: /tmp is a folder\n"
            "f:5:21: access_log.path: cannot be written: /tmp is a folder\n");
}

TEST(Load, StandardOutputByItsNameIsStandardOutput) {
  const auto loaded = load_text(head + "access_log: { path: /dev/stdout }\n", "f", "/", surroundings());
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.config->live.access_log->path, "-");
}

TEST(Load, ACacheThatFillsTheMachineIsWarnedOf) {
  const auto problems = [](const std::string& memory) {
    auto with = surroundings();
    with.memory_bytes = 1000ull << 20;
    const auto loaded = load_text(head + "cache: { memory: " + memory + " }\n", "f", "/", with);
    EXPECT_TRUE(loaded.ok());
    return all_text(loaded.problems);
  };
  EXPECT_EQ(problems("900MiB"), "");
  EXPECT_THAT(problems("901MiB"), HasSubstr("f:4:18: warning: cache.memory: 901MiB leave nothing of this machine's "
                                            "memory (1000MiB) for anything else"));
  EXPECT_THAT(problems("1TiB"), HasSubstr("warning: cache.memory"));
}

TEST(Load, NetworksOfEverybodyAreNotBelievedInSilence) {
  const auto problems = [](const std::string& more) {
    const auto loaded = load_text(head + more, "f", "/", surroundings());
    EXPECT_TRUE(loaded.ok());
    return all_text(loaded.problems);
  };
  EXPECT_EQ(problems("trusted_proxies: [10.0.0.0/8, fc00::/7]\n"), "");
  const auto wide = problems("trusted_proxies: [10.0.0.0/8, 0.0.0.0/0, '::/0']\n");
  EXPECT_THAT(wide, HasSubstr(":31: warning: trusted_proxies[1]: 0.0.0.0/0 holds more than"));
  EXPECT_THAT(wide, HasSubstr(":42: warning: trusted_proxies[2]: ::/0 holds more than"));
  const auto listener = load_text(
      "shop: S\nlisten: [{ address: 127.0.0.1:80, proxy_protocol_from: [0.0.0.0/0] }]\n"
      "origins: [{ name: a, servers: [b:1] }]\n",
      "f", "/", surroundings());
  EXPECT_THAT(all_text(listener.problems), HasSubstr("f:2:57: warning: listen[0]: 0.0.0.0/0 holds more than"));
}

TEST(Load, AnExamplesPlaceholderIsNoSecret) {
  const auto with = surroundings({{"SECRET", "Replace_Me"}});
  for (const char* source : {"replace-me", "changeme", "CHANGE ME", "{ env: SECRET }"}) {
    const auto loaded = load_text(head + "rehearsal: { secret: " + source + " }\n", "f", "/", with);
    EXPECT_TRUE(loaded.ok());
    EXPECT_THAT(all_text(loaded.problems), HasSubstr("warning: rehearsal.secret: found the placeholder")) << source;
  }
  const auto own = load_text(head + "rehearsal: { secret: replace-me-not-0123456789abcdef }\n", "f", "/", with);
  EXPECT_THAT(all_text(own.problems), ::testing::Not(HasSubstr("placeholder")));
}

TEST(Load, AShortRehearsalSecretIsWarnedOfAndAnEmptyOneIsAnError) {
  const auto with = [](const std::string& secret) {
    return load_text(head + "rehearsal: { secret: " + secret + " }\n", "f", "/", surroundings());
  };
  EXPECT_EQ(with("short").config->live.rehearsal.secret.reveal(), "short");
  EXPECT_THAT(all_text(with("short").problems), HasSubstr("warning: rehearsal.secret: found a secret of 5 bytes"));
  EXPECT_FALSE(with("''").ok());
}

TEST(Load, APreviousSecretThatIsThePresentOneIsWarnedOf) {
  const auto with = [](const std::string& previous) {
    return load_text(head + "guard: { secret: 0123456789abcdef, previous_secret: " + previous + " }\n", "f", "/",
                     surroundings());
  };
  EXPECT_TRUE(with("0123456789abcdef").ok());
  EXPECT_THAT(all_text(with("0123456789abcdef").problems),
              HasSubstr("warning: guard: previous_secret is the same as secret"));
  const auto other = with("fedcba9876543210");
  EXPECT_THAT(all_text(other.problems), ::testing::Not(HasSubstr("previous_secret")));
  EXPECT_EQ(other.config->live.guard.previous_secret.reveal(), "fedcba9876543210");
}

TEST(Load, TakesSecretsFromFilesAndTheEnvironmentAndNeverShowsThem) {
  const Folder folder;
  const std::string value = "0123456789abcdef-secret";
  folder.write("token", value + "\n");
  const auto with = surroundings({{"TOKEN", value}, {"SHORT", "tiny-secret"}});
  for (const std::string source : {"{ file: token }", "{ env: TOKEN }", "0123456789abcdef-secret"}) {
    const auto loaded = load_text(head + "guard: { secret: " + source + " }\n", "f", folder.path(), with);
    ASSERT_TRUE(loaded.ok()) << all_text(loaded.problems);
    EXPECT_EQ(loaded.config->live.guard.secret.reveal(), value);
  }
  for (const std::string source : {"{ env: SHORT }", "[tiny-secret]", "{ value: tiny-secret }", "tiny-secret"}) {
    const auto loaded = load_text(head + "guard: { secret: " + source + " }\n", "f", folder.path(), with);
    EXPECT_FALSE(loaded.ok());
    EXPECT_THAT(all_text(loaded.problems), ::testing::Not(HasSubstr("tiny-secret")));
  }
  ::chmod((folder.path() + "/token").c_str(), 0644);
  const auto loaded = load_text(head + "guard: { secret: { file: token } }\n", "f", folder.path(), with);
  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(all_text(loaded.problems), HasSubstr("can be read by everybody"));
}

TEST(Load, SwitchesSectionsByAWord) {
  const auto loaded = load_text(
      "shop: S\nlisten: [{ address: 127.0.0.1:80 }]\naccess_log: off\n"
      "origins: [{ name: a, servers: [b:1], tls: on, stickiness: { cookie: s } }]\n",
      "f", "/tmp", surroundings());
  ASSERT_TRUE(loaded.ok()) << all_text(loaded.problems);
  EXPECT_FALSE(loaded.config->live.access_log);
  EXPECT_EQ(loaded.config->live.origins[0].tls, origin::TlsSettings{});
  EXPECT_EQ(loaded.config->live.origins[0].sticky->cookie, "s");
}

TEST(Load, LeavesExtensionsAloneAndFollowsAliases) {
  const auto loaded = load_more("x-any: &h { every: 5s }\nhealth: { <<: *h, timeout: 2s }\n");
  ASSERT_TRUE(loaded.ok()) << all_text(loaded.problems);
  EXPECT_EQ(loaded.config->live.health.every, 5s);
  EXPECT_EQ(loaded.config->live.health.timeout, 2s);
}

TEST(Load, BoundsWhatAliasesMultiply) {
  std::string text = "x-s: &s [";
  for (int i = 0; i < 900; ++i) text += "b:1,";
  text += "]\nx-o: &o { name: a, servers: *s }\nshop: S\nlisten: [{ address: 127.0.0.1:80 }]\norigins: [";
  for (int i = 0; i < 100; ++i) text += "*o,";
  text += "]\nroutes: [";
  for (int i = 0; i < 1000; ++i) text += "{ origins: *s },";
  const auto loaded = load(text + "]\n");
  EXPECT_FALSE(loaded.ok());
  EXPECT_LE(loaded.problems.size(), Reader::max_problems + 1);
}

TEST(Load, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(all_text(load_file("/nonexistent/shop.yaml").problems),
            "/nonexistent/shop.yaml:1:1: cannot be read: No such file or directory\n");
  EXPECT_EQ(all_text(load_file("/tmp").problems), "/tmp:1:1: cannot be read: it is a folder\n");
  EXPECT_THAT(all_text(load("").problems), HasSubstr("the file is empty"));
  EXPECT_THAT(all_text(load("hello").problems), HasSubstr("found text, expected a mapping"));
}

TEST(Problems, AreWrittenForPeopleAndPrograms) {
  const auto loaded = load_more("helth: {}\n");
  EXPECT_EQ(text(loaded.problems.at(0)), "shop.yaml:4:1: unknown key \"helth\"; did you mean \"health\"?");
  const auto json = problems_json(loaded.problems);
  EXPECT_EQ(
      json.dump(),
      R"({"errors":[{"column":1,"file":"shop.yaml","line":4,"message":"unknown key \"helth\"; did you mean \"health\"?"}],"ok":false,"warnings":[]})");
}

}  // namespace
}  // namespace tenfold::config
