#include "guard/kernel/open.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guard/kernel/descriptor.hpp"

// The real ways, each in a network namespace of its own, over its loopback: packets of 127.0.0.2 are blocked or not.
namespace tenfold::guard::kernel {

namespace {

using namespace std::chrono_literals;
using Choices = testing::TestWithParam<Choice>;

constexpr auto patience = 10s;

Prefix source_prefix(std::string_view text) { return Prefix::of(*net::IpAddress::parse(text), Level::client); }

Descriptor tcp_at(std::string_view address, std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_storage storage{};
  const socklen_t length = net::Endpoint{*net::IpAddress::parse(address), port}.to(storage);
  const int on = 1;
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  EXPECT_EQ(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&storage), length), 0) << address;
  return socket;
}

class Namespaces {
 public:
  // False: no right to.
  bool enter() {
    network_ = Descriptor(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    mounts_ = Descriptor(::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
    folder_ = Descriptor(::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
    entered_ = true;
    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    ::mount("bpf", "/sys/fs/bpf", "bpf", 0, nullptr);
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq loopback{};
    std::memcpy(loopback.ifr_name, "lo", 3);
    loopback.ifr_flags = IFF_UP;
    return ::ioctl(socket.number(), SIOCSIFFLAGS, &loopback) == 0;
  }
  ~Namespaces() {
    if (!entered_) return;
    EXPECT_EQ(::setns(network_.number(), CLONE_NEWNET), 0);
    EXPECT_EQ(::setns(mounts_.number(), CLONE_NEWNS), 0);
    EXPECT_EQ(::fchdir(folder_.number()), 0);  // which setns() has changed
  }

 private:
  Descriptor network_, mounts_, folder_;
  bool entered_ = false;
};

class OpenKernelBlocksTest : public Choices {
 protected:
  void SetUp() override {
    if (!namespaces_.enter()) GTEST_SKIP() << "no right to make network namespaces";
    ours_ = listen();
    other_ = listen();
  }

  std::unique_ptr<KernelBlocks> open(std::vector<net::IpNetwork> allowed = {}) {
    KernelOptions options;
    options.choice = GetParam();
    options.interfaces = {"lo"};
    options.listeners = {{net::IpAddress::v4(0), port_of(ours_)}};
    options.allowed = std::move(allowed);
    auto opened = open_kernel_blocks(options, clock_);
    if (opened) return std::move(*opened);
    why_not_ = opened.error();
    return nullptr;
  }
  // Whether this machine has that way at all.
  bool is_there() {
    if (open() != nullptr) return true;
    EXPECT_EQ(why_not_.code, Errc::unsupported) << why_not_.text();
    return false;
  }

  static Descriptor listen() {
    Descriptor socket = tcp_at("0.0.0.0", 0);
    EXPECT_EQ(::listen(socket.number(), 128), 0);
    return socket;
  }
  static std::uint16_t port_of(const Descriptor& socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&storage), &length);
    return net::Endpoint::from(storage).port;
  }
  static bool gets_through(std::string_view from, const Descriptor& to, Duration within) {
    const Descriptor socket = tcp_at(from, 0);
    sockaddr_storage storage{};
    const socklen_t length = net::Endpoint{*net::IpAddress::parse("127.0.0.1"), port_of(to)}.to(storage);
    const int connecting = ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&storage), length);
    if (connecting != 0 && errno != EINPROGRESS) return false;
    pollfd connected{.fd = socket.number(), .events = POLLOUT, .revents = 0};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(within).count();
    if (::poll(&connected, 1, static_cast<int>(ms)) != 1 || (connected.revents & (POLLERR | POLLHUP)) != 0)
      return false;
    // Or the listener's queue is full before long.
    const Descriptor accepted(::accept4(to.number(), nullptr, nullptr, SOCK_CLOEXEC));
    return true;
  }
  bool is_heard(std::string_view from) const { return gets_through(from, ours_, patience); }
  // Waits for it: nftables' process does what it is told a moment later.
  bool comes_to_be_dropped(std::string_view from) const {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
      if (!gets_through(from, ours_, 100ms)) return true;
    }
    return false;
  }

  Namespaces namespaces_;
  SystemClock clock_;
  Descriptor ours_, other_;
  Error why_not_;
};

TEST_P(OpenKernelBlocksTest, DropsForItsTimeAndOnlyAtOurPorts) {
  const auto blocks = open();
  if (blocks == nullptr) GTEST_SKIP() << why_not_.text();
  EXPECT_TRUE(is_heard("127.0.0.2"));
  const TimePoint began = clock_.now();
  ASSERT_TRUE(blocks->add(source_prefix("127.0.0.2"), began + 3s, began));
  EXPECT_TRUE(comes_to_be_dropped("127.0.0.2")) << blocks->words();
  EXPECT_TRUE(gets_through("127.0.0.2", other_, patience)) << "another port";
  EXPECT_TRUE(is_heard("127.0.0.3"));
  while (!gets_through("127.0.0.2", ours_, 100ms) && clock_.now() - began < patience) {
  }
  EXPECT_GE(clock_.now() - began, 3s);
  EXPECT_LE(clock_.now() - began, 4s) << "at most a second after its time";
}

