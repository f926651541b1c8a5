// The resolver against a name server of the test's own on loopback, on both event loops.
#include "net/resolver.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "net/loop.hpp"
#include "net/scope.hpp"

namespace tenfold::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

const SystemClock real_clock;

// What the name server says of a name.
struct Zone {
  std::vector<std::pair<std::string, std::uint32_t>> addresses;  // with their TTLs in seconds
  std::string alias_of;                                          // a CNAME in front of the addresses
  std::uint32_t alias_ttl = 0;
  std::vector<std::string> pointers = {};  // PTR records, of a name in in-addr.arpa or ip6.arpa
  std::uint8_t code = 0;                   // RCODE, e.g. 3 for NXDOMAIN
  bool silent = false;
};

void put16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value);
}
void put32(std::string& out, std::size_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}
std::string wire_name(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    wire += static_cast<char>(dot);
    wire += name.substr(0, dot);
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  return wire + '\0';
}
void put_record(std::string& out, const std::string& wire_owner, std::size_t type, std::uint32_t ttl,
                const std::string& data) {
  out += wire_owner;
  put16(out, type);
  put16(out, 1);
  put32(out, ttl);
  put16(out, data.size());
  out += data;
}

// A name server (RFC 1035) over UDP; counts the questions it gets.
class NameServer {
 public:
  explicit NameServer(Loop& loop)
      : loop_(loop), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_storage at;
    const socklen_t length = Endpoint::parse("127.0.0.1:0")->to(at);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), length), 0);
    scope_.spawn(serve(*this));
  }
  ~NameServer() {
    scope_.cancel();
    while (scope_.running() > 0) loop_.run_once(10ms);
    ::close(socket_);
  }

  Endpoint endpoint() const {
    sockaddr_storage at{};
    socklen_t length = sizeof at;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &length);
    return Endpoint::from(at);
  }
  std::map<std::string, Zone> zones;
  int questions = 0;

 private:
  static Task<void> serve(NameServer& self) {
    while (true) {
      auto ready = co_await self.loop_.wait_ready(self.socket_, POLLIN, no_deadline, self.scope_.token());
      if (!ready) co_return;
      self.answer_all();
    }
  }

  void answer_all() {
    char question[512];
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    ssize_t got = 0;
    while ((got = ::recvfrom(socket_, question, sizeof question, 0, reinterpret_cast<sockaddr*>(&from), &length)) >
           12) {
      ++questions;
      const auto answer = answer_to({question, static_cast<std::size_t>(got)});
      if (answer) ::sendto(socket_, answer->data(), answer->size(), 0, reinterpret_cast<sockaddr*>(&from), length);
    }
  }

  std::optional<std::string> answer_to(std::string_view question) {
    std::string name;
    std::size_t at = 12;
    while (question[at] != 0) {
      const auto label = static_cast<unsigned char>(question[at]);
      name += (name.empty() ? "" : ".") + std::string(question.substr(at + 1, label));
      at += 1 + label;
    }
    const std::size_t type = static_cast<unsigned char>(question[at + 2]);
    const auto found = zones.find(name);
    const Zone zone = found == zones.end() ? Zone{.code = 3} : found->second;
    if (zone.silent) return {};

    std::string records, owner = wire_name(name);
    int count = 0;
    if (!zone.alias_of.empty()) {
      put_record(records, owner, 5, zone.alias_ttl, wire_name(zone.alias_of));
      owner = wire_name(zone.alias_of);
      ++count;
    }
    for (const auto& [text, ttl] : zone.addresses) {
      const IpAddress address = *IpAddress::parse(text);
      if ((type == 1) != address.is_v4()) continue;
      const auto& bytes = address.bytes();
      put_record(records, owner, type, ttl, {bytes.begin() + (address.is_v4() ? 12 : 0), bytes.end()});
      ++count;
    }
    for (const std::string& pointer : zone.pointers) {
      put_record(records, "\xc0\x0c", 12, 60, wire_name(pointer));  // the owner as in the question
      ++count;
    }
    std::string answer(question.substr(0, 2));
    answer += static_cast<char>(0x81);
    answer += static_cast<char>(0x80 | zone.code);
    put16(answer, 1);
    put16(answer, count);
    put32(answer, 0);
    return answer + std::string(question.substr(12, at + 5 - 12)) + records;
  }

  Loop& loop_;
  int socket_;
  Scope scope_;
};

using Answer = std::optional<Result<Resolution>>;
using Names = std::optional<Result<std::vector<std::string>>>;

