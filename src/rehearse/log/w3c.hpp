#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rehearse/log/named_fields.hpp"

namespace tenfold::rehearse {

// The W3C's extended log format: IIS (fields apart by spaces, "+" for spaces in them) and CloudFront (by tabs, percent
// encoded). A "#Fields:" line names the columns; without one those of IIS and CloudFront are tried.
class W3cColumns {
 public:
  // "#Fields: date time c-ip ...". False: the line is another one.
  bool take_directive(std::string_view line);
  bool named() const { return !columns_.empty(); }
  // Whether the line may be one of these.
  bool fits(std::string_view line) const;
  bool parse(std::string_view line, std::string_view client_field, Scratch& scratch, NamedFields& found,
             std::string_view& expected) const;

 private:
  struct Column {
    std::string name;
    Meaning meaning;
  };
  static std::vector<Column> columns_of(std::string_view names);
  std::vector<Column> columns_;
};

}  // namespace tenfold::rehearse