TEST_P(OpenKernelBlocksTest, IsTakenOutAndSpared) {
  const auto blocks = open({*net::IpNetwork::parse("127.0.0.3")});
  if (blocks == nullptr) GTEST_SKIP() << why_not_.text();
  const TimePoint now = clock_.now();
  ASSERT_TRUE(blocks->add(Prefix::of(net::IpAddress::v4(0x7f000002), Level::network), now + 1h, now));
  EXPECT_TRUE(comes_to_be_dropped("127.0.0.2"));
  EXPECT_TRUE(is_heard("127.0.0.3")) << "it is on the allow list";
  const std::vector allowed{*net::IpNetwork::parse("127.0.0.2")};
  ASSERT_TRUE(blocks->allow(allowed));
  EXPECT_TRUE(comes_to_be_dropped("127.0.0.3"));
  EXPECT_TRUE(is_heard("127.0.0.2"));
  ASSERT_TRUE(blocks->remove(Prefix::of(net::IpAddress::v4(0x7f000002), Level::network)));
  EXPECT_TRUE(is_heard("127.0.0.3"));
  const auto deadline = clock_.now() + patience;
  Counts counts = blocks->counts();
  while ((counts.dropped_packets[1] < 2 || counts.spared_packets < 1) && clock_.now() < deadline) {
    ::poll(nullptr, 0, 10);
    counts = blocks->counts();
  }
  EXPECT_GE(counts.dropped_packets[1], 2U);
  EXPECT_GE(counts.spared_packets, 1U);
}

TEST_P(OpenKernelBlocksTest, LeavesNothingBehind) {
  auto blocks = open();
  if (blocks == nullptr) GTEST_SKIP() << why_not_.text();
  const TimePoint now = clock_.now();
  ASSERT_TRUE(blocks->add(source_prefix("127.0.0.2"), now + 1h, now));
  EXPECT_TRUE(comes_to_be_dropped("127.0.0.2"));
  blocks.reset();
  EXPECT_TRUE(is_heard("127.0.0.2"));
  blocks = open();
  ASSERT_NE(blocks, nullptr) << why_not_.text();
  EXPECT_EQ(blocks->size(), 0U);
}

TEST_P(OpenKernelBlocksTest, OneProcessAtATime) {
  const auto blocks = open();
  if (blocks == nullptr) GTEST_SKIP() << why_not_.text();
  EXPECT_EQ(open(), nullptr);
  EXPECT_EQ(why_not_.code, Errc::busy);
}

// A process with this way, two blocks, and no time to clean up.
TEST_P(OpenKernelBlocksTest, TakesOverFromOneThatWasKilled) {
  if (!is_there()) GTEST_SKIP() << why_not_.text();
  std::array<int, 2> ready{-1, -1};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto blocks = open();
    const TimePoint now = clock_.now();
    const bool added = blocks != nullptr && blocks->add(source_prefix("127.0.0.2"), now + 1h, now) &&
                       blocks->add(source_prefix("127.0.0.3"), now + 6s, now) && comes_to_be_dropped("127.0.0.3");
    const char word = added ? 'y' : 'n';
    static_cast<void>(!::write(ready[1], &word, 1));
    while (true) ::pause();
  }
  char word = 0;
  ASSERT_EQ(::read(ready[0], &word, 1), 1);
  const TimePoint began = clock_.now();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  ASSERT_EQ(word, 'y');

  EXPECT_FALSE(gets_through("127.0.0.2", ours_, 100ms)) << "it is blocked though nobody is there";
  while (!gets_through("127.0.0.3", ours_, 100ms) && clock_.now() - began < patience) {
  }
  EXPECT_LE(clock_.now() - began, 7s) << "a block ends at most a second after its time, whoever is dead";

  const auto blocks = open();
  ASSERT_NE(blocks, nullptr) << why_not_.text();
  const auto list = blocks->list(clock_.now());
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].prefix, source_prefix("127.0.0.2"));
  EXPECT_TRUE(list[0].is_left);
  EXPECT_FALSE(gets_through("127.0.0.2", ours_, 100ms));
  ASSERT_TRUE(blocks->remove(source_prefix("127.0.0.2")));
  EXPECT_TRUE(is_heard("127.0.0.2"));
}

// What one way left does not outlive a start with the other.
TEST_P(OpenKernelBlocksTest, TakesAwayWhatTheOtherWayLeft) {
  if (!is_there()) GTEST_SKIP() << why_not_.text();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto blocks = open();
    const TimePoint now = clock_.now();
    static_cast<void>(blocks->add(source_prefix("127.0.0.2"), now + 1h, now));
    ::_exit(comes_to_be_dropped("127.0.0.2") ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  EXPECT_FALSE(gets_through("127.0.0.2", ours_, 100ms));
  remove_left_blocks();
  EXPECT_TRUE(is_heard("127.0.0.2"));
}

INSTANTIATE_TEST_SUITE_P(Ways, OpenKernelBlocksTest, testing::Values(Choice::xdp, Choice::nftables),
                         [](const auto& way) { return way.param == Choice::xdp ? "Xdp" : "Nftables"; });

TEST(OpenKernelBlocks, OnLoopbackAloneThereIsNothingToDo) {
  const SystemClock clock;
  KernelOptions options;
  options.listeners = {*net::Endpoint::parse("127.0.0.1:80")};
  const auto opened = open_kernel_blocks(options, clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unsupported);
  EXPECT_EQ(outlook(options), "nothing: all listeners are on loopback");
}

}  // namespace

}  // namespace tenfold::guard::kernel
