#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "http/http1/parser.hpp"
#include "http/rules/characters.hpp"

// The grammar that request heads, response heads and trailers share: field lines up to the empty line
// (RFC 9112, 5). Inlined into each parser.
namespace tenfold::http::http1 {

// A view of the input and the cursor's place in it as pointers; writes the place back when it dies.
class Scan {
 public:
  Scan(std::string_view bytes, Cursor& cursor)
      : cursor_(cursor), begin_(bytes.data()), bytes_end_(bytes.data() + bytes.size()), at(begin_ + cursor.at) {}
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;
  ~Scan() { cursor_.at = offset(at); }

  // Bytes past this are not looked at, even when they are there: what is over a limit is refused as such before
  // anything else about it, and so the answer does not depend on how the bytes were cut.
  void limit(std::size_t offset_end, Refusal at_limit) {
    limited_ = static_cast<std::size_t>(bytes_end_ - begin_) >= offset_end;
    end = limited_ ? begin_ + offset_end : bytes_end_;
    at_limit_ = at_limit;
  }
  // The input ended before the element did.
  Progress out_of_bytes(Refusal& refusal) const {
    if (!limited_) return Progress::incomplete;
    refusal = at_limit_;
    return Progress::refused;
  }

  std::uint32_t offset(const char* place) const { return static_cast<std::uint32_t>(place - begin_); }
  const char* place(std::uint32_t offset) const { return begin_ + offset; }

 private:
  Cursor& cursor_;
  const char* const begin_;
  const char* const bytes_end_;
  bool limited_ = false;
  Refusal at_limit_;

 public:
  const char* at;
  const char* end = nullptr;
};

inline Progress refuse(Refusal& refusal, int status, std::string_view reason) {
  refusal = {status, reason};
  return Progress::refused;
}

inline std::string_view trim(const char* begin, const char* end) {
  while (begin != end && (*begin == ' ' || *begin == '\t')) ++begin;
  while (begin != end && (end[-1] == ' ' || end[-1] == '\t')) --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

// For examining only.
struct DiscardFields {
  void field(std::string_view, std::string_view) {}
};

// Reads field lines until the empty line, handing each to sink.field(name, value). On complete, scan.at is behind the
// empty line.
template <class Sink>
inline Progress read_field_lines(Scan& scan, Cursor& cursor, const HeadLimits& limits, Sink& sink, Refusal& refusal) {
  using Part = Cursor::Part;
  scan.limit(cursor.fields_begin + limits.header_bytes + 2, {431, "The header fields are longer than allowed."});
  for (;;) {
    if (cursor.part == Part::field_start) {
      if (scan.at == scan.end) return scan.out_of_bytes(refusal);
      if (*scan.at == '\r') {
        if (scan.end - scan.at < 2) return scan.out_of_bytes(refusal);
        if (scan.at[1] != '\n') return refuse(refusal, 400, "A carriage return stands alone.");
        scan.at += 2;
        return Progress::complete;
      }
      if (cursor.header_count == limits.header_count) return refuse(refusal, 431, "There are too many header fields.");
      cursor.mark = scan.offset(scan.at);
      cursor.part = Part::field_name;
    }
    if (cursor.part == Part::field_name) {
      scan.at = skip_token(scan.at, scan.end);
      if (scan.at == scan.end) return scan.out_of_bytes(refusal);
      // Also catches folded lines, white space before the first field and before a colon, and bare line feeds.
      if (*scan.at != ':' || scan.offset(scan.at) == cursor.mark) {
        return refuse(refusal, 400, "A header field's name is malformed.");
      }
      cursor.colon = scan.offset(scan.at);
      ++scan.at;
      cursor.part = Part::field_value;
    }
    scan.at = skip_value(scan.at, scan.end);
    if (scan.at == scan.end) return scan.out_of_bytes(refusal);
    if (*scan.at != '\r') return refuse(refusal, 400, "A header field's value has a control byte.");
    if (scan.end - scan.at < 2) return scan.out_of_bytes(refusal);
    if (scan.at[1] != '\n') return refuse(refusal, 400, "A carriage return stands alone.");
    const char* const name = scan.place(cursor.mark);
    const char* const colon = scan.place(cursor.colon);
    sink.field(std::string_view(name, static_cast<std::size_t>(colon - name)), trim(colon + 1, scan.at));
    scan.at += 2;
    ++cursor.header_count;
    cursor.part = Part::field_start;
  }
}

// Makes a one-shot scan's limit on the line at the cursor.
inline void begin_fields(Scan& scan, Cursor& cursor) {
  cursor.fields_begin = scan.offset(scan.at);
  cursor.part = Cursor::Part::field_start;
}

}  // namespace tenfold::http::http1
