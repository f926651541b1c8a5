#include "app/machine_checks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace tenfold::app {
namespace {

// How each SQLite file begins, with a zero byte at its end (https://www.sqlite.org/fileformat.html, 1.3).
constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};

}  // namespace

std::string check_user(const std::string& name) {
  if (::getpwnam(name.c_str()) != nullptr) return {};  // NOLINT(concurrency-mt-unsafe): a command with one thread
  return fmt::format("there is no user \"{}\" on this machine; expected one that `getent passwd` knows", name);
}

std::string check_group(const std::string& name) {
  if (::getgrnam(name.c_str()) != nullptr) return {};  // NOLINT(concurrency-mt-unsafe): a command with one thread
  return fmt::format("there is no group \"{}\" on this machine; expected one that `getent group` knows", name);
}

std::string check_store(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return {};
  struct stat about {};
  std::array<char, sqlite_magic.size()> begin;
  const bool regular = ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
  const ssize_t got = regular ? ::read(descriptor, begin.data(), begin.size()) : 0;
  ::close(descriptor);
  // An empty file is a database without tables.
  if (regular && (got <= 0 || std::string_view(begin.data(), static_cast<std::size_t>(got)) == sqlite_magic)) return {};
  return fmt::format("{} is no SQLite file; expected one that Tenfold has made, or a path where there is none yet",
                     path);
}

}  // namespace tenfold::app
