#include "app/serve/privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace tenfold::app {

Result<void> become_user(const std::string& user, const std::string& group) {
  if (user.empty()) return {};
  const passwd* const account = ::getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe): one thread, by contract
  if (account == nullptr) return fail(Errc::not_found, "user " + user);
  const uid_t uid = account->pw_uid;
  gid_t gid = account->pw_gid;
  if (!group.empty()) {
    const ::group* const entry = ::getgrnam(group.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr) return fail(Errc::not_found, "group " + group);
    gid = entry->gr_gid;
  }
  if (::getuid() == uid && ::getgid() == gid) return {};
  if (::initgroups(user.c_str(), gid) != 0 || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0) {
    return std::unexpected(system_error(errno, "becoming user " + user));
  }
  return {};
}

std::optional<uid_t> uid_of(const std::string& user) {
  if (user.empty()) return {};
  const passwd* const account = ::getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe): one thread, by contract
  if (account == nullptr) return {};
  return account->pw_uid;
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

unsigned usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&cores)));
}

}  // namespace tenfold::app
