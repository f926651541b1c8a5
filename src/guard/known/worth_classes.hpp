#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "http/request_pattern.hpp"

namespace tenfold::guard {

// What the owner calls worth having, most precious first (`worth:`). Each is worth more than the rest: what none of
// them matches, and a class that covers everything, as its owner may spell the rest out.
struct WorthClass {
  std::string name;
  std::vector<http::RequestPattern> paths;
};

// Which class a request is of, compiled. Immutable; thread-safe.
class WorthClasses {
 public:
  WorthClasses() = default;
  explicit WorthClasses(std::vector<WorthClass> classes);

  std::size_t size() const { return classes_.size(); }
  // Empty for size(), the class of what none matches.
  std::string_view name(std::size_t index) const {
    return index < classes_.size() ? std::string_view(classes_[index].name) : std::string_view();
  }

  // Whether a class is worth more than the rest; of the first one: whether anything is.
  bool is_above_rest(std::size_t index) const { return index < rest_; }

  // The first class that matches; size() if none does. path: as http::normal_path() gives it.
  std::size_t class_of(std::string_view method, std::string_view path) const;
  // The lesser of what the path is worth normal and as it came: a costly page gains nothing by a spelling that only we
  // read as the checkout. size() for what servers read in still more ways (http::has_more_readings).
  std::size_t class_of(const http::RequestHead& request, std::string_view path) const;

 private:
  std::vector<WorthClass> classes_;
  std::size_t rest_ = 0;  // the first class that covers everything; size() if none does
};

}  // namespace tenfold::guard
