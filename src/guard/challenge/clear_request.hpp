#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "guard/challenge/challenges.hpp"

// What is asked of and answered at clear_path, where solutions are sent. Pure.
namespace tenfold::guard {

struct ClearRequest {
  std::string_view seed;  // views into the query; empty: not given
  std::string_view nonce;
  std::string to = "/";  // where the visitor wanted to go; safe to redirect to
};

// Of the target's query, without "?". Of two parameters of a name the first counts; others are passed over.
ClearRequest read_clear_query(std::string_view query);

enum class ClearAnswer : std::uint8_t {
  go_on,      // 303 to `to`: it is cleared already
  grant,      // 303 to `to`, with a clearance
  challenge,  // a new one
  wait,       // to the waiting room
};

// A request that bears a good clearance is to be answered go_on unasked, whatever seed it brings: of ten tabs opened at
// once one solves, and the others' solutions, right, spent or late, must lead in as well.
ClearAnswer answer_to(Solution solution);

}  // namespace tenfold::guard
