#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

// For the tests of this module: a folder that goes away, and loading from it.
namespace tenfold::config::testing {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tenfold-config-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string write(const std::string& name, std::string_view text) const {
    const auto whole = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole, std::ios::binary) << text;
    std::filesystem::permissions(whole, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return whole.string();
  }

 private:
  std::string path_;
};

// Surroundings that do not depend on the machine, but for its time zones.
inline Surroundings surroundings(std::map<std::string, std::string> environment = {}) {
  return {.environment =
              [=](const std::string& name) {
                const auto at = environment.find(name);
                return at == environment.end() ? std::nullopt : std::optional(at->second);
              },
          .now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
}

inline std::string all_text(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) out += text(problem) + "\n";
  return out;
}

}  // namespace tenfold::config::testing
