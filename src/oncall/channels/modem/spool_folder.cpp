#include "oncall/channels/modem/spool_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <memory>

namespace tenfold::oncall::channels {
namespace {

namespace fs = std::filesystem;

constexpr std::time_t leftover_after_s = 60;  // a file is written within moments

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

// No link is followed: whoever else may write to the spool must not choose where we write.
int open_staging(const fs::path& staging) {
  if (::mkdir(staging.c_str(), 0770) != 0 && errno != EEXIST) return -1;
  return ::open(staging.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void remove_leftovers(int staging) {
  const int again = ::openat(staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(again < 0 ? nullptr : ::fdopendir(again), ::closedir);
  if (!folder) {
    if (again >= 0) ::close(again);
    return;
  }
  const std::time_t now = std::time(nullptr);  // the file system's clock, whatever the caller's is
  std::size_t seen = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (++seen > most_leftovers_at_once + 2) return;  // "." and ".." beside them
    struct stat status {};
    if (::fstatat(staging, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) continue;
    if (status.st_mtime + leftover_after_s < now) ::unlinkat(staging, entry->d_name, 0);
  }
}

// 0, or errno.
int write_whole(int staging, gid_t group, const std::string& name, std::string_view text) {
  const Descriptor file(
      ::openat(staging, name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0660));
  if (file.number() < 0) return errno;
  // Whatever our umask is: the daemon is of the folder's group and has to rewrite the file.
  if (::fchmod(file.number(), 0660) != 0) return errno;
  // smstools' folders hand their group on, gammu's do not. Where we are not of it, the daemon may be root.
  [[maybe_unused]] const int ignored = ::fchown(file.number(), static_cast<uid_t>(-1), group);
  const ssize_t written = ::write(file.number(), text.data(), text.size());
  if (written < 0) return errno;
  if (written != static_cast<ssize_t>(text.size())) return ENOSPC;
  return ::fsync(file.number()) == 0 ? 0 : errno;
}

}  // namespace

Result<void> put_file(const fs::path& folder, const std::string& name, std::string_view text) {
  const fs::path hidden = folder / staging_folder / name;
  const Descriptor staging(open_staging(hidden.parent_path()));
  if (staging.number() < 0) return std::unexpected(system_error(errno, "writing " + hidden.string()));
  remove_leftovers(staging.number());
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return std::unexpected(system_error(errno, "reading " + folder.string()));
  if (const int error = write_whole(staging.number(), status.st_gid, name, text); error != 0) {
    ::unlinkat(staging.number(), name.c_str(), 0);
    return std::unexpected(system_error(error, "writing " + hidden.string()));
  }
  if (::renameat(staging.number(), name.c_str(), AT_FDCWD, (folder / name).c_str()) == 0) return {};
  const int error = errno;
  ::unlinkat(staging.number(), name.c_str(), 0);
  return std::unexpected(system_error(error, "renaming " + hidden.string()));
}

}  // namespace tenfold::oncall::channels
