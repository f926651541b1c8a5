#include "watch/probe/names.hpp"

#include <ares.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <unordered_set>

#include "watch/probe/name_channel.hpp"

namespace tenfold::watch {
namespace {

constexpr std::size_t most_channels = 64;

std::int64_t written_ns(const char* file) {
  struct stat status {};
  if (::stat(file, &status) != 0) return 0;
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

}  // namespace

Names::Names(transfer::Poller& poller, std::string system_servers)
    : poller_(poller), system_servers_(std::move(system_servers)) {}
Names::~Names() = default;

Names::Question Names::addresses(const std::string& host, const std::string& servers, Found found) {
  const auto asked = channel(servers);
  if (asked) return (*asked)->addresses(host, std::move(found));
  auto question = std::make_shared<Found>(std::move(found));
  poller_.at(poller_.now(), [weak = std::weak_ptr(question), error = asked.error()] {
    if (const auto waiting = weak.lock()) (*waiting)(std::unexpected(error));
  });
  return question;
}

Names::Question Names::ask(const std::string& name, int type, const std::string& servers, Answered answered) {
  const auto asked = channel(servers);
  if (asked) return (*asked)->ask(name, type, std::move(answered));
  auto question = std::make_shared<Answered>(std::move(answered));
  poller_.at(poller_.now(), [weak = std::weak_ptr(question), error = asked.error()] {
    if (const auto waiting = weak.lock()) (*waiting)(std::unexpected(error));
  });
  return question;
}

std::optional<std::string> Names::further_servers() {
  const auto system = channel("");
  if (!system) return std::nullopt;
  const std::vector<std::string> servers = (*system)->servers();
  if (servers.size() < 2) return std::nullopt;
  return fmt::format("{}", fmt::join(servers.begin() + 1, servers.end(), ","));
}

Result<void> Names::check_servers(const std::string& servers) {
  const auto made = channel(servers);
  if (!made) return std::unexpected(made.error());
  return {};
}

// The system's name servers can change while we run: a lease is renewed, a tunnel opens.
Result<std::shared_ptr<NameChannel>> Names::channel(const std::string& servers) {
  const std::string& wanted = servers.empty() ? system_servers_ : servers;
  if (wanted.empty()) {
    const std::int64_t written = written_ns("/etc/resolv.conf");
    const auto found = channels_.find(wanted);
    if (found != channels_.end() && written != system_changed_ns_) {
      retired_.push_back(found->second);
      channels_.erase(found);
    }
    system_changed_ns_ = written;
  }
  if (!retired_.empty()) std::erase_if(retired_, [](const auto& old) { return old->idle(); });
  if (const auto found = channels_.find(wanted); found != channels_.end()) return found->second;
  if (channels_.size() >= most_channels) drop_idle();
  if (channels_.size() >= most_channels) return fail(Errc::exhausted, "64 sets of name servers are being asked");
  auto made = NameChannel::make(poller_, wanted);
  if (!made) return std::unexpected(made.error());
  channels_.emplace(wanted, *made);
  return std::move(*made);
}

void Names::drop_idle() {
  std::erase_if(channels_, [](const auto& entry) { return entry.second->idle(); });
}

}  // namespace tenfold::watch
