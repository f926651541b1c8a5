#pragma once

#include <string>
#include <string_view>

#include "rehearse/log/entry.hpp"
#include "rehearse/log/log_time.hpp"

namespace tenfold::rehearse {

// Reads one line of an access log after another, in any of the formats that read_logs() knows; found out for each line.
// Keeps the last time stamp, which the next line most often has too. One thread.
class LineParser {
 public:
  // The entry's views point into the line, or into the parser until the next call. False: `expected` says in words what
  // was expected where.
  bool parse(std::string_view line, Entry& entry, std::string_view& expected);

 private:
  LogTime time_;
  std::string unescaped_;
};

}  // namespace tenfold::rehearse
