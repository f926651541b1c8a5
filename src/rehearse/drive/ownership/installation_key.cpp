#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "base/secret_bytes.hpp"
#include "base/text/hex.hpp"
#include "rehearse/drive/ownership/ownership.hpp"

namespace tenfold::rehearse {

namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t key_digits = 2 * key_bytes;

class OpenFile {
 public:
  OpenFile(const std::string& file, int flags, mode_t mode = 0)
      : descriptor_(::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<Error> not_usable(const std::string& file, std::string_view why) {
  return fail(Errc::invalid, file + ": " + std::string(why));
}

std::unexpected<Error> failed(const std::string& file, std::string_view doing) {
  return std::unexpected(system_error(errno, std::string(doing) + " " + file));
}

Result<std::string> read_key(const std::string& file) {
  const OpenFile opened(file, O_RDONLY);
  if (opened.get() < 0 && errno == ELOOP) return not_usable(file, "is a symbolic link");
  if (opened.get() < 0) return failed(file, "reading");
  struct stat about {};
  if (::fstat(opened.get(), &about) != 0) return failed(file, "reading");
  if (!S_ISREG(about.st_mode)) return not_usable(file, "is not a file");
  if ((about.st_mode & 077) != 0) return not_usable(file, "may be read by others than its owner; chmod 600 it");
  std::array<char, key_digits + 2> text{};
  const ssize_t got = ::read(opened.get(), text.data(), text.size());
  if (got < 0) return failed(file, "reading");
  std::string_view digits(text.data(), static_cast<std::size_t>(got));
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  auto key = digits.size() == key_digits ? from_hex(digits) : std::nullopt;
  if (!key) return not_usable(file, "is not an installation key, which is 64 hex digits");
  return *key;
}

// Whole or not at all, also when several processes make it at the same time: the first one's stays.
Result<void> make_key(const std::string& file) {
  const std::string part = file + "." + std::to_string(::getpid());
  {
    const OpenFile made(part, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (made.get() < 0) return failed(part, "making");
    const std::string text = hex(secret_bytes(key_bytes)) + "\n";
    const bool written = ::write(made.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!written || ::fsync(made.get()) != 0) {
      const auto error = failed(part, "writing");
      ::unlink(part.c_str());
      return error;
    }
  }
  const int linked = ::link(part.c_str(), file.c_str());
  const int error = errno;
  ::unlink(part.c_str());
  if (linked != 0 && error != EEXIST) return std::unexpected(system_error(error, "making " + file));
  return {};
}

}  // namespace

Result<std::string> installation_key(const std::string& file) {
  auto key = read_key(file);
  if (key || key.error().code != Errc::not_found) return key;
  if (auto made = make_key(file); !made) return std::unexpected(made.error());
  return read_key(file);
}

}  // namespace tenfold::rehearse
