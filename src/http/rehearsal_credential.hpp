#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

// What a rehearsal's requests carry, so that the shop's own shield does not take them for an attack:
//
//   Tenfold-Rehearsal: v1; exp=<unix seconds>; id=<run>; sig=<hex HMAC-SHA256 of "exp:id" under rehearsal.secret>
namespace tenfold::http {

// A credential that is good for longer is refused: one that leaks must not be of use for long.
inline constexpr Duration longest_rehearsal = std::chrono::hours(24);
inline constexpr std::size_t longest_rehearsal_id = 64;
// Longer texts are no credentials and are not looked at.
inline constexpr std::size_t longest_rehearsal_credential = 256;

struct RehearsalCredential {
  std::string_view id;  // of the run; in the text that was verified
  WallTime expires{};   // good before this moment
};

// True for 1 to 64 characters out of A-Z, a-z, 0-9, "_", "-", "." and ":".
bool is_rehearsal_id(std::string_view id);

// The field's value, good until `expires`, which is cut to whole seconds. The secret must not be empty, the id must be
// one, and the moment not before 1970.
std::string make_rehearsal_credential(std::string_view secret, std::string_view id, WallTime expires);

// Reads a value and checks it. Parameters may come in any order, each exactly once. Comparing takes the same time
// wherever signatures differ. Errors, none with a detail: invalid (no such credential), refused (a signature of another
// secret, or the secret is empty), timed_out (expired), too_large (expires more than longest_rehearsal after `now`).
Result<RehearsalCredential> verify_rehearsal_credential(std::string_view text, std::string_view secret, WallTime now);

}  // namespace tenfold::http
