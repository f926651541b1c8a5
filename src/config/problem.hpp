#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace tenfold::config {

enum class Severity : unsigned char {
  error,    // the configuration cannot be used
  warning,  // it can, but probably not as meant
};

// One thing that is wrong, and where. Holds no secret.
struct Problem {
  Severity severity = Severity::error;
  std::string file;
  int line = 1;    // from 1
  int column = 1;  // from 1, in characters
  std::string message;

  bool operator==(const Problem&) const = default;
};

// "shop.yaml:12:9: message", as compilers and editors write it; a warning says so before its message.
std::string text(const Problem& problem);

// {"ok": bool, "errors": [{file, line, column, message}], "warnings": [...]}. Always valid UTF-8.
nlohmann::json problems_json(const std::vector<Problem>& problems);

}  // namespace tenfold::config
