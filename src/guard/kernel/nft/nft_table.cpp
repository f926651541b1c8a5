#include "guard/kernel/nft/nft_table.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "guard/kernel/blocks.hpp"
#include "guard/kernel/nft/helper.hpp"
#include "guard/kernel/nft/nft_program.hpp"
#include "guard/kernel/nft/ruleset.hpp"

namespace tenfold::guard::kernel {

namespace {

using Ask = NftRequest::Kind;

constexpr auto last_word_within = std::chrono::seconds(3);

class NftTable final : public Table {
 public:
  NftTable(NftHelper helper, std::vector<Left> left) : helper_(std::move(helper)), left_(std::move(left)) {}
  NftTable(const NftTable&) = delete;
  NftTable& operator=(const NftTable&) = delete;
  ~NftTable() override {
    // After what is on its way; it ends with the socket, too, but would leave the table.
    timeval patience{.tv_sec = last_word_within.count(), .tv_usec = 0};
    ::setsockopt(helper_.socket.number(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const NftRequest end{.kind = Ask::end};
    ::send(helper_.socket.number(), &end, sizeof end, MSG_NOSIGNAL);
    pollfd gone{.fd = helper_.socket.number(), .events = POLLRDHUP, .revents = 0};
    ::poll(&gone, 1, static_cast<int>(std::chrono::milliseconds(last_word_within).count()));
    helper_.socket.close();
    ::waitpid(helper_.child, nullptr, 0);
  }

  Result<void> put(const Prefix& prefix, Duration lasts) override {
    return ask({.kind = Ask::put, .bits = prefix.bits, .address = prefix.base.bytes(), .lasts_ns = lasts.count()});
  }
  Result<void> take_out(const Prefix& prefix) override {
    return ask({.kind = Ask::take_out, .bits = prefix.bits, .address = prefix.base.bytes()});
  }
  Result<void> allow(std::span<const net::IpNetwork> networks) override {
    if (networks.size() > most_allowed) {
      return fail(Errc::too_large, "more than " + std::to_string(most_allowed) + " networks");
    }
    if (auto asked = ask({.kind = Ask::allow_none}); !asked) return asked;
    for (const net::IpNetwork& each : networks) {
      auto asked = ask(
          {.kind = Ask::allow, .bits = static_cast<std::uint8_t>(each.prefix_bits()), .address = each.base().bytes()});
      if (!asked) return asked;
    }
    return {};
  }
  Counts counts() override {
    hear();
    return told_.counts;
  }
  std::vector<Left> left() override { return std::exchange(left_, {}); }
  std::string words() const override { return "nftables (table inet tenfold)"; }

 private:
  // Never waits: if the process is that far behind, the caller tries again.
  Result<void> ask(const NftRequest& request) {
    hear();
    const ssize_t sent = ::send(helper_.socket.number(), &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == sizeof request) return {};
    return fail(Errc::exhausted, "nftables' process is behind, or gone");
  }

  void hear() {
    NftReport report;
    while (::recv(helper_.socket.number(), &report, sizeof report, MSG_DONTWAIT) == sizeof report) {
      if (report.failures > told_.failures) log::warn("guard: {}", report.words.data());
      if (report.repairs > told_.repairs) {
        log::warn(
            "guard: somebody removed nftables' table inet tenfold (a reload of the firewall?): it is there again");
      }
      told_ = report;
    }
  }

  NftHelper helper_;
  std::vector<Left> left_;
  NftReport told_;
};

}  // namespace

Result<std::unique_ptr<Table>> open_nftables(const KernelOptions& options, const Clock& clock) {
  Ruleset ruleset;
  for (const net::Endpoint& each : options.listeners) {
    if (!each.address.is_loopback()) ruleset.ports.push_back(each.port);
  }
  std::ranges::sort(ruleset.ports);
  const auto repeated = std::ranges::unique(ruleset.ports);
  ruleset.ports.erase(repeated.begin(), repeated.end());
  if (options.allowed.size() > most_allowed) return fail(Errc::too_large, "networks that are allowed");
  ruleset.allowed = options.allowed;
  std::vector<Table::Left> left;
  // An error here is a table that is not there.
  if (const auto listing = ask_nft({"-j", "list", "table", "inet", "tenfold"})) left = read_blocks(*listing);
  const TimePoint now = clock.now();
  for (const Table::Left& each : left) ruleset.blocks.emplace(each.prefix, now + each.lasts);
  if (auto made = run_nft(ruleset.whole(now)); !made) return std::unexpected(made.error());
  auto helper = start_nft_helper(std::move(ruleset));
  if (!helper) {
    remove_left_table();
    return std::unexpected(helper.error());
  }
  return std::make_unique<NftTable>(std::move(*helper), std::move(left));
}

void remove_left_table() { static_cast<void>(run_nft(remove_table_text())); }

}  // namespace tenfold::guard::kernel
