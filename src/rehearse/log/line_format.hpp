#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rehearse/log/escapes.hpp"
#include "rehearse/log/named_fields.hpp"

namespace tenfold::rehearse {

// A format in nginx's words ('$remote_addr - [$time_local] "$request" ...') or Apache's ('%h %l %u %t "%r" %>s %b').
class LineFormat {
 public:
  // The names "combined", "common" and "vhost_combined" are known, too. Errors: invalid, with what is wrong.
  static Result<LineFormat> of(std::string_view words);

  // False: the line is not written so; `expected` says at what.
  bool parse(std::string_view line, std::string_view client_field, Scratch& scratch, NamedFields& found,
             std::string_view& expected) const;

 private:
  struct Piece {
    std::string literal;  // in front of the value
    std::string name;     // in the form of meaning_of(); empty: none, the line's end
    Meaning meaning;
    std::string expected;      // what is told where the line is otherwise
    bool in_brackets = false;  // Apache's %t brings brackets of its own
  };
  static Piece apache(std::string_view& words, std::string& error);
  void add(std::string& literal, Piece piece);

  std::vector<Piece> pieces_;
  std::string end_;
};

}  // namespace tenfold::rehearse
