#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace tenfold {

// A machine at its limit of processes, for a child process of a test: from here on no thread can be started in it.
// False: the machine does not allow the test. As root, who has no such limit, the child becomes nobody for good.
inline bool forbid_threads() {
  constexpr uid_t nobody = 65534;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0) return false;
  limit.rlim_cur = 0;
  if (::setrlimit(RLIMIT_NPROC, &limit) != 0) return false;
  return ::geteuid() != 0 || ::setresuid(nobody, nobody, nobody) == 0;
}

inline bool allow_threads() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0) return false;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NPROC, &limit) == 0;
}

}  // namespace tenfold
