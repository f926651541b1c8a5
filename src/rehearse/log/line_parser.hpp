#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rehearse/log/entry.hpp"
#include "rehearse/log/escapes.hpp"
#include "rehearse/log/line_format.hpp"
#include "rehearse/log/log_time.hpp"
#include "rehearse/log/w3c.hpp"

namespace tenfold::rehearse {

struct LineOptions {
  std::string format;        // in nginx's or Apache's words (line_format.hpp); empty: found out, line by line
  std::string client_field;  // the name of the field that has the visitor's address; empty: found out
};

// Reads one line of an access log after another, in any of the formats that read_logs() knows; found out for each line.
// Keeps the last time stamp, which the next line most often has too. One thread.
class LineParser {
 public:
  explicit LineParser(LineOptions options = {});  // a format that is none is passed over: check it before
  // The entry's views point into the line, or into the parser until the next call. False: `expected` says in words what
  // was expected where.
  bool parse(std::string_view line, Entry& entry, std::string_view& expected);

  // A line that begins with "#": it may say what the columns are.
  void comment(std::string_view line) { columns_.take_directive(line); }

 private:
  bool parse_text(std::string_view text, int wrappings, Entry& entry, std::string_view& expected);
  void start_again(Entry& entry);
  bool parse_json(std::string_view text, int wrappings, Entry& entry, std::string_view& expected);
  bool parse_by(const LineFormat& format, std::string_view text, Entry& entry, std::string_view& expected);
  bool parse_columns(std::string_view text, Entry& entry, std::string_view& expected);
  bool parse_other(std::string_view text, Entry& entry, std::string_view& expected);

  LineOptions options_;
  std::optional<LineFormat> format_;
  W3cColumns columns_;
  std::size_t known_ = 0;  // of known_formats(): the last one that a line had
  LogTime time_;
  Scratch scratch_;
  std::size_t begin_ = 0;  // of the scratch: what the line at hand may use
};

}  // namespace tenfold::rehearse
