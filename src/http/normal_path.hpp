#pragma once

#include <string_view>

#include "base/arena.hpp"

namespace tenfold::http {

// A path (without query) as rules about paths are to see it, so that no other spelling passes a rule by. It is what the
// more generous of the usual servers make of it: escapes decoded once, "\" and escaped slashes read as "/", empty and
// "." segments left out, ".." resolved (never above the root), of each segment neither what follows ";" (parameters)
// nor spaces, control bytes and dots at its end. "%25" stays, and so does a "%" that begins no escape: what was encoded
// twice is decoded by nobody here. An escaped NUL becomes one: no rule can say what a server makes of that.
//
// Begins with "/" if the path does; anything else ("*", "host:port") is given back as it is. Never longer than the
// path; normal_path(normal_path(x)) is normal_path(x). A path that is normal already is given back itself, after one
// look at each byte; else the text is in the arena. For deciding only: what is sent on stays as it came.
std::string_view normal_path(std::string_view path, Arena& arena);

// True for a path that servers read in more ways than normal_path() and as it came, and that nobody honest sends: one
// that is not normal and climbs ("..", however it is escaped), since some servers decode it and compare it unresolved;
// or one that is escaped twice ("%2561"), since two servers in a row decode twice; or one with a form that only lenient
// decoders read (http/overlong.hpp).
bool has_more_readings(std::string_view path);

}  // namespace tenfold::http
