#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/channels/sip/re.hpp"

namespace tenfold::oncall::sip {

// The address of a server by the system's own means (hosts file, DNS): the first that there is a way to. Blocks for
// `longest` at most, or until `stop`; a lookup that the system's resolver does not give up is left behind. Errors:
// unreachable, timed_out, cancelled, exhausted (no thread to ask on).
Result<sa> address_of(const std::string& host, std::uint16_t port, Duration longest, const std::stop_token& stop);

// Our own address towards that one; port 0. Errors: unreachable.
Result<sa> local_address_towards(const sa& server);

std::string text(const sa& address);  // "192.0.2.1:5060", "[2001:db8::1]:5060"

}  // namespace tenfold::oncall::sip