Task<void> reverse_into(Resolver& resolver, IpAddress address, TimePoint deadline, Names& into) {
  into = co_await resolver.reverse(address, deadline, CancelToken());
}

Task<void> resolve_into(Resolver& resolver, std::string name, TimePoint deadline, Answer& into) {
  into = co_await resolver.resolve(name, deadline);
}

Task<void> resolve_and_destroy(std::unique_ptr<Resolver>& resolver, std::string name, TimePoint deadline,
                               Answer& into) {
  into = co_await resolver->resolve(name, deadline);
  resolver.reset();
}

class ResolverTest : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    auto made = make_loop(real_clock, GetParam());
    if (!made && made.error().code == Errc::unsupported) GTEST_SKIP() << made.error().text();
    ASSERT_TRUE(made.has_value()) << made.error().text();
    loop = std::move(*made);
    server = std::make_unique<NameServer>(*loop);
    resolver = ask({server->endpoint()});
  }
  void TearDown() override {
    resolver.reset();
    server.reset();
    for (int turn = 0; loop && turn < 5; ++turn) loop->run_once(5ms);
  }

  std::unique_ptr<Resolver> ask(std::vector<Endpoint> servers) {
    ResolverOptions options;
    options.servers = std::move(servers);
    options.attempt_timeout = 50ms;
    options.attempts = 2;
    auto made = make_resolver(*loop, options);
    EXPECT_TRUE(made.has_value()) << made.error().text();
    return std::move(*made);
  }

  void run(Scope& scope) {
    const TimePoint limit = real_clock.now() + 10s;
    while (scope.running() > 0) {
      ASSERT_LT(real_clock.now(), limit) << "tasks did not end";
      loop->run_once(100ms);
    }
  }
  TimePoint soon() const { return real_clock.now() + 5s; }

  Result<Resolution> resolve(const std::string& name) {
    Scope scope;
    Answer answer;
    scope.spawn(resolve_into(*resolver, name, soon(), answer));
    run(scope);
    return answer.value_or(fail(Errc::failed, "no answer"));
  }

  Result<std::vector<std::string>> reverse(const char* address) {
    Scope scope;
    Names names;
    scope.spawn(reverse_into(*resolver, *IpAddress::parse(address), soon(), names));
    run(scope);
    return names.value_or(fail(Errc::failed, "no answer"));
  }

  std::unique_ptr<Loop> loop;
  std::unique_ptr<NameServer> server;
  std::unique_ptr<Resolver> resolver;
};

INSTANTIATE_TEST_SUITE_P(Backends, ResolverTest, testing::Values(Backend::io_uring, Backend::epoll),
                         [](const auto& test) { return test.param == Backend::epoll ? "epoll" : "io_uring"; });

std::vector<std::string> texts(const Resolution& resolution) {
  std::vector<std::string> result;
  for (const IpAddress& address : resolution.addresses) result.push_back(address.text());
  return result;
}

TEST_P(ResolverTest, gives_all_addresses_and_the_least_time_to_live) {
  server->zones["origin.example"] = {.addresses = {{"192.0.2.1", 300}, {"192.0.2.2", 60}, {"2001:db8::1", 120}}};
  const auto answer = resolve("origin.example");
  ASSERT_TRUE(answer.has_value()) << answer.error().text();
  EXPECT_THAT(texts(*answer), UnorderedElementsAre("192.0.2.1", "192.0.2.2", "2001:db8::1"));
  EXPECT_EQ(answer->time_to_live, 60s);
}

TEST_P(ResolverTest, keeps_the_order_of_the_name_server) {
  server->zones["ordered.example"] = {.addresses = {{"203.0.113.9", 60}, {"192.0.2.1", 60}, {"198.51.100.4", 60}}};
  const auto answer = resolve("ordered.example");
  ASSERT_TRUE(answer.has_value()) << answer.error().text();
  EXPECT_THAT(texts(*answer), testing::ElementsAre("203.0.113.9", "192.0.2.1", "198.51.100.4"));
}

TEST_P(ResolverTest, an_alias_counts_for_the_time_to_live) {
  server->zones["www.example"] = {.addresses = {{"192.0.2.1", 300}}, .alias_of = "cdn.example", .alias_ttl = 20};
  const auto answer = resolve("www.example");
  ASSERT_TRUE(answer.has_value()) << answer.error().text();
  EXPECT_EQ(answer->time_to_live, 20s);
}

