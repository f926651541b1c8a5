#pragma once

#include <stop_token>

#include "oncall/channels/sip/call.hpp"

namespace tenfold::oncall::sip {

// Finds the server and has everything spoken. Blocks, for as long as both may take. Errors: as address_of() and
// Speech::say(); of the short phrases none: a call without a thank-you is better than no call.
Result<Prepared> prepare(const SipOptions& options, Speech& speech, const CallOrder& order,
                         const std::stop_token& stop);

}  // namespace tenfold::oncall::sip
