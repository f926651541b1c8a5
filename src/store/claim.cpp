#include "store/claim.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace tenfold::store {
namespace {

// The number that the owner wrote; empty: it has not come to that.
std::string owner(int descriptor) {
  std::array<char, 20> text{};
  const ssize_t bytes = ::pread(descriptor, text.data(), text.size(), 0);
  std::string number(text.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
  const auto end = number.find_first_not_of("0123456789");
  if (end != std::string::npos) number.resize(end);
  return number;
}

// For people only: a full disk takes nothing from the claim.
void sign(int descriptor) {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = ::pwrite(descriptor, text.data(), text.size(), 0);
}

}  // namespace

Result<Claim> Claim::take(const std::string& store_file) {
  const std::string file = store_file + ".lock";
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return std::unexpected(system_error(errno, "opening " + file));
  Claim claim(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    sign(descriptor);
    return claim;
  }
  if (errno != EWOULDBLOCK) return std::unexpected(system_error(errno, "locking " + file));
  const std::string number = owner(descriptor);
  return fail(Errc::busy, number.empty() ? "another process runs on " + store_file
                                         : "process " + number + " runs on " + store_file);
}

Claim::~Claim() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tenfold::store
