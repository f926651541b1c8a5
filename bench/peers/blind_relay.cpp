// A relay that looks at nothing: what comes from a client goes to the origin over a connection of its own, and back.
// Not part of Tenfold; `bench/peers/run` compiles it. What it costs is what the kernel asks of any program that moves
// these bytes twice, and so the floor under every proxy in the same table.
//
//   blind_relay PORT ORIGIN_PORT
//
// One thread on io_uring in the same way as src/net/uring: multishot receives into provided buffers, deferred task
// running. No bounds, no time-outs, and it waits for a client that does not take its bytes: for the measurement only.
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr unsigned buffers = 1024;
constexpr unsigned buffer_bytes = 16 * 1024;
constexpr unsigned long long accepting = 1;  // as user data; all else is a Side

// One of the two connections of a client's way to the origin.
struct Side {
  int socket;
  Side* other;
};

io_uring ring;
io_uring_buf_ring* lent = nullptr;
char* memory = nullptr;

[[noreturn]] void give_up(const char* doing) {
  std::perror(doing);
  std::exit(1);
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int tcp_socket() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (socket < 0 || ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) give_up("socket");
  return socket;
}

int listen_on(int port) {
  const int socket = tcp_socket();
  const int on = 1;
  const sockaddr_in address = loopback(port);
  if (::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(socket, 4096) != 0) {
    give_up("listening");
  }
  return socket;
}

int connect_to(int port) {
  const int socket = tcp_socket();
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("connecting");
  return socket;
}

io_uring_sqe& submission() {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  while (sqe == nullptr) {
    io_uring_submit(&ring);
    sqe = io_uring_get_sqe(&ring);
  }
  return *sqe;
}

void lend(unsigned id) {
  io_uring_buf_ring_add(lent, memory + std::size_t{id} * buffer_bytes, buffer_bytes, static_cast<std::uint16_t>(id),
                        io_uring_buf_ring_mask(buffers), 0);
  io_uring_buf_ring_advance(lent, 1);
}

void start_ring() {
  io_uring_params parameters{};
  parameters.flags =
      IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL;
  parameters.cq_entries = 4096;
  errno = -io_uring_queue_init_params(1024, &ring, &parameters);
  if (errno != 0) give_up("io_uring (needs Linux 6.1)");
  const auto map = [](std::size_t bytes) {
    void* const pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (pages == MAP_FAILED) give_up("memory");
    return pages;
  };
  memory = static_cast<char*>(map(std::size_t{buffers} * buffer_bytes));
  lent = static_cast<io_uring_buf_ring*>(map(buffers * sizeof(io_uring_buf)));
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uint64_t>(lent);
  registration.ring_entries = buffers;
  errno = -io_uring_register_buf_ring(&ring, &registration, 0);
  if (errno != 0) give_up("provided buffers");
  io_uring_buf_ring_init(lent);
  for (unsigned id = 0; id < buffers; ++id) lend(id);
}

void receive(Side& side) {
  io_uring_sqe& sqe = submission();
  io_uring_prep_recv_multishot(&sqe, side.socket, nullptr, 0, 0);
  sqe.flags |= IOSQE_BUFFER_SELECT;
  sqe.ioprio |= IORING_RECVSEND_POLL_FIRST;
  io_uring_sqe_set_data(&sqe, &side);
}

// Both sides are remembered by nobody else and stay for the few seconds that this runs.
void take(int client, int origin_port) {
  auto* const from_client = new Side{client, nullptr};
  auto* const from_origin = new Side{connect_to(origin_port), from_client};
  from_client->other = from_origin;
  receive(*from_client);
  receive(*from_origin);
}

void pass_on(const Side& side, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(side.other->socket, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

void handle(const io_uring_cqe& completion, int origin_port) {
  if (completion.user_data == accepting) {
    if (completion.res >= 0) take(completion.res, origin_port);
    return;
  }
  Side& side = *static_cast<Side*>(io_uring_cqe_get_data(&completion));
  if ((completion.flags & IORING_CQE_F_BUFFER) != 0) {
    const unsigned id = completion.flags >> IORING_CQE_BUFFER_SHIFT;
    if (completion.res > 0) {
      pass_on(side, memory + std::size_t{id} * buffer_bytes, static_cast<std::size_t>(completion.res));
    }
    lend(id);
  }
  if (completion.res == 0) {
    ::shutdown(side.other->socket, SHUT_WR);
  } else if ((completion.flags & IORING_CQE_F_MORE) == 0 && (completion.res > 0 || completion.res == -ENOBUFS)) {
    receive(side);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("usage: blind_relay PORT ORIGIN_PORT\n", stderr);
    return 2;
  }
  const int listening = listen_on(std::atoi(words[1]));
  const int origin_port = std::atoi(words[2]);
  start_ring();
  io_uring_sqe& sqe = submission();
  io_uring_prep_multishot_accept(&sqe, listening, nullptr, nullptr, SOCK_CLOEXEC);
  io_uring_sqe_set_data64(&sqe, accepting);
  while (true) {
    const int submitted = io_uring_submit_and_wait(&ring, 1);
    if (submitted < 0 && submitted != -EINTR) return 1;
    unsigned head = 0;
    unsigned handled = 0;
    io_uring_cqe* completion = nullptr;
    io_uring_for_each_cqe(&ring, head, completion) {
      ++handled;
      handle(*completion, origin_port);
    }
    io_uring_cq_advance(&ring, handled);
  }
}
