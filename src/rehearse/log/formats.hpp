#pragma once

#include <string>
#include <string_view>

#include "rehearse/log/entry.hpp"
#include "rehearse/log/escapes.hpp"
#include "rehearse/log/log_time.hpp"

// One function a format. Each returns false with what was expected.
namespace tenfold::rehearse {

// nginx and Apache, common and combined; whatever is in front (hosts, lists of addresses) and fields of one's own
// behind are allowed. `bracket` is where the time stamp's "[" is.
bool parse_combined(std::string_view line, std::size_t bracket, LogTime& time, Scratch& scratch, Entry& entry,
                    std::string_view& expected);

// HAProxy's "option httplog". Captured headers are told by their looks: agent, referer, host, X-Forwarded-For.
bool parse_haproxy(std::string_view line, std::size_t bracket, LogTime& time, Scratch& scratch, Entry& entry,
                   std::string_view& expected);

// One JSON object: fields are known by their usual names, also inside objects ("request":{"uri":...}); field_names.cpp
// has them, and `client_field` is one that is the client's (in that file's form; empty: none). `wrapped` gets the text
// of a line that the object only carries (Docker's "log", Filebeat's "message").
bool parse_json_line(std::string_view line, LogTime& time, std::string_view client_field, Scratch& scratch,
                     Entry& entry, std::string_view& wrapped, std::string_view& expected);

// Labelled tab-separated values (ltsv.org).
bool is_ltsv(std::string_view line);
bool parse_ltsv(std::string_view line, LogTime& time, std::string_view client_field, Scratch& scratch, Entry& entry,
                std::string_view& expected);

// "method=GET path="/a" status=200 ...": logfmt, as of Heroku's router. `line` is the text with what carried it.
bool is_logfmt(std::string_view text);
bool parse_logfmt(std::string_view text, std::string_view line, LogTime& time, std::string_view client_field,
                  Scratch& scratch, Entry& entry, std::string_view& expected);

// A line in nobody's known format: a request, a time, a status and addresses are looked for by their shapes.
bool parse_loose(std::string_view line, LogTime& time, Scratch& scratch, Entry& entry, std::string_view& expected);

}  // namespace tenfold::rehearse
