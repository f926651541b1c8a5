#include "guard/kernel/xdp/pins.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

#if TENFOLD_HAS_LIBBPF
#include <bpf/bpf.h>
#endif

namespace tenfold::guard::kernel {

namespace {

constexpr const char* bpf_files = "/sys/fs/bpf";

Error pin_error(std::string_view doing) { return system_error(errno, doing); }

}  // namespace

Result<Pins> Pins::open(std::optional<uid_t> owner) {
  struct statfs files {};
  if (::statfs(bpf_files, &files) != 0 || files.f_type != BPF_FS_MAGIC) {
    return fail(Errc::unsupported, std::string("no file system of BPF at ") + bpf_files);
  }
  struct stat space {};
  if (::stat("/proc/self/ns/net", &space) != 0) return std::unexpected(pin_error("the network namespace"));
  Pins pins;
  pins.folder_path_ = std::string(bpf_files) + "/tenfold-" + std::to_string(space.st_ino);
  if (::mkdir(pins.folder_path_.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return std::unexpected(pin_error(pins.folder_path_));
  }
  pins.folder_ = Descriptor(::open(pins.folder_path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!pins.folder_) return std::unexpected(pin_error(pins.folder_path_));
  if (owner && ::fchown(pins.folder_.number(), *owner, static_cast<gid_t>(-1)) != 0) {
    return std::unexpected(pin_error(pins.folder_path_));
  }
  return pins;
}

void Pins::remove(const std::string& name) { ::unlinkat(folder_.number(), name.c_str(), 0); }

std::vector<std::string> Pins::names() const {
  std::vector<std::string> all;
  const int again = ::openat(folder_.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(again), &::closedir);
  if (folder == nullptr) return all;
  while (const dirent* const entry = ::readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe): this stream's alone
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") all.emplace_back(name);
  }
  return all;
}

#if TENFOLD_HAS_LIBBPF

Result<void> Pins::pin(int descriptor, const std::string& name) {
  remove(name);
  if (::bpf_obj_pin(descriptor, path(name).c_str()) != 0) return std::unexpected(pin_error(path(name)));
  return {};
}

Descriptor Pins::get(const std::string& name) const { return Descriptor(::bpf_obj_get(path(name).c_str())); }

#else

Result<void> Pins::pin(int, const std::string&) { return fail(Errc::unsupported); }
Descriptor Pins::get(const std::string&) const { return {}; }

#endif

}  // namespace tenfold::guard::kernel