TEST_P(ResolverTest, bounds_the_time_to_live) {
  server->zones["never.example"] = {.addresses = {{"192.0.2.1", 0}}};
  server->zones["ever.example"] = {.addresses = {{"192.0.2.1", 0x7fffffff}}};
  EXPECT_EQ(resolve("never.example")->time_to_live, 1s);
  EXPECT_EQ(resolve("ever.example")->time_to_live, 24h);
}

TEST_P(ResolverTest, literals_need_no_name_server) {
  EXPECT_THAT(texts(*resolve("192.0.2.7")), testing::ElementsAre("192.0.2.7"));
  EXPECT_THAT(texts(*resolve("2001:db8::7")), testing::ElementsAre("2001:db8::7"));
  EXPECT_EQ(server->questions, 0);
}

TEST_P(ResolverTest, localhost_comes_from_this_machine) {
  const auto answer = resolve("localhost");
  ASSERT_TRUE(answer.has_value()) << answer.error().text();
  for (const IpAddress& address : answer->addresses) EXPECT_TRUE(address.is_loopback()) << address.text();
  EXPECT_EQ(server->questions, 0);
}

TEST_P(ResolverTest, says_that_a_name_does_not_exist_or_has_no_address) {
  auto answer = resolve("missing.example");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::unreachable);
  EXPECT_THAT(answer.error().detail, HasSubstr("no such name: missing.example"));

  server->zones["empty.example"] = {};
  answer = resolve("empty.example");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::unreachable);
  EXPECT_THAT(answer.error().detail, HasSubstr("has no address"));
}

TEST_P(ResolverTest, says_that_no_name_server_answered) {
  server->zones["silent.example"] = {.silent = true};
  const auto answer = resolve("silent.example");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Errc::unreachable);
  EXPECT_THAT(answer.error().detail, HasSubstr("no name server answered"));
}

TEST_P(ResolverTest, asks_the_next_server_when_one_is_silent) {
  server->zones["origin.example"] = {.addresses = {{"192.0.2.1", 60}}};
  NameServer dead(*loop);
  dead.zones["origin.example"] = {.silent = true};
  resolver = ask({dead.endpoint(), server->endpoint()});
  const auto answer = resolve("origin.example");
  ASSERT_TRUE(answer.has_value()) << answer.error().text();
  EXPECT_THAT(texts(*answer), testing::ElementsAre("192.0.2.1"));
}

TEST_P(ResolverTest, a_deadline_ends_one_wait_and_not_that_of_others) {
  server->zones["silent.example"] = {.silent = true};
  Scope scope;
  Answer hurried, patient;
  scope.spawn(resolve_into(*resolver, "silent.example", real_clock.now() + 10ms, hurried));
  scope.spawn(resolve_into(*resolver, "silent.example", soon(), patient));
  run(scope);
  EXPECT_EQ(hurried->error().code, Errc::timed_out);
  EXPECT_EQ(patient->error().code, Errc::unreachable);
}

TEST_P(ResolverTest, equal_names_at_the_same_time_share_one_query) {
  server->zones["origin.example"] = {.addresses = {{"192.0.2.1", 60}}};
  Scope scope;
  std::array<Answer, 20> answers;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    scope.spawn(resolve_into(*resolver, i % 2 == 0 ? "origin.example" : "Origin.Example", soon(), answers[i]));
  }
  run(scope);
  for (const Answer& answer : answers) EXPECT_TRUE(answer->has_value());
  EXPECT_EQ(server->questions, 2);  // A and AAAA
}

TEST_P(ResolverTest, asks_again_for_a_name_that_was_answered) {
  server->zones["moving.example"] = {.addresses = {{"192.0.2.1", 60}}};
  EXPECT_THAT(texts(*resolve("moving.example")), testing::ElementsAre("192.0.2.1"));
  server->zones["moving.example"] = {.addresses = {{"192.0.2.2", 60}}};
  EXPECT_THAT(texts(*resolve("moving.example")), testing::ElementsAre("192.0.2.2"));
}

TEST_P(ResolverTest, refuses_what_is_no_name) {
  for (const std::string& name :
       {std::string(), std::string("two words"), std::string("nul\0", 4), std::string("tab\t"),
        std::string("bücher.example"), std::string(255, 'a'), std::string(300, '.')}) {
    const auto answer = resolve(name);
    ASSERT_FALSE(answer.has_value()) << name;
    EXPECT_EQ(answer.error().code, Errc::invalid) << name;
  }
  EXPECT_EQ(server->questions, 0);
}

