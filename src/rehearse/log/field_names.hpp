#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenfold::rehearse {

// What a named field of a line means: a member of a JSON object, a label, a column, a variable.
enum class Slot : std::uint8_t {
  none,
  time,
  client,     // whom the log's writer takes for the visitor
  peer,       // who connected
  forwarded,  // what a proxy said of the visitor
  method,
  target,  // path and query
  path,    // without the query
  query,
  request,  // the whole request line
  status,
  bytes,
  seconds,
  nanoseconds,
  referer,
  agent,
  host,
  wrapped,  // another line, in the place where collectors of logs put it
  foreign,  // an object that tells of something else: nothing in it is looked at
};
inline constexpr std::size_t slots = static_cast<std::size_t>(Slot::foreign) + 1;

struct Meaning {
  Slot slot = Slot::none;
  std::uint8_t rank = 0;  // where two members mean the same, the lower one counts
};

// A field's name as it is written ("$http_x_forwarded_for", "X-Forwarded-For") in the form of meaning_of().
std::string field_name(std::string_view written);

// `path`: names of members from the outermost on, joined by dots, in lower case, "_" for "-"; "source.ip" and
// {"source":{"ip":...}} are the same. Known by the whole path, else by the last name.
Meaning meaning_of(std::string_view path);

}  // namespace tenfold::rehearse
