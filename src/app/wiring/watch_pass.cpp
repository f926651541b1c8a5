#include "app/wiring/watch_pass.hpp"

#include <chrono>
#include <utility>

#include "base/random.hpp"
#include "guard/token/token_keys.hpp"
#include "guard/token/tokens.hpp"

namespace tenfold::app {

namespace {

// Older than any trouble that is still going on.
constexpr Duration past_with_the_shop = std::chrono::days(28);

}  // namespace

WatchPass::WatchPass(const Clock& clock, std::string secret)
    : clock_(clock), secret_(std::move(secret)), ids_{entropy_seed(), entropy_seed()} {}

void WatchPass::follow(const config::Replaceable& live) {
  auto hosts = live.guard.mode == config::GuardMode::off ? nullptr : std::make_shared<const OwnHosts>(live.listen);
  hosts_.with([&](auto& mine) { mine = std::move(hosts); });
}

void WatchPass::draw_id() { drawn_.fetch_add(1, std::memory_order_relaxed); }

std::uint64_t WatchPass::id_at(WallTime now) const {
  const auto hour = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::hours>(now.time_since_epoch()).count());
  return siphash(ids_, hour << 32 | drawn_.load(std::memory_order_relaxed));
}

std::string WatchPass::cookie(const watch::Destination& to) const {
  if (secret_.empty()) return {};
  const auto hosts = hosts_.with([](const auto& mine) { return mine; });
  if (hosts == nullptr || !hosts->have(to)) return {};
  const WallTime now = clock_.wall_now();
  guard::FirstSeen seen = guard::first_seen_now(id_at(now), now - past_with_the_shop);
  seen.issued = std::chrono::floor<std::chrono::seconds>(now);
  seen.deeds.add(guard::Deed::order);
  return std::string(guard::first_seen_cookie) + "=" + guard::seal(guard::TokenKeys(secret_, now), seen);
}

}  // namespace tenfold::app
