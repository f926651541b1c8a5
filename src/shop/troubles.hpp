#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"

namespace tenfold::shop {

// What is wrong with the shop on purpose, so that one can watch what stands before it. Set through /control/.
struct Troubles {
  enum class Health : std::uint8_t { good, failing, hung };

  double slow_factor = 1;  // on every service time
  int broken_status = 500;
  double broken_share = 0;        // of requests, answered with broken_status at once, without a worker
  double cut_share = 0;           // of answers, whose connection closes in mid-body
  std::vector<std::string> hung;  // path prefixes that are accepted and not answered; at most most_prefixes
  Health health = Health::good;   // what /healthz does

  static constexpr std::size_t most_prefixes = 16;

  bool hangs(std::string_view path) const;
};

// Carries out POST /control/<action>?<query>:
//   slow?factor=F          0.01 to 1000 times the service time
//   broken?status=S&share=P    400 to 599 for a share of requests from 0 to 1 (defaults: 500, 1)
//   cut?share=P            closes the connection in mid-body
//   hung?path=PREFIX       accepts and never answers; without a path everything, /healthz too
//   healthz?state=S        ok, failing (503) or hung
//   reset                  all is well again; those left hanging are answered
// Errors: not_found (no such action), invalid (says what was expected), too_large (too many prefixes).
Result<void> apply(Troubles& troubles, std::string_view action, std::string_view query);

}  // namespace tenfold::shop
