#pragma once

#include <string>
#include <string_view>

#include "rehearse/log/entry.hpp"
#include "rehearse/log/log_time.hpp"

// One function a format. Each returns false with what was expected.
namespace tenfold::rehearse {

// nginx and Apache, common and combined; a host name in front (vhost_combined) and fields behind are allowed. `bracket`
// is where the time stamp's "[" is.
bool parse_combined(std::string_view line, std::size_t bracket, LogTime& time, Entry& entry,
                    std::string_view& expected);

// HAProxy's "option httplog", with or without what syslog puts in front. A captured header that looks like a
// browser's name is taken for the user agent.
bool parse_haproxy(std::string_view line, std::size_t bracket, LogTime& time, Entry& entry, std::string_view& expected);

// One JSON object: nginx with escape=json, Caddy, Traefik, HAProxy, the edge's own; fields are known by their usual
// names, also inside objects ("request":{"uri":...}). `unescaped` holds texts that had escapes.
bool parse_json_line(std::string_view line, LogTime& time, std::string& unescaped, Entry& entry,
                     std::string_view& expected);

}  // namespace tenfold::rehearse
