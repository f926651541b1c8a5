#include "guard/kernel/nft/nft_program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <vector>

#include "guard/kernel/descriptor.hpp"

namespace tenfold::guard::kernel {

namespace {

// A file in memory, so that neither side of the talk waits for the other.
Descriptor memory_file(std::string_view content) {
  Descriptor file(::memfd_create("nft", MFD_CLOEXEC));
  while (file && !content.empty()) {
    const ssize_t written = ::write(file.number(), content.data(), content.size());
    if (written <= 0) return {};
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file) ::lseek(file.number(), 0, SEEK_SET);
  return file;
}

std::string content_of(const Descriptor& file) {
  std::string all;
  std::array<char, 65536> part;
  ::lseek(file.number(), 0, SEEK_SET);
  for (ssize_t got = 0; (got = ::read(file.number(), part.data(), part.size())) > 0;) {
    all.append(part.data(), static_cast<std::size_t>(got));
  }
  return all;
}

class Spawning {
 public:
  Spawning() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t standard;
    ::sigemptyset(&standard);
    ::sigaddset(&standard, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &standard);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
  ~Spawning() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void as(int number, const Descriptor& file) { ::posix_spawn_file_actions_adddup2(&actions_, file.number(), number); }
  // The child's id; 0: none was started.
  pid_t start(const std::string& path, const std::vector<const char*>& arguments) {
    std::vector<char*> words;
    for (const char* each : arguments) words.push_back(const_cast<char*>(each));  // NOLINT: spawn writes none of them
    words.push_back(nullptr);
    std::array<char, 7> language{"LANG=C"};
    std::array<char*, 2> environment{language.data(), nullptr};
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, path.c_str(), &actions_, &attributes_, words.data(), environment.data());
    return failed == 0 ? child : 0;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

Result<std::string> talk(std::string_view input, const std::vector<const char*>& arguments) {
  const std::string path = nft_path();
  if (path.empty()) return fail(Errc::unsupported, "nft is not installed");
  const Descriptor in = memory_file(input), out = memory_file({}), complaint = memory_file({});
  if (!in || !out || !complaint) return fail(Errc::exhausted, "no memory for what nft reads");
  Spawning spawning;
  spawning.as(STDIN_FILENO, in);
  spawning.as(STDOUT_FILENO, out);
  spawning.as(STDERR_FILENO, complaint);
  const pid_t child = spawning.start(path, arguments);
  if (child == 0) return fail(Errc::exhausted, "nft could not be started");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return content_of(out);
  std::string words = content_of(complaint);
  words.resize(std::min(words.find('\n'), words.size()));
  const bool no_right = words.find("not permitted") != std::string::npos;
  return fail(no_right ? Errc::refused : Errc::failed, "nft: " + words);
}

}  // namespace

std::string nft_path() {
  for (const char* const path : {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

Result<void> run_nft(std::string_view input) {
  auto said = talk(input, {"nft", "-f", "-"});
  if (!said) return std::unexpected(said.error());
  return {};
}

Result<std::string> ask_nft(std::initializer_list<const char*> arguments) {
  std::vector<const char*> all{"nft"};
  all.insert(all.end(), arguments);
  return talk({}, all);
}

}  // namespace tenfold::guard::kernel
