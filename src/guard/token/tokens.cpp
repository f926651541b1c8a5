#include "guard/token/tokens.hpp"

#include <expected>
#include <optional>

#include "base/result.hpp"

namespace tenfold::guard {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TokenShape first_seen_shape{
    .purpose = TokenPurpose::first_seen, .field_bytes = 13, .signature_bytes = 16, .life = FirstSeen::life};
constexpr TokenShape clearance_shape{
    .purpose = TokenPurpose::clearance, .field_bytes = 13, .signature_bytes = 16, .life = Clearance::longest_life};
constexpr TokenShape place_shape{
    .purpose = TokenPurpose::place, .field_bytes = 15, .signature_bytes = 16, .life = Place::life};
constexpr TokenShape seed_shape{
    .purpose = TokenPurpose::seed, .field_bytes = 5, .signature_bytes = 12, .life = Seed::life};

constexpr std::size_t id_bytes = 8;
constexpr std::size_t second_bytes = 4;
constexpr std::size_t millisecond_bytes = 6;

std::uint64_t seconds_of(WallTime at) {
  return static_cast<std::uint64_t>(std::chrono::floor<seconds>(at.time_since_epoch()).count());
}

WallTime at_second(std::uint64_t count) { return WallTime(seconds(count)); }

std::uint64_t milliseconds_of(WallTime at) {
  return static_cast<std::uint64_t>(std::chrono::floor<milliseconds>(at.time_since_epoch()).count());
}

// Nothing if that is past what WallTime can hold (the year 2262).
std::optional<WallTime> at_millisecond(std::uint64_t count) {
  constexpr auto most = std::chrono::floor<milliseconds>(WallTime::max().time_since_epoch());
  if (count > static_cast<std::uint64_t>(most.count())) return std::nullopt;
  return WallTime(milliseconds(count));
}

std::uint64_t number_of(Deeds deeds) {
  return (deeds.has(Deed::cart) ? static_cast<std::uint64_t>(Deed::cart) : 0) |
         (deeds.has(Deed::order) ? static_cast<std::uint64_t>(Deed::order) : 0);
}

std::optional<Deeds> deeds_of(std::uint64_t number) {
  Deeds deeds;
  for (const Deed deed : {Deed::cart, Deed::order}) {
    if ((number & static_cast<std::uint64_t>(deed)) != 0) deeds.add(deed);
  }
  if (number_of(deeds) != number) return std::nullopt;
  return deeds;
}

bool has_a_life(const Clearance& clearance) {
  return clearance.issued < clearance.expires && clearance.expires - clearance.issued <= Clearance::longest_life;
}

}  // namespace

FirstSeen first_seen_now(std::uint64_t id, WallTime now) {
  const WallTime second = std::chrono::floor<seconds>(now);
  return {.id = id, .first_seen = second, .deeds = {}, .issued = second};
}

bool should_renew(const FirstSeen& seen, WallTime now) { return now - seen.issued >= FirstSeen::renewed_after; }

FirstSeen renewed(FirstSeen seen, WallTime now) {
  const WallTime second = std::chrono::floor<seconds>(now);
  if (second > seen.issued) seen.issued = second;
  return seen;
}

bool says_more(const FirstSeen& one, const FirstSeen& other) {
  if (one.deeds != other.deeds) return number_of(one.deeds) > number_of(other.deeds);
  if (one.first_seen != other.first_seen) return one.first_seen < other.first_seen;
  return one.issued > other.issued;
}

std::string seal(const TokenKeys& keys, const FirstSeen& seen) {
  TENFOLD_ASSERT(seen.first_seen <= seen.issued);
  TokenFields fields;
  fields.put(seen.id, id_bytes);
  fields.put(seconds_of(seen.first_seen), second_bytes);
  fields.put(number_of(seen.deeds), 1);
  return seal_token(keys, first_seen_shape, seen.issued, fields, nullptr);
}

