#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/siphash.hpp"

namespace tenfold::guard {

// What a token is for. A token signed for one purpose is worth nothing for another. The numbers are part of the texts.
enum class TokenPurpose : std::uint8_t { first_seen = 1, clearance = 2, place = 3, seed = 4 };
inline constexpr std::size_t token_purposes = 4;

// How long one key signs. At least as long as a token of that purpose lives, so that the key before the present one
// opens every token that is still good.
constexpr Duration token_period(TokenPurpose purpose) {
  return purpose == TokenPurpose::first_seen ? std::chrono::days(30) : std::chrono::hours(12);
}

// Periods are counted from 1970, alike at every edge. `at`: not before 1970.
std::uint32_t token_period_number(TokenPurpose purpose, WallTime at);

// The keys that sign and open tokens, derived from guard.secret by purpose and period, so that they are there again
// after a restart and alike at every edge of a shop. Immutable; any thread.
//
// Ready are those of the period that held when the set was made, the one before and the one after. Others are derived
// as they are asked for, in a microsecond: who makes the set anew late makes it slower and not wrong.
class TokenKeys {
 public:
  // The secret must not be empty. The previous one opens and never signs; empty: there is none.
  TokenKeys(std::string_view secret, WallTime now, std::string_view previous_secret = {});

  // The set for a later time; to be made once is_due().
  TokenKeys refreshed(WallTime now) const;
  bool is_due(WallTime now) const;  // a period has ended since the set was made

  SipKey key(TokenPurpose purpose, std::uint32_t period) const;
  // Those of the previous secret, for what these do not open; null: there is none.
  const TokenKeys* previous() const { return previous_.get(); }

 private:
  struct Root {
    std::string bytes;
  };
  TokenKeys(Root root, std::shared_ptr<const TokenKeys> previous, WallTime now);
  SipKey derive(TokenPurpose purpose, std::uint32_t period) const;

  struct Ring {
    std::uint32_t first = 0;  // the period of keys[0]
    std::array<SipKey, 3> keys{};
  };
  Root root_;
  std::array<Ring, token_purposes> rings_{};  // by purpose, from 1
  std::shared_ptr<const TokenKeys> previous_;
};

}  // namespace tenfold::guard
