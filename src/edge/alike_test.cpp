// The whole guard in a simulated network: edge, gatekeeper and brain, a shop of four workers, customers and a flood of
// searches. Everything that happens follows from the seed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "edge/brain/brain.hpp"
#include "edge/guarded_fixture.hpp"
#include "guard/ladder/plan.hpp"

namespace tenfold::edge {
namespace {

using testing::Each;
using testing::StartsWith;

// One run: five seconds of calm, then ten of siege.
class WholeGuard : public GuardedEdgeTest {
 public:
  static constexpr Duration step_every = std::chrono::milliseconds(100);
  static constexpr int calm_steps = 50;
  static constexpr int siege_steps = 100;

  explicit WholeGuard(std::uint64_t seed) : random_(seed) {
    trusted = {*net::IpNetwork::parse("198.51.100.7/32")};
    world.add_server(1).behaviour = [](const Asked& asked) {
      const bool search = asked.target().starts_with("/search");
      return Answer{.status = asked.method() == "POST" ? 303 : 200, .think = search ? 80ms : 20ms};
    };
    origin::Settings settings = World::one_pool(1);
    settings.pools[0].max_connections = 4;
    start_guarded(std::move(settings));
    brain_.emplace(Brain::Setup{
        .clock = world.network.clock(),
        .directory = *world.directory,
        .meter = {.secret = key},
        .secret = "0123456789abcdef",
        .set_room_rate = [this](double rate) { rooms.waiting.set_rate(rate, world.network.clock().wall_now()); }});
    brain_->set_rules(std::make_shared<const GuardRules>(rules), 32);
  }
  void TestBody() override {}

  void run() {
    for (int i = 0; i < calm_steps; ++i) step(0);
    for (int i = 0; i < siege_steps; ++i) step(30);
    world.network.run_until([&] { return visitors.running() == 0; }, 2min);
    world.network.advance(step_every);
    step(0);
    for (const auto& [number, entry] : brain_->history({}).steps) {
      trace.push_back("audit " + std::to_string(entry.at.time_since_epoch().count()) + " " + entry.reason());
    }
    for (const StandingWindow& each : brain_->view().by_standing) {
      trace.push_back("standing " + std::to_string(each.requests) + " " + std::to_string(each.answered) + " " +
                      std::to_string(each.origin_us));
    }
  }

  std::vector<std::string> trace;               // all that anybody was answered, when and why
  std::vector<std::string> posts_of_customers;  // status lines, of those known from before the siege
  guard::judging::Posture worst = guard::judging::Posture::calm;

 private:
  static std::string status_line(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

  void step(int searches) {
    for (int i = 0; i < searches; ++i) {
      visitors.spawn(attack(stranger(), "/search?q=" + std::to_string(random_() % 1000)));
      world.network.advance(step_every / searches);
    }
    if (random_() % 2 == 0) visitors.spawn(shop(stranger()));
    if (searches == 0) world.network.advance(step_every);
    WindowExchange* const exchanges[] = {&gatekeeper->exchange()};
    if (auto policy = brain_->step(exchanges)) {
      worst = std::max(worst, policy->state->posture);
      site->guard = std::move(policy);
    }
  }
  std::string stranger() { return "11." + number(256) + "." + number(256) + "." + number(256); }
  std::string number(std::uint64_t below) { return std::to_string(random_() % below); }

  void note(const std::string& who, const std::string& target, const std::string& answer) {
    trace.push_back(std::to_string(world.network.clock().now().time_since_epoch().count()) + " " + who + " " + target +
                    " " + status_line(answer) + " " + field(answer, "tenfold-queue"));
  }
  static std::string request(const std::string& who, const std::string& method, const std::string& target,
                             const std::string& cookies) {
    return method + " " + target + " HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: " + who +
           (method == "POST" ? "\r\nContent-Length: 0" : "") + "\r\nCookie: " + cookies +
           "\r\nConnection: close\r\n\r\n";
  }
  net::Task<void> attack(std::string who, std::string target) {
    Visitor visitor;
    auto asking = visit(people, server->local(), request(who, "GET", target, ""), visitor);
    co_await std::move(asking);
    note(who, target, visitor.received);
  }
  // Fills a cart, and buys five seconds later: those who came in the calm do that in the siege.
  net::Task<void> shop(std::string who) {
    const bool came_before = worst == guard::judging::Posture::calm;
    Visitor cart;
    auto filling = visit(people, server->local(), request(who, "POST", "/cart", ""), cart);
    co_await std::move(filling);
    note(who, "/cart", cart.received);
    auto slept = co_await people.sleep_for(5s);
    const std::string seen = cookie(cart.received, "tenfold_seen");
    if (!slept || seen.empty()) co_return;
    Visitor order;
    auto ordering = visit(people, server->local(), request(who, "POST", "/checkout", seen), order);
    co_await std::move(ordering);
    note(who, "/checkout", order.received);
    if (came_before) posts_of_customers.push_back(status_line(order.received));
  }

  std::mt19937_64 random_;
  std::optional<Brain> brain_;
};

TEST(WholeGuardTest, TwoRunsWithOneSeedDecideAlike) {
  WholeGuard first(1);
  first.run();
  EXPECT_EQ(first.worst, guard::judging::Posture::besieged);
  EXPECT_GE(first.posts_of_customers.size(), 10u);
  EXPECT_THAT(first.posts_of_customers, Each(StartsWith("HTTP/1.1 303")));
  EXPECT_GE(first.trace.size(), 3000u);

  WholeGuard second(1);
  second.run();
  ASSERT_EQ(first.trace.size(), second.trace.size());
  for (std::size_t i = 0; i < first.trace.size(); ++i) ASSERT_EQ(first.trace[i], second.trace[i]) << i;

  WholeGuard other(2);
  other.run();
  EXPECT_NE(first.trace, other.trace);
}

}  // namespace
}  // namespace tenfold::edge
