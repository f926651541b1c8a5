#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/message.hpp"

namespace tenfold::rehearse {

// What a conditional request sends back, by target; for all visitors of a thread, as if each had been there before. At
// most 8,192 targets, with validators of at most 256 bytes: past that no new ones are remembered.
class Validators {
 public:
  // Of a 200 answer.
  void remember(std::string_view target, const http::Headers& headers);
  // Whether a request is to go out with a validator. `planned` but not known: the next one for the same template whose
  // target is known goes out with one instead, so that the share of them is the model's though a run begins knowing
  // nothing, and rare targets are asked for once. At most most_owed of a template are made up for.
  bool choose(std::uint32_t template_index, std::string_view target, bool planned);
  // Appends If-None-Match and If-Modified-Since lines, as far as they are known.
  void append_fields(std::string& text, std::string_view target) const;

  static constexpr std::size_t most_targets = 8'192;
  static constexpr std::size_t most_bytes = 256;
  static constexpr std::uint32_t most_owed = 10'000;

 private:
  struct Validator {
    std::string etag;
    std::string last_modified;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, Validator, Hash, std::equal_to<>> by_target_;
  std::vector<std::uint32_t> owed_;  // by template
};

}  // namespace tenfold::rehearse
