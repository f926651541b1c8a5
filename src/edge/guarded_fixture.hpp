#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/sha256.hpp"
#include "edge/admit/gatekeeper.hpp"
#include "edge/edge_fixture.hpp"
#include "edge/guard_rooms.hpp"
#include "guard/pages/pages.hpp"

// The edge with its guard in a simulated network, for tests: what the brain would decide is set by hand.
namespace tenfold::edge {

class GuardedEdgeTest : public EdgeTest {
 protected:
  static constexpr SipKey key{1, 2};

  void start_guarded(origin::Settings settings, GuardMode mode = GuardMode::enforce, bool with_cache = false) {
    auto made = std::make_unique<Gatekeeper>(world.loop, guard::Meter::Options{.secret = key});
    gatekeeper = made.get();
    world.admission = std::move(made);
    start(std::move(settings), with_cache);
    site->gatekeeper = gatekeeper;
    site->guard_memory = std::make_unique<GuardMemory>(key, 7);
    site->guard_rooms = &rooms;
    rules.mode = mode;
    rules.worth = guard::WorthClasses({{"checkout", {{"", "/checkout*"}, {"", "/cart*"}}}, {"browse", {{"", "/*"}}}});
    rules.order = http::RequestPattern("POST", "/checkout");
    rules.pages = std::make_shared<const guard::GuardPages>("Corner Shop");
    state.keys = keys;
    publish();
  }
  void publish() {
    auto policy = std::make_shared<GuardPolicy>();
    policy->rules = std::make_shared<const GuardRules>(rules);
    policy->state = std::make_shared<const GuardState>(state);
    gatekeeper->set_order(order_of(*policy));
    site->guard = std::move(policy);
  }
  void besiege() {
    state.posture = guard::judging::Posture::besieged;
    state.strangers = guard::ladder::StrangersNeed::challenge;
    state.trouble_began = world.network.clock().wall_now();
    publish();
  }

  // The value of a field of an answer; empty: it is not there.
  static std::string field(std::string_view answer, std::string_view name) {
    const std::string begin = "\r\n" + std::string(name) + ": ";
    const std::size_t at = answer.find(begin);
    if (at == std::string_view::npos) return {};
    const std::size_t start = at + begin.size();
    return std::string(answer.substr(start, answer.find("\r\n", start) - start));
  }
  // "name=value" of the cookie that an answer sets.
  static std::string cookie(std::string_view answer, std::string_view name) {
    const std::string begin = "et-cookie: " + std::string(name) + "=";
    const std::size_t at = answer.find(begin);
    if (at == std::string_view::npos) return {};
    const std::size_t start = at + begin.size() - name.size() - 1;
    return std::string(answer.substr(start, answer.find(';', start) - start));
  }
  // The first nonce that solves the challenge of an answer; as its field says, and by our own arithmetic.
  static std::string solve(std::string_view seed, int bits) {
    for (std::uint64_t nonce = 0;; ++nonce) {
      const std::string text = std::string(seed) + ":" + std::to_string(nonce);
      const Sha256 digest = sha256(text);
      int zeros = 0;
      while (zeros < bits &&
             ((static_cast<unsigned>(digest[static_cast<std::size_t>(zeros / 8)]) >> (7 - zeros % 8)) & 1) == 0)
        ++zeros;
      if (zeros == bits) return std::to_string(nonce);
    }
  }
  static std::string seed_of(std::string_view answer) {
    const std::string challenge = field(answer, "tenfold-challenge");
    const std::size_t at = challenge.find("seed=") + 5;
    return challenge.substr(at, challenge.find(';', at) - at);
  }
  // What the browser's script asks for.
  std::string clear(const std::string& answer, const std::string& to = "/a", const std::string& fields = "") {
    const std::string seed = seed_of(answer);
    return get("/.tenfold/clear?seed=" + seed + "&nonce=" + solve(seed, 13) + "&to=" + to, fields);
  }

  guard::TokenKeys made_keys{"0123456789abcdef", WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1))};
  std::shared_ptr<const guard::TokenKeys> keys = std::make_shared<const guard::TokenKeys>(made_keys);
  GuardRooms rooms{key};
  GuardRules rules;
  GuardState state;
  Gatekeeper* gatekeeper = nullptr;
};

}  // namespace tenfold::edge
