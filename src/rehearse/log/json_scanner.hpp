#pragma once

#include <array>
#include <string>
#include <string_view>

#include "rehearse/log/escapes.hpp"
#include "rehearse/log/named_fields.hpp"

namespace tenfold::rehearse {

// Reads one object and keeps, of each slot, the value of the best rank. Values are text; numbers as they stand; an
// array's elements are what the array is ("Referer": ["..."]). Of the client's field only what is asked for is kept.
class JsonScanner {
 public:
  // `client_field`: the name of a member, in the form of meaning_of(), that is the client; empty: none is named.
  JsonScanner(std::string_view text, Scratch& scratch, std::string_view client_field)
      : text_(text), scratch_(scratch), client_field_(client_field) {}
  bool run();  // false: it is no whole object
  const NamedFields& fields() const { return fields_; }

 private:
  static constexpr int most_depth = 12;
  static constexpr std::size_t longest_path = 96;

  bool value(Meaning meaning, int depth);
  bool object(Meaning meaning, int depth);
  bool array(Meaning meaning, int depth);
  bool literal(Meaning meaning);
  bool string(std::string_view& found, Meaning meaning);
  bool key(std::size_t path_before, Meaning outer, Meaning& meaning);
  void skip_space();
  bool take(char c);
  bool unescape(std::string_view& found);

  std::string_view text_;
  Scratch& scratch_;
  std::string_view client_field_;
  std::size_t at_ = 0;
  std::array<char, longest_path> path_{};
  std::size_t path_size_ = 0;
  bool named_ = false;  // the value is the named client's
  NamedFields fields_;
};

}  // namespace tenfold::rehearse
