#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace tenfold::store {

// A folder of its own for one test, gone with it.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tenfold-store-XXXXXX").string();
    const char* const made = ::mkdtemp(pattern.data());
    TENFOLD_ASSERT(made != nullptr);
    path_ = made;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name = "tenfold.db") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace tenfold::store
