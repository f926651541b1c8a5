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
    : clock_(clock), secret_(std::move(secret)), id_(entropy_seed()) {}

std::string WatchPass::cookie() const {
  if (secret_.empty() || !guarded_.load(std::memory_order_relaxed)) return {};
  const WallTime now = clock_.wall_now();
  guard::FirstSeen seen = guard::first_seen_now(id_, now - past_with_the_shop);
  seen.issued = std::chrono::floor<std::chrono::seconds>(now);
  seen.deeds.add(guard::Deed::order);
  return std::string(guard::first_seen_cookie) + "=" + guard::seal(guard::TokenKeys(secret_, now), seen);
}

}  // namespace tenfold::app
