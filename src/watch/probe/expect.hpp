#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "watch/probe/check.hpp"

namespace re2 {
class RE2;
}

namespace tenfold::watch {

// Regular expressions, compiled once. At most 1,000 are kept; the one that was used longest ago goes.
class Expressions {
 public:
  static constexpr std::size_t most = 1'000;

  Expressions();
  ~Expressions();
  // Errors: invalid, with RE2's words.
  Result<std::shared_ptr<const re2::RE2>> get(const std::string& pattern);

 private:
  using Entry = std::pair<std::string, std::shared_ptr<const re2::RE2>>;
  std::list<Entry> by_use_;  // the newest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> known_;
};

// What came, as far as expectations look at it.
struct Answer {
  long status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;        // as UTF-8; empty, but for its size, if nothing looks into it
  std::string unreadable;  // why its text cannot be read, in words; empty: it can
  std::uint64_t body_bytes = 0;
  bool cut = false;  // more than most_bytes came
};

struct Verdict {
  CheckResult::Cause cause = CheckResult::Cause::none;
  std::string what;  // empty: as expected
};

// Whether an answer is as expected; the first thing that is not, in words. Bounds: of JSON deeper than 256 levels it
// says that it is too deep.
Verdict judge(const Expectation& expectation, const Answer& answer, Expressions& expressions);
bool looks_into_body(const Expectation& expectation);

// The value at a pointer (RFC 6901) of a JSON text, strings without quotes, else as JSON. Errors: invalid (not JSON, or
// not a pointer), not_found.
Result<std::string> json_value(std::string_view text, const std::string& pointer);

}  // namespace tenfold::watch
