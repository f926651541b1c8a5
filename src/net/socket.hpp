#pragma once

#include <string>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"

// The socket calls that both backends make in the same way. Descriptors are non-blocking and close-on-exec.
namespace tenfold::net {

// A listening TCP socket; accepted sockets inherit its options (no delay, the bound on what is not sent yet).
Result<int> open_listening_socket(const Endpoint& at, const ListenOptions& options);
// A TCP socket ready to connect, bound to the source if one is asked for.
Result<int> open_connecting_socket(const Endpoint& to, const ConnectOptions& options);

// A Unix-domain socket ready to connect, and the address of the path. Errors: invalid (the path is too long).
struct UnixSocket {
  int descriptor = -1;
  sockaddr_storage address{};
  socklen_t length = 0;
};
Result<UnixSocket> open_connecting_unix_socket(const std::string& path);
Error connect_unix_error(int errno_value, const std::string& path);

// What connect(2) failed with. EADDRNOTAVAIL is exhausted there: all local ports to that destination are taken.
Error connect_error(int errno_value, const Endpoint& to);

Endpoint local_endpoint(int descriptor);
Endpoint peer_endpoint(int descriptor);
// The pending error of the socket (SO_ERROR), 0 if none.
int pending_error(int descriptor);
void linger_zero(int descriptor);  // closing sends a reset

}  // namespace tenfold::net
