#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/problem.hpp"
#include "config/surroundings.hpp"
#include "config/yaml.hpp"

namespace tenfold::config {

struct Loaded {
  std::optional<Config> config;   // only if no problem is an error
  std::vector<Problem> problems;  // in the order of the file; at most about 100
  // What it was read from, for whoever has more to say about a place; null: it is not YAML.
  std::shared_ptr<const Document> document;

  bool ok() const { return config.has_value(); }
};

// Reads the file and what it refers to: certificates, secrets. Never throws; everything that is wrong is a problem.
// Blocks on the disk: not for a worker's thread. Thread-safe.
Loaded load_file(const std::string& path, const Surroundings& surroundings = system_surroundings());

// The same for text; `name` is what problems call it, and relative paths are relative to `folder`.
Loaded load_text(std::string_view text, const std::string& name, const std::string& folder,
                 const Surroundings& surroundings = system_surroundings());

}  // namespace tenfold::config
