#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "guard/kernel/descriptor.hpp"

namespace tenfold::guard::kernel {

// What outlives the process: names in the file system of BPF, in a folder of this network namespace. Made and read with
// the rights to; taken away by whoever owns the folder, for which the open descriptor is enough.
class Pins {
 public:
  // Of this network namespace. Errors: unsupported (no file system of BPF at /sys/fs/bpf), failed.
  static Result<Pins> open(std::optional<uid_t> owner);

  Result<void> pin(int descriptor, const std::string& name);  // Errors: failed
  Descriptor get(const std::string& name) const;              // none: there is none
  void remove(const std::string& name);
  std::vector<std::string> names() const;

 private:
  std::string path(const std::string& name) const { return folder_path_ + "/" + name; }

  std::string folder_path_;
  Descriptor folder_;
};

}  // namespace tenfold::guard::kernel
