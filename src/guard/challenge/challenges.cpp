#include "guard/challenge/challenges.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "base/text/letters.hpp"

namespace tenfold::guard {

namespace {

bool is_nonce(std::string_view text) {
  return !text.empty() && text.size() <= longest_nonce && std::ranges::all_of(text, is_digit);
}

unsigned leading_zero_bits(const Sha256& digest) {
  unsigned bits = 0;
  for (const std::uint8_t byte : digest) {
    bits += static_cast<unsigned>(std::countl_zero(byte));
    if (byte != 0) break;
  }
  return bits;
}

bool solves(std::string_view seed, std::string_view nonce, unsigned bits) {
  std::array<char, longest_token + 1 + longest_nonce> text;
  TENFOLD_ASSERT(seed.size() + 1 + nonce.size() <= text.size());
  char* end = std::ranges::copy(seed, text.data()).out;
  *end++ = ':';
  end = std::ranges::copy(nonce, end).out;
  return leading_zero_bits(sha256({text.data(), static_cast<std::size_t>(end - text.data())})) >= bits;
}

Solution solution_of(TokenFault fault) {
  switch (fault) {
    case TokenFault::expired: return Solution::expired;
    case TokenFault::other_network: return Solution::other_network;
    default: return Solution::malformed;
  }
}

}  // namespace

std::string_view name(Solution solution) {
  constexpr std::array<std::string_view, 7> names{"right",         "wrong", "malformed", "expired",
                                                  "other network", "spent", "rationed"};
  return names[static_cast<std::size_t>(solution)];
}

Challenges::Challenges(const ChallengeOptions& options, const SipKey& secret)
    : bits_(options.bits),
      books_(Books{.spent = RecentIds(options.spent_seeds, Seed::life + clock_skew, secret),
                   .ration = Ration(options.ration, secret)}) {
  TENFOLD_ASSERT(bits_ >= 1 && bits_ <= most_challenge_bits);
}

Challenge Challenges::issue(const TokenKeys& keys, const Prefix& network, Random& random, WallTime now) const {
  const Seed seed{.bits = bits_, .number = static_cast<std::uint32_t>(random.next() >> 32), .issued = now};
  return {.seed = seal(keys, seed, network), .bits = bits_};
}

Solution Challenges::check(const TokenKeys& keys, std::string_view seed, std::string_view nonce, const Prefix& network,
                           Neighbours neighbours, WallTime now) {
  const auto opened = open_seed(keys, seed, network, now);
  if (!opened) return solution_of(opened.error());
  if (!is_nonce(nonce)) return Solution::malformed;
  if (!solves(seed, nonce, opened->bits)) return Solution::wrong;
  return books_.with([&](Books& books) {
    if (books.spent.has(seed, now)) return Solution::spent;
    if (!books.ration.take(network, neighbours, now)) return Solution::rationed;
    books.spent.add(seed, now);
    return Solution::right;
  });
}

bool Challenges::is_rationed(const Prefix& network, Neighbours neighbours, WallTime now) {
  return books_.with([&](Books& books) { return books.ration.is_spent(network, neighbours, now); });
}

std::size_t Challenges::memory_bytes() const {
  return books_.with([](const Books& books) { return books.spent.memory_bytes() + books.ration.memory_bytes(); });
}

std::optional<Place> place_since(const TokenKeys& keys, std::string_view seed, const Prefix& network, WallTime now) {
  const auto opened = open_seed(keys, seed, network, now);
  if (!opened) return std::nullopt;
  const auto issued = std::chrono::floor<std::chrono::seconds>(opened->issued);
  const auto second = static_cast<std::uint32_t>(issued.time_since_epoch().count());
  return Place{.id = std::uint64_t{opened->number} << 32 | second,
               .step = PlaceStep::joined,
               .ticket = std::chrono::floor<std::chrono::milliseconds>(opened->issued),
               .refreshed = std::chrono::floor<std::chrono::seconds>(now)};
}

Clearance clearance_for_solution(std::uint64_t id, WallTime now) {
  return {.id = id, .kind = ClearanceKind::solved, .issued = now, .expires = now + Clearance::usual_life};
}

}  // namespace tenfold::guard
