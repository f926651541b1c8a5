#pragma once

#include <absl/container/inlined_vector.h>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"

namespace tenfold::guard {

// The values of all cookies of one name, in their order. Somebody may have put one of a longer path or of the whole
// domain before the good one: a sister site, an edge of other settings.
using CookieValues = absl::InlinedVector<std::string_view, 1>;
inline constexpr std::size_t most_of_a_name = 4;  // past it the others are left out

// What is bound to a network stands in one cookie for so many networks, the newest first: who comes by IPv4 and IPv6 in
// turns, or by a gateway with addresses of several networks, would lose with each what it has for the other.
inline constexpr std::size_t most_networks = 4;
inline constexpr char between_networks = '.';

// Of those that `open` opens, a std::optional as it gives them, the best; of equals the first. Browsers send one that
// was set for a name before one that was set later for its domain, and each stays as it is until it is set again.
template <class Open, class IsBetter>
auto best_good(const CookieValues& values, Open open, IsBetter is_better) {
  decltype(open(std::string_view())) best;
  for (const std::string_view value : values) {
    const auto opened = open(value);
    if (opened && (!best || is_better(*opened, *best))) best = opened;
  }
  return best;
}

// The cookie's value with `first` before what it was brought with and is_elsewhere says is good in another network.
template <class IsElsewhere>
std::string with_those_of_elsewhere(std::string first, const CookieValues& brought, IsElsewhere is_elsewhere) {
  std::size_t networks = 1;
  for (const std::string_view value : brought) {
    if (networks == most_networks) break;
    if (!is_elsewhere(value) || first.find(value) != std::string::npos) continue;
    first.append(1, between_networks).append(value);
    ++networks;
  }
  return first;
}

// What a request brought of ours.
struct OwnCookies {
  CookieValues first_seen;
  CookieValues clearance;  // of each network by itself, and so those below
  CookieValues place;
};

// Takes our cookies out of a Cookie field's value (RFC 6265, 4.2.1): what remains, as it was written, for the cache and
// the origin. They are of each visitor alone, and stand for nothing there: caches behind us (Varnish, LiteSpeed) pass a
// request by for any cookie, and what varies by Cookie would be another page for each. The value itself where it has
// none of ours; else the text is in the arena. To be called for each such field of a request, in their order.
std::string_view take_own_cookies(std::string_view field, Arena& arena, OwnCookies& own);

// The names of the shop's session cookies: those of the usual shops, and what the owner adds. Immutable; any thread.
class CookieNames {
 public:
  // Values shorter than this are marks that many visitors share ("true", "1"), and are passed over.
  static constexpr std::size_t shortest_session = 12;

  // More names than the usual; one that ends in "*" stands for all that begin so.
  explicit CookieNames(std::span<const std::string> more = {});

  // The value of the first of the shop's session cookies in a Cookie field's value: of one visitor alone. Empty: none.
  std::string_view session_in(std::string_view field) const;

 private:
  enum class Kind : std::uint8_t { name, beginning };
  struct Pattern {
    std::string text;
    Kind kind;
  };
  bool is_session(std::string_view name) const;

  std::vector<Pattern> patterns_;
  std::bitset<256> first_characters_;  // of the patterns
};

}  // namespace tenfold::guard