TEST_P(ResolverTest, destroying_it_ends_waits_with_cancelled) {
  server->zones["silent.example"] = {.silent = true};
  Scope scope;
  std::array<Answer, 3> answers;
  for (Answer& answer : answers) scope.spawn(resolve_into(*resolver, "silent.example", soon(), answer));
  loop->run_once(10ms);
  resolver.reset();
  run(scope);
  for (const Answer& answer : answers) EXPECT_EQ(answer->error().code, Errc::cancelled);
}

TEST_P(ResolverTest, may_be_destroyed_by_whom_it_answers) {
  server->zones["origin.example"] = {.addresses = {{"192.0.2.1", 60}}};
  server->zones["silent.example"] = {.silent = true};
  Scope scope;
  Answer answer, other;
  scope.spawn(resolve_into(*resolver, "silent.example", soon(), other));
  scope.spawn(resolve_and_destroy(resolver, "origin.example", soon(), answer));
  run(scope);
  EXPECT_TRUE(answer->has_value());
  EXPECT_EQ(other->error().code, Errc::cancelled);
}

TEST_P(ResolverTest, gives_the_names_of_an_address) {
  server->zones["7.2.0.192.in-addr.arpa"] = {.pointers = {"Crawl-7.Example.com"}};
  server->zones["8.2.0.192.in-addr.arpa"] = {.pointers = {"one.example", "two.example", "one.example"}};
  server->zones["1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"] = {
      .pointers = {"six.example"}};
  EXPECT_THAT(*reverse("192.0.2.7"), testing::ElementsAre("crawl-7.example.com"));
  EXPECT_THAT(*reverse("192.0.2.8"), UnorderedElementsAre("one.example", "two.example"));
  EXPECT_THAT(*reverse("2001:db8::1"), testing::ElementsAre("six.example"));
  EXPECT_EQ(server->questions, 3);
}

TEST_P(ResolverTest, gives_no_more_than_sixteen_names_of_an_address) {
  Zone& zone = server->zones["7.2.0.192.in-addr.arpa"];
  for (int i = 0; i < 20; ++i) zone.pointers.push_back("h" + std::to_string(i) + ".x");
  EXPECT_EQ(reverse("192.0.2.7")->size(), 16u);
}

TEST_P(ResolverTest, gives_no_name_that_is_none) {
  for (const char* text : {"b\xfc.example", "two words.example", "a/b.example", "\x01.example", ""}) {
    server->zones["7.2.0.192.in-addr.arpa"].pointers = {text};
    const auto names = reverse("192.0.2.7");
    ASSERT_FALSE(names.has_value()) << text;
    EXPECT_THAT(names.error().code, testing::AnyOf(Errc::invalid, Errc::not_found)) << text;
  }
}

TEST_P(ResolverTest, tells_an_address_without_a_name_from_a_silent_server) {
  server->zones["8.2.0.192.in-addr.arpa"] = {.silent = true};
  server->zones["9.2.0.192.in-addr.arpa"] = {};
  server->zones["10.2.0.192.in-addr.arpa"] = {.code = 2};  // SERVFAIL
  EXPECT_EQ(reverse("192.0.2.7").error().code, Errc::not_found);
  EXPECT_EQ(reverse("192.0.2.8").error().code, Errc::unreachable);
  EXPECT_EQ(reverse("192.0.2.9").error().code, Errc::not_found);
  EXPECT_EQ(reverse("192.0.2.10").error().code, Errc::unreachable);
}

TEST_P(ResolverTest, destroying_it_ends_waits_for_names_with_cancelled) {
  server->zones["8.2.0.192.in-addr.arpa"] = {.silent = true};
  Scope scope;
  Names names;
  scope.spawn(reverse_into(*resolver, *IpAddress::parse("192.0.2.8"), soon(), names));
  loop->run_once(10ms);
  resolver.reset();
  run(scope);
  EXPECT_EQ(names->error().code, Errc::cancelled);
}

TEST_P(ResolverTest, refuses_more_than_256_names_at_once) {
  Scope scope;
  std::vector<Answer> answers(257);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string name = "name" + std::to_string(i) + ".example";
    server->zones[name] = {.silent = true};
    scope.spawn(resolve_into(*resolver, name, soon(), answers[i]));
  }
  ASSERT_TRUE(answers[256].has_value());
  EXPECT_EQ(answers[256]->error().code, Errc::exhausted);
  EXPECT_FALSE(answers[255].has_value());
  resolver.reset();
  run(scope);
}

}  // namespace
}  // namespace tenfold::net
