#include "net/socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace tenfold::net {

namespace {

// What the kernel takes of an answer beyond what it has on its way to the client. Its buffers grow to 4 MiB each, and
// belong to all sockets of the machine together: some thousand clients that read nothing would fill what it allows them
// in all. Fast clients lose nothing: for them it is on its way at once.
constexpr int most_unsent_bytes = 256 * 1024;

class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int descriptor) : descriptor_(descriptor) {}
  OwnedDescriptor(const OwnedDescriptor&) = delete;
  OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
  ~OwnedDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

bool set_option(int descriptor, int level, int option, int value) {
  return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

int open_socket(const Endpoint& for_endpoint) {
  const int family = for_endpoint.address.is_v4() ? AF_INET : AF_INET6;
  return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
}

bool bind_to(int descriptor, const Endpoint& endpoint) {
  sockaddr_storage storage{};
  const socklen_t length = endpoint.to(storage);
  return ::bind(descriptor, reinterpret_cast<const sockaddr*>(&storage), length) == 0;
}

}  // namespace

Result<int> open_listening_socket(const Endpoint& at, const ListenOptions& options) {
  if (options.adopted_descriptor >= 0) {
    const int flags = ::fcntl(options.adopted_descriptor, F_GETFL);
    if (flags < 0 || ::fcntl(options.adopted_descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
      return std::unexpected(system_error(errno, "using an inherited socket for " + at.text()));
    }
    return options.adopted_descriptor;
  }
  OwnedDescriptor socket(open_socket(at));
  const auto failed = [&] { return std::unexpected(system_error(errno, "listening on " + at.text())); };
  if (socket.get() < 0) return failed();
  if (!set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1)) return failed();
  if (options.share_port && !set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1)) return failed();
  if (!at.address.is_v4() && !set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, options.only_v6 ? 1 : 0)) {
    return failed();
  }
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, most_unsent_bytes);
  if (!bind_to(socket.get(), at)) return failed();
  if (::listen(socket.get(), options.backlog) != 0) return failed();
  return socket.release();
}

Result<int> open_connecting_socket(const Endpoint& to, const ConnectOptions& options) {
  OwnedDescriptor socket(open_socket(to));
  const auto failed = [&] { return std::unexpected(system_error(errno, "connecting to " + to.text())); };
  if (socket.get() < 0) return failed();
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (options.source) {
    // Leaves the choice of the port to connect(), so that one source has 64,000 ports for each destination.
    set_option(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (!bind_to(socket.get(), Endpoint{*options.source, 0})) return failed();
  }
  return socket.release();
}

Error connect_error(int errno_value, const Endpoint& to) {
  Error error = system_error(errno_value, "connecting to " + to.text());
  if (errno_value == EADDRNOTAVAIL) error.code = Errc::exhausted;
  return error;
}

Result<UnixSocket> open_connecting_unix_socket(const std::string& path) {
  if (path.empty() || path.size() > longest_unix_path) {
    return fail(Errc::invalid, "a Unix socket's path has 1 to 107 bytes: " + path);
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  UnixSocket socket;
  std::memcpy(&socket.address, &address, sizeof address);
  socket.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  socket.descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket.descriptor < 0) return std::unexpected(system_error(errno, "connecting to unix:" + path));
  return socket;
}

Error connect_unix_error(int errno_value, const std::string& path) {
  Error error = system_error(errno_value, "connecting to unix:" + path);
  if (errno_value == ENOENT || errno_value == ENOTDIR || errno_value == ENOTSOCK) error.code = Errc::unreachable;
  if (errno_value == EPROTOTYPE) error.code = Errc::refused;  // a socket of another kind listens there
  if (errno_value == EAGAIN) error.code = Errc::refused;      // as many wait there as may
  return error;
}

Endpoint local_endpoint(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return Endpoint::from(storage);
}

Endpoint peer_endpoint(int descriptor) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return Endpoint::from(storage);
}

int pending_error(int descriptor) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

void linger_zero(int descriptor) {
  const linger option{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, sizeof option);
}

}  // namespace tenfold::net
