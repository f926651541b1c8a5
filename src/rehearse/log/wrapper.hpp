#pragma once

#include <string_view>

namespace tenfold::rehearse {

// The line without what carried it: a byte order mark, syslog's head (RFC 3164, RFC 5424, rsyslog's file format, with
// or without a priority), that of a container's log file (Kubernetes' CRI) or of docker compose. Lines without any stay
// as they are.
std::string_view unwrapped(std::string_view line);

}  // namespace tenfold::rehearse
