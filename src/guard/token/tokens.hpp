#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "guard/subject.hpp"
#include "guard/token/sealed.hpp"
#include "guard/token/token_keys.hpp"

// Our signed cookies, and the seed of a challenge. Times are whole seconds unless said otherwise, and not before 1970.
// A token that is bound to a network (Level::network) is good for a client in it only. Pure; any thread.
namespace tenfold::guard {

inline constexpr std::string_view first_seen_cookie = "tenfold_seen";
inline constexpr std::string_view clearance_cookie = "tenfold_clear";
inline constexpr std::string_view place_cookie = "tenfold_place";

// What the origin has confirmed of a visitor: what costs money or time to fake.
enum class Deed : std::uint8_t { cart = 1, order = 2 };

class Deeds {
 public:
  constexpr Deeds() = default;
  constexpr bool has(Deed deed) const { return (bits_ & static_cast<unsigned>(deed)) != 0; }
  constexpr void add(Deed deed) { bits_ = static_cast<std::uint8_t>(bits_ | static_cast<unsigned>(deed)); }
  bool operator==(const Deeds&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

// Who this is, for as long as it comes back within a month: the age of its past with the shop, and its deeds.
struct FirstSeen {
  static constexpr Duration life = std::chrono::days(30);          // from `issued`
  static constexpr Duration renewed_after = std::chrono::days(1);  // so that few answers carry a cookie

  std::uint64_t id = 0;  // random; the same for all of the visitor's days
  WallTime first_seen{};
  Deeds deeds;
  WallTime issued{};  // not before first_seen

  bool operator==(const FirstSeen&) const = default;
};
// For a visitor without one.
FirstSeen first_seen_now(std::uint64_t id, WallTime now);
// Whether it is old enough to be issued anew. A new deed is to be added and issued whatever this says.
bool should_renew(const FirstSeen& seen, WallTime now);
FirstSeen renewed(FirstSeen seen, WallTime now);
// Which of a visitor's two counts: the one with the greater deed, else the older visitor's, else the newer cookie.
bool says_more(const FirstSeen& one, const FirstSeen& other);

enum class ClearanceKind : std::uint8_t { solved = 1, waited = 2 };

// Passes its bearer as cleared: it has solved a challenge, or waited its turn.
struct Clearance {
  static constexpr Duration usual_life = std::chrono::minutes(30);
  static constexpr Duration longest_life = token_period(TokenPurpose::clearance);

  std::uint64_t id = 0;  // random; who waited has that of its place
  ClearanceKind kind = ClearanceKind::solved;
  WallTime issued{};
  WallTime expires{};  // after `issued`, by longest_life at most

  bool operator==(const Clearance&) const = default;
};

enum class PlaceStep : std::uint8_t {
  joined = 1,   // has not come back yet: counts for nobody
  waiting = 2,  // has come back, and has its ticket
};

// A place in the waiting room. The room keeps counts only; all that it knows of one place is in here.
struct Place {
  static constexpr Duration life = std::chrono::seconds(60);  // without a refresh; then it is given up

  std::uint64_t id = 0;  // random
  PlaceStep step = PlaceStep::joined;
  WallTime ticket{};     // its order among all; in milliseconds
  WallTime refreshed{};  // when it was last asked after

  bool operator==(const Place&) const = default;
};

// What a challenge is about; its text is the seed. 48 digits, so that a seed, a colon and six digits of nonce are
// hashed in one block of SHA-256.
struct Seed {
  static constexpr Duration life = std::chrono::minutes(2);

  std::uint8_t bits = 0;     // how many leading zero bits a solution has; 1 to 32
  std::uint32_t number = 0;  // random: no two are alike
  WallTime issued{};

  bool operator==(const Seed&) const = default;
};
inline constexpr std::uint8_t most_challenge_bits = 32;

std::string seal(const TokenKeys& keys, const FirstSeen& seen);
std::string seal(const TokenKeys& keys, const Clearance& clearance, const Prefix& network);
std::string seal(const TokenKeys& keys, const Place& place, const Prefix& network);
std::string seal(const TokenKeys& keys, const Seed& seed, const Prefix& network);

Opened<FirstSeen> open_first_seen(const TokenKeys& keys, std::string_view text, WallTime now);
Opened<Clearance> open_clearance(const TokenKeys& keys, std::string_view text, const Prefix& network, WallTime now);
Opened<Place> open_place(const TokenKeys& keys, std::string_view text, const Prefix& network, WallTime now);
Opened<Seed> open_seed(const TokenKeys& keys, std::string_view text, const Prefix& network, WallTime now);

}  // namespace tenfold::guard
