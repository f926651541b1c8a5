#include "app/machine_checks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "app/serve/privileges.hpp"

namespace tenfold::app {
namespace {

// How each SQLite file begins, with a zero byte at its end (https://www.sqlite.org/fileformat.html, 1.3).
constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};

// What somebody finds who wants to write a log; each an exit status of the process that looks.
enum class LogLook : int { good, not_known, no_reader, socket, folder, no_folder, denied, no_new_file, other };

// Where the file is or will be made: behind links, also those that lead to nothing yet.
std::filesystem::path target_of(const std::string& path) {
  constexpr int most_links = 40;  // as in the kernel (path_resolution(7))
  std::filesystem::path at = path;
  std::error_code failure;
  for (int i = 0; i < most_links && std::filesystem::is_symlink(at, failure); ++i) {
    const auto next = std::filesystem::read_symlink(at, failure);
    if (failure) break;
    at = at.parent_path() / next;  // an absolute one takes the place of all
  }
  return at;
}

std::filesystem::path folder_of(const std::string& path) { return target_of(path).parent_path(); }

bool may_make_files_beside(const std::string& path) {
  return ::faccessat(AT_FDCWD, folder_of(path).c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

LogLook look_where_none_is(const std::string& path) {
  if (may_make_files_beside(path)) return LogLook::good;
  std::error_code failure;
  const bool hidden_or_there = std::filesystem::exists(folder_of(path), failure) || failure;
  return hidden_or_there ? LogLook::denied : LogLook::no_folder;
}

// A FIFO without a reader and a socket are refused alike.
LogLook look_at_what_is_closed(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode) ? LogLook::socket : LogLook::no_reader;
}

LogLook look_at_log(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    switch (errno) {
      case ENOENT: return look_where_none_is(path);
      case ENXIO: return look_at_what_is_closed(path);
      case EISDIR: return LogLook::folder;
      case EACCES:
      case EPERM:
      case EROFS: return LogLook::denied;
      default: return LogLook::other;
    }
  }
  struct stat about {};
  const bool rotates = ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
  ::close(descriptor);
  return rotates && !may_make_files_beside(path) ? LogLook::no_new_file : LogLook::good;
}

// In a process of its own, since nobody comes back from becoming another user.
LogLook look_at_log_as(const std::string& path, const std::string& user, const std::string& group) {
  if (user.empty()) return look_at_log(path);
  const pid_t child = ::fork();
  if (child < 0) return LogLook::not_known;
  if (child == 0) {
    const bool became = become_user(user, group).has_value();
    ::_exit(static_cast<int>(became ? look_at_log(path) : LogLook::not_known));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const bool ended = WIFEXITED(status) && WEXITSTATUS(status) <= static_cast<int>(LogLook::other);
  return ended ? static_cast<LogLook>(WEXITSTATUS(status)) : LogLook::not_known;
}

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

std::optional<config::AccessLogFinding> check_access_log(const std::string& path, const std::string& user,
                                                         const std::string& group) {
  const std::string folder = folder_of(path).string();
  const std::string who = user.empty() ? std::string("this user") : "user " + user;
  std::string wrong;
  switch (look_at_log_as(path, user, group)) {
    case LogLook::good:
    case LogLook::not_known: return std::nullopt;
    case LogLook::no_reader:
      wrong = fmt::format(
          "{} is a pipe that nobody reads, so that Tenfold would not start; expected a file, or the "
          "reader started before",
          path);
      break;
    case LogLook::socket:
      wrong = fmt::format(
          "{} is a socket, which cannot be opened, so that Tenfold would not start; expected a file, or "
          "\"-\" for standard output (the journal, under systemd)",
          path);
      break;
    case LogLook::no_folder:
      wrong = fmt::format("{} leads to {}, and there is no folder {}; expected one that is there", path,
                          target_of(path).string(), folder);
      break;
    case LogLook::folder: wrong = fmt::format("{} is a folder; expected a file's path", path); break;
    case LogLook::denied:
      wrong = fmt::format(
          "{} may not write {}, so that Tenfold would not start; expected a file, or one not there "
          "yet in a folder, of theirs (chown {})",
          who, path, user.empty() ? "it" : user);
      break;
    case LogLook::other: wrong = fmt::format("{} cannot be opened for writing", path); break;
    case LogLook::no_new_file:
      return config::AccessLogFinding{
          .weight = config::AccessLogFinding::Weight::warning,
          .message = fmt::format("{} may write {}, but make no new file in {}: after a rotation the log cannot be "
                                 "opened anew; expected a folder of theirs, or a rotation that makes the file "
                                 "(logrotate's `create`)",
                                 who, path, folder)};
  }
  return config::AccessLogFinding{.message = std::move(wrong)};
}

}  // namespace tenfold::app
