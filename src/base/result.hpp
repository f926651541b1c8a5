#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace tenfold {

// What went wrong, as callers branch on it. The text for people is in Error::detail.
enum class Errc : unsigned char {
  invalid,      // the input breaks a rule; detail names the place and what was expected
  too_large,    // a documented bound was reached
  timed_out,    // the deadline passed
  cancelled,    // the caller, or a draining scope, gave up the wait
  closed,       // the peer ended the connection where more was expected
  refused,      // nobody listens there, or access was denied
  unreachable,  // no route, or the name does not resolve
  exhausted,    // no descriptors, buffers or memory for this
  busy,         // taken by somebody else (a port, a lock)
  unsupported,  // this machine or build lacks it
  not_found,
  failed,  // anything else that the system reported
};

std::string_view name(Errc code);

// An expected failure. Cheap to make on the data path: leave detail empty there.
struct Error {
  Errc code = Errc::failed;
  std::string detail = {};

  std::string text() const;  // "timed out: connecting to 127.0.0.1:9001"
};

template <class T>
using Result = std::expected<T, Error>;

// return fail(Errc::invalid, "line 3: expected a number");
inline std::unexpected<Error> fail(Errc code, std::string detail = {}) {
  return std::unexpected(Error{code, std::move(detail)});
}

// The error of errno, with what was being tried.
Error system_error(int errno_value, std::string_view doing);

// Stops the process with a message: for broken invariants only, never for bad input.
[[noreturn]] void broken_invariant(const char* expression, const char* file, int line);

}  // namespace tenfold

// Checked in every build; costs a predicted branch.
#define TENFOLD_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::tenfold::broken_invariant(#expression, __FILE__, __LINE__))