Opened<FirstSeen> open_first_seen(const TokenKeys& keys, std::string_view text, WallTime now) {
  auto token = open_token(keys, first_seen_shape, text, nullptr, now);
  if (!token) return std::unexpected(token.error());
  FirstSeen seen{.issued = token->issued};
  seen.id = token->fields.take(id_bytes);
  seen.first_seen = at_second(token->fields.take(second_bytes));
  const auto deeds = deeds_of(token->fields.take(1));
  if (!deeds || seen.first_seen > seen.issued) return std::unexpected(TokenFault::malformed);
  seen.deeds = *deeds;
  return seen;
}

std::string seal(const TokenKeys& keys, const Clearance& clearance, const Prefix& network) {
  TENFOLD_ASSERT(has_a_life(clearance));
  TokenFields fields;
  fields.put(clearance.id, id_bytes);
  fields.put(static_cast<std::uint64_t>(clearance.kind), 1);
  fields.put(seconds_of(clearance.expires), second_bytes);
  return seal_token(keys, clearance_shape, clearance.issued, fields, &network);
}

Opened<Clearance> open_clearance(const TokenKeys& keys, std::string_view text, const Prefix& network, WallTime now) {
  auto token = open_token(keys, clearance_shape, text, &network, now);
  if (!token) return std::unexpected(token.error());
  Clearance clearance{.issued = token->issued};
  clearance.id = token->fields.take(id_bytes);
  const std::uint64_t kind = token->fields.take(1);
  clearance.expires = at_second(token->fields.take(second_bytes));
  if (kind != static_cast<std::uint64_t>(ClearanceKind::solved) &&
      kind != static_cast<std::uint64_t>(ClearanceKind::waited)) {
    return std::unexpected(TokenFault::malformed);
  }
  clearance.kind = static_cast<ClearanceKind>(kind);
  if (!has_a_life(clearance)) return std::unexpected(TokenFault::malformed);
  if (clearance.expires <= now) return std::unexpected(TokenFault::expired);
  return clearance;
}

std::string seal(const TokenKeys& keys, const Place& place, const Prefix& network) {
  TENFOLD_ASSERT(place.ticket >= WallTime());
  TokenFields fields;
  fields.put(place.id, id_bytes);
  fields.put(static_cast<std::uint64_t>(place.step), 1);
  fields.put(milliseconds_of(place.ticket), millisecond_bytes);
  return seal_token(keys, place_shape, place.refreshed, fields, &network);
}

Opened<Place> open_place(const TokenKeys& keys, std::string_view text, const Prefix& network, WallTime now) {
  auto token = open_token(keys, place_shape, text, &network, now);
  if (!token) return std::unexpected(token.error());
  Place place{.refreshed = token->issued};
  place.id = token->fields.take(id_bytes);
  const std::uint64_t step = token->fields.take(1);
  const auto ticket = at_millisecond(token->fields.take(millisecond_bytes));
  if (!ticket || (step != static_cast<std::uint64_t>(PlaceStep::joined) &&
                  step != static_cast<std::uint64_t>(PlaceStep::waiting))) {
    return std::unexpected(TokenFault::malformed);
  }
  place.step = static_cast<PlaceStep>(step);
  place.ticket = *ticket;
  return place;
}

std::string seal(const TokenKeys& keys, const Seed& seed, const Prefix& network) {
  TENFOLD_ASSERT(seed.bits >= 1 && seed.bits <= most_challenge_bits);
  TokenFields fields;
  fields.put(seed.bits, 1);
  fields.put(seed.number, 4);
  return seal_token(keys, seed_shape, seed.issued, fields, &network);
}

Opened<Seed> open_seed(const TokenKeys& keys, std::string_view text, const Prefix& network, WallTime now) {
  auto token = open_token(keys, seed_shape, text, &network, now);
  if (!token) return std::unexpected(token.error());
  Seed seed{.issued = token->issued};
  seed.bits = static_cast<std::uint8_t>(token->fields.take(1));
  seed.number = static_cast<std::uint32_t>(token->fields.take(4));
  if (seed.bits < 1 || seed.bits > most_challenge_bits) return std::unexpected(TokenFault::malformed);
  return seed;
}

}  // namespace tenfold::guard
