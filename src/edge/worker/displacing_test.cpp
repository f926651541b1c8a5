// Whose connection makes place for a newcomer.
#include "edge/worker/displacing.hpp"

#include <thread>

#include "edge/worker/limit_fixture.hpp"
#include "edge/worker/room_call.hpp"
#include "net/socket.hpp"

namespace tenfold::edge {
namespace {

// A server of the shop's that answers everything with nothing, one request after another.
class Origin {
 public:
  Origin() : listening_(*net::open_listening_socket(*net::Endpoint::parse("127.0.0.1:0"), {})) {
    thread_ = std::thread([this] { serve(); });
  }
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;
  ~Origin() {
    ::shutdown(listening_, SHUT_RDWR);
    thread_.join();
    ::close(listening_);
  }
  std::uint16_t port() const { return net::local_endpoint(listening_).port; }

 private:
  void serve() const {
    constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    while (true) {
      pollfd wait{.fd = listening_, .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, -1);
      const int connection = ::accept(listening_, nullptr, nullptr);
      if (connection < 0 && (wait.revents & POLLHUP) != 0) return;
      if (connection < 0) continue;
      wait = {.fd = connection, .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, 10'000);
      char bytes[4096];
      if (::recv(connection, bytes, sizeof(bytes), MSG_DONTWAIT) > 0) {
        (void)!::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
      ::close(connection);
    }
  }

  int listening_;
  std::thread thread_;
};

constexpr const char* a_customer = "127.0.0.2:0";
constexpr const char* a_stranger = "127.0.0.1:0";

// The owner lets some be; they stand for customers.
std::shared_ptr<GuardPolicy> with_customers(GuardMode mode) {
  auto rules = std::make_shared<GuardRules>();
  rules->mode = mode;
  const std::vector<guard::AllowRule> allow{{.name = "them", .networks = {*net::IpNetwork::parse("127.0.0.2/32")}}};
  rules->allow = guard::AllowRules(allow, {});
  rules->worth = guard::WorthClasses({{"checkout", {{"", "/checkout*"}}}, {"browse", {{"", "/*"}}}});
  auto state = std::make_shared<GuardState>();
  const WallTime now{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
  state->keys = std::make_shared<const guard::TokenKeys>("0123456789abcdef", now);
  auto guard = std::make_shared<GuardPolicy>();
  guard->rules = std::move(rules);
  guard->state = std::move(state);
  return guard;
}

class WhoseConnectionGoes : public EdgeAtItsLimit {
 protected:
  WhoseConnectionGoes() { origin_port = origin.port(); }
  void start_guarded(std::uint32_t workers, GuardMode mode = GuardMode::enforce) {
    start(workers, Speaks::plain, with_customers(mode));
    answered_ = 0;
  }
  void hold(std::uint32_t count, const char* from, std::string_view path) {
    for (std::uint32_t i = 0; i < count; ++i) {
      held.emplace_back(edge->addresses()[0], from);
      ASSERT_TRUE(held.back().connected());
      held.back().ask(path);
    }
    ASSERT_TRUE(have_been_answered(count));
  }
  // By the workers' reckoning: a client has its answer a moment before its connection is idle, and by the clock it
  // would be idle since later, were that moved in between.
  bool have_been_answered(std::uint64_t more) {
    answered_ += more;
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (edge->snapshot().requests < answered_) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  // With one worker, behind whose back nobody is let in. It may have looked at the clock just before that was moved:
  // whoever is turned away asks once more.
  bool is_let_in() {
    const std::uint64_t before = displaced();
    return comes_in(before) || comes_in(before);
  }
  bool comes_in(std::uint64_t before) {
    newcomers.emplace_back(edge->addresses()[0]);
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < end) {
      if (newcomers.back().is_closed_within(0ms)) return false;
      if (displaced() > before) return true;
      std::this_thread::yield();
    }
    ADD_FAILURE() << "neither";
    return false;
  }
  bool is_closed(std::size_t index) const { return held[index].is_closed_within(10s); }

  Origin origin;
  std::vector<Client> newcomers;
  std::uint64_t answered_ = 0;
};

TEST_F(WhoseConnectionGoes, AStrangersFirstHoweverLongCustomersAreIdle) {
  start_guarded(1);
  hold(limit - 1, a_customer, "/");
  clock.advance(shortest_idle_of_customers * 2);
  hold(1, a_stranger, "/");
  held[0].ask("/");  // comes behind what was sent before
  ASSERT_TRUE(have_been_answered(1));
  clock.advance(http::shortest_idle_displaced);
  EXPECT_TRUE(is_let_in());
  EXPECT_TRUE(is_closed(limit - 1));
  EXPECT_EQ(closed_of_held(), 1);
  EXPECT_EQ(displaced("tenfold_connections_of_customers_displaced_total"), 0u);
}

TEST_F(WhoseConnectionGoes, ACustomersWhenItHasBeenIdleForMuchLonger) {
  start_guarded(1);
  hold(limit, a_customer, "/");
  two_are_turned_away();
  clock.advance(shortest_idle_of_customers - 1ms);
  two_are_turned_away();
  EXPECT_EQ(closed_of_held(), 0);
  clock.advance(1ms);
  EXPECT_TRUE(is_let_in());
  EXPECT_EQ(closed_of_held(), 1);
  EXPECT_EQ(displaced("tenfold_connections_of_customers_displaced_total"), 1u);
}

TEST_F(WhoseConnectionGoes, NeverThatOfACustomerWhoThinksAtCheckout) {
  start_guarded(1);
  hold(1, a_customer, "/checkout");
  held[0].ask("/picture.png");  // belongs to the page
  ASSERT_TRUE(have_been_answered(1));
  clock.advance(10ms);
  hold(limit - 1, a_customer, "/");
  two_are_turned_away();
  clock.advance(shortest_idle_of_customers);
  for (std::uint32_t i = 0; i + 1 < limit; ++i) EXPECT_TRUE(is_let_in());
  EXPECT_EQ(closed_of_held(), static_cast<std::ptrdiff_t>(limit - 1));
  EXPECT_FALSE(held[0].is_closed_within(0ms));
  two_are_turned_away();  // all others have just come
  EXPECT_FALSE(held[0].is_closed_within(0ms));
}

TEST_F(WhoseConnectionGoes, AnyCustomersThatHasBeenIdleForLongestOnceItsThinkTimeIsOver) {
  start_guarded(1);
  hold(1, a_customer, "/checkout");
  Client(edge->addresses()[0]).ask("/");  // comes behind what was sent before
  clock.advance(think_time - shortest_idle_of_customers);
  hold(limit - 1, a_customer, "/");
  two_are_turned_away();
  clock.advance(shortest_idle_of_customers - 1ms);
  two_are_turned_away();
  clock.advance(1ms);
  EXPECT_TRUE(is_let_in());
  EXPECT_TRUE(is_closed(0));
  EXPECT_EQ(closed_of_held(), 1);
}

TEST_F(WhoseConnectionGoes, TheLongestIdleWhoseverItIsWhereTheGuardOnlyObserves) {
  start_guarded(1, GuardMode::observe);
  hold(1, a_customer, "/checkout");
  clock.advance(10ms);
  hold(limit - 1, a_stranger, "/");
  two_are_turned_away();
  clock.advance(http::shortest_idle_displaced);
  EXPECT_TRUE(is_let_in());
  EXPECT_TRUE(is_closed(0));
  EXPECT_EQ(closed_of_held(), 1);
}

class WhoseConnectionOfManyGoes : public WhoseConnectionGoes, public testing::WithParamInterface<std::uint32_t> {};

// Also where a newcomer's own worker has customers' only, and the strangers' are another's.
TEST_P(WhoseConnectionOfManyGoes, AStrangersWhicheverWorkersItIs) {
  for (int round = 0; round < 50; ++round) {
    held.clear();
    start_guarded(GetParam());
    hold(2, a_stranger, "/");
    hold(limit - 2, a_customer, "/");
    ASSERT_TRUE(comes_to(limit));
    clock.advance(shortest_idle_of_customers * 2);
    {
      const Client newcomer(edge->addresses()[0]);
      ASSERT_TRUE(one_is_displaced());
    }
    edge->drain(0s);
    ASSERT_EQ(displaced(), 1u);
    ASSERT_EQ(displaced("tenfold_connections_of_customers_displaced_total"), 0u);
  }
  held.clear();
  start_guarded(GetParam());
}

TEST_P(WhoseConnectionOfManyGoes, ACustomersWhereNoWorkerHasAStrangers) {
  for (int round = 0; round < 10; ++round) {
    held.clear();
    start_guarded(GetParam());
    hold(limit - 1, a_customer, "/");
    hold(1, a_customer, "/checkout");
    ASSERT_TRUE(comes_to(limit));
    clock.advance(shortest_idle_of_customers * 2);
    {
      const Client newcomer(edge->addresses()[0]);
      ASSERT_TRUE(one_is_displaced());
    }
    EXPECT_FALSE(held.back().is_closed_within(0ms));
    edge->drain(0s);
    ASSERT_EQ(displaced(), 1u);
    ASSERT_EQ(displaced("tenfold_connections_of_customers_displaced_total"), 1u);
  }
  held.clear();
  start_guarded(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Workers, WhoseConnectionOfManyGoes, testing::Values(1u, 2u, 5u));

TEST(RoomCall, AsksForTheNextTurnOnlyWhenNoWorkerHasOne) {
  std::vector<http::IdleTurn> asked;
  RoomCall call(2, [&](http::IdleTurn turn) { asked.push_back(turn); });
  call.begin();
  call.begin();  // under way
  EXPECT_THAT(asked, testing::ElementsAre(http::IdleTurn::first));
  call.looked(http::IdleTurn::first);
  EXPECT_EQ(asked.size(), 1u);
  call.looked(http::IdleTurn::first);
  EXPECT_THAT(asked, testing::ElementsAre(http::IdleTurn::first, http::IdleTurn::second));
  EXPECT_TRUE(call.claim());
  call.looked(http::IdleTurn::second);
  EXPECT_FALSE(call.claim());
  call.begin();  // one of them has not looked yet
  EXPECT_EQ(asked.size(), 2u);
  call.looked(http::IdleTurn::second);
  EXPECT_EQ(asked.size(), 2u);

  call.begin();
  EXPECT_EQ(asked.back(), http::IdleTurn::first);
  EXPECT_TRUE(call.claim());
}

TEST(RoomCall, EndsWhenNoWorkerHasAny) {
  int asked = 0;
  RoomCall call(1, [&](http::IdleTurn) { ++asked; });
  call.begin();
  for (const auto turn : {http::IdleTurn::first, http::IdleTurn::second}) call.looked(turn);
  EXPECT_EQ(asked, 2);
  call.begin();
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace tenfold::edge
