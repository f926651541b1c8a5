#include "guard/kernel/nft/helper.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "guard/kernel/blocks.hpp"
#include "guard/kernel/nft/nft_program.hpp"

namespace tenfold::guard::kernel {

namespace {

constexpr auto reports_every = std::chrono::seconds(1);
constexpr std::size_t most_at_once = 2048;  // requests in one transaction

class Helper {
 public:
  Helper(Descriptor socket, Ruleset ruleset) : socket_(std::move(socket)), ruleset_(std::move(ruleset)) {}

  void run() {
    while (!ended_) {
      pollfd waiting{.fd = socket_.number(), .events = POLLIN, .revents = 0};
      ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(reports_every).count()));
      if (waiting.revents != 0 && !take()) return;
      if (clock_.now() - reported_ >= reports_every) report();
    }
  }

 private:
  // Reads what there is and does it. False: nobody is there any more.
  bool take() {
    std::vector<NftRequest> requests(most_at_once);
    const ssize_t got = ::recv(socket_.number(), requests.data(), requests.size() * sizeof(NftRequest), 0);
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    std::size_t bytes = static_cast<std::size_t>(got);
    while (bytes % sizeof(NftRequest) != 0) {  // the rest of the last one is on its way
      const ssize_t more = ::recv(socket_.number(), reinterpret_cast<char*>(requests.data()) + bytes,
                                  sizeof(NftRequest) - bytes % sizeof(NftRequest), 0);
      if (more <= 0) return false;
      bytes += static_cast<std::size_t>(more);
    }
    requests.resize(bytes / sizeof(NftRequest));
    std::string text;
    for (const NftRequest& each : requests) heed(each, text);
    if (allow_changed_) text += allow_text(ruleset_.allowed);
    allow_changed_ = false;
    if (!text.empty()) apply(text);
    return true;
  }

  void heed(const NftRequest& request, std::string& text) {
    const auto address = net::IpAddress::from_bytes(request.address);
    const Prefix prefix = Prefix::of(address, request.bits);
    const Duration lasts(request.lasts_ns);
    switch (request.kind) {
      case NftRequest::Kind::put: {
        const std::string change = put_text(prefix, lasts);
        if (change.empty() || ruleset_.blocks.size() >= most_blocks) return;
        text += change;
        ruleset_.blocks[prefix] = clock_.now() + lasts;
        return;
      }
      case NftRequest::Kind::take_out:
        text += take_out_text(prefix);
        ruleset_.blocks.erase(prefix);
        return;
      case NftRequest::Kind::allow_none:
        ruleset_.allowed.clear();
        allow_changed_ = true;
        return;
      case NftRequest::Kind::allow: {
        const auto network = net::IpNetwork::parse(prefix.text());
        if (network && ruleset_.allowed.size() < most_allowed) ruleset_.allowed.push_back(*network);
        allow_changed_ = true;
        return;
      }
      case NftRequest::Kind::end:
        text.clear();
        static_cast<void>(run_nft(remove_table_text()));
        ended_ = true;
        return;
    }
  }

  // A reload of the machine's firewall removes our table, too; the next change, or report, makes it anew.
  void apply(const std::string& text) {
    if (ended_ || run_nft(text)) return;
    repair();
  }

  void repair() {
    const auto made = run_nft(ruleset_.whole(clock_.now()));
    if (made) {
      ++told_.repairs;
      before_ = told_.counts;
    } else {
      ++told_.failures;
      const std::string& words = made.error().detail;
      told_.words = {};
      std::copy_n(words.begin(), std::min(words.size(), told_.words.size() - 1), told_.words.begin());
    }
  }

  void report() {
    reported_ = clock_.now();
    std::erase_if(ruleset_.blocks, [&](const auto& each) { return each.second <= reported_; });
    if (ended_ || (ruleset_.blocks.empty() && was_empty_)) return;
    was_empty_ = ruleset_.blocks.empty();
    const auto listing = ask_nft({"-j", "list", "counters", "table", "inet", "tenfold"});
    if (!listing) repair();
    if (const auto counts = listing ? read_counts(*listing) : Result<Counts>(fail(Errc::invalid))) {
      told_.counts = sum(before_, *counts);
    }
    ::send(socket_.number(), &told_, sizeof told_, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  // A table that is made anew counts from 0.
  static Counts sum(Counts one, const Counts& other) {
    for (std::size_t i = 0; i < levels; ++i) one.dropped_packets[i] += other.dropped_packets[i];
    one.dropped_bytes += other.dropped_bytes;
    one.spared_packets += other.spared_packets;
    return one;
  }

  SystemClock clock_;
  Descriptor socket_;
  Ruleset ruleset_;
  Counts before_;
  NftReport told_;
  TimePoint reported_{};
  bool allow_changed_ = false;
  bool was_empty_ = false;
  bool ended_ = false;
};

// It outlives what ends Tenfold from outside, until it sees that Tenfold is gone.
void settle_in_child(int socket) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE}) ::signal(signal, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  ::prctl(PR_SET_NAME, "tenfold-nft");
  const auto number = static_cast<unsigned>(socket);
  ::close_range(STDERR_FILENO + 1, number - 1, 0);
  ::close_range(number + 1, ~0U, 0);
}

}  // namespace

Result<NftHelper> start_nft_helper(Ruleset ruleset) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return std::unexpected(system_error(errno, "a socket to nftables' process"));
  }
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return std::unexpected(system_error(errno, "nftables' process"));
  if (child == 0) {
    settle_in_child(theirs.number());
    Helper(std::move(theirs), std::move(ruleset)).run();
    ::_exit(0);
  }
  return NftHelper{std::move(ours), child};
}

}  // namespace tenfold::guard::kernel
