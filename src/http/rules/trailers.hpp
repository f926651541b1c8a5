#pragma once

#include <cstdint>

#include "http/message.hpp"
#include "http/rules/refusal.hpp"

namespace tenfold::http {

// Fields that must not be in trailers (framing, routing, authentication, payload description; RFC 9110, 6.5.1) are
// refused in a request, since servers behind may take them for the head's, and left out of a response, which is good
// without them.
enum class Misplaced : std::uint8_t { refused, left_out };

bool may_be_trailer(Field field);

// Takes the misplaced ones out, or says why the trailers are refused.
Refusal settle_trailers(Headers& trailers, Misplaced misplaced);

}  // namespace tenfold::http
