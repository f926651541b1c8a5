// Apart from all others: the kernel's own header of TCP, which knows tcpi_bytes_acked, does not go together with the C
// library's.
#include "net/tcp_progress.hpp"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace tenfold::net {

std::uint64_t bytes_taken(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) return info.tcpi_bytes_acked;
  // A socket of another kind: what waits to be taken tells it as well.
  return UINT64_MAX - bytes_untaken(descriptor);
}

std::uint64_t bytes_untaken(int descriptor) {
  int waiting = 0;
  return ::ioctl(descriptor, SIOCOUTQ, &waiting) == 0 ? static_cast<std::uint64_t>(waiting) : 0;
}

}  // namespace tenfold::net
