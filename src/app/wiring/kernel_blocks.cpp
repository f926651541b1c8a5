#include "app/wiring/kernel_blocks.hpp"

#include <fmt/format.h>

#include <utility>

#include "app/serve/privileges.hpp"
#include "app/wiring/edge_policy.hpp"
#include "app/wiring/networks.hpp"
#include "base/log.hpp"
#include "guard/kernel/interfaces.hpp"
#include "guard/kernel/open.hpp"

namespace tenfold::app {

namespace {

using guard::kernel::Choice;

Choice choice_of(config::GuardKernel from) {
  switch (from) {
    case config::GuardKernel::xdp: return Choice::xdp;
    case config::GuardKernel::nftables: return Choice::nftables;
    case config::GuardKernel::automatic:
    case config::GuardKernel::off: break;
  }
  return Choice::automatic;
}

void add(std::vector<net::IpNetwork>& networks, const std::vector<config::Network>& from) {
  const auto more = networks_of(from);
  networks.insert(networks.end(), more.begin(), more.end());
}

guard::kernel::KernelOptions options_of(const config::Config& config, const std::vector<net::Endpoint>& listeners) {
  guard::kernel::KernelOptions options;
  options.choice = choice_of(config.live.guard.kernel);
  options.interfaces = config.live.guard.interfaces;
  options.listeners = listeners;
  options.allowed = never_dropped(config.live);
  options.runs_as = uid_of(config.fixed.user);
  return options;
}

// Empty: it may.
std::string why_not_asked(const config::Guard& guard) {
  if (guard.mode == config::GuardMode::off) return "guard.mode was off at the start";
  if (guard.kernel == config::GuardKernel::off) return "guard.kernel is off";
  return {};
}

}  // namespace

std::vector<net::IpNetwork> never_dropped(const config::Replaceable& live) {
  std::vector<net::IpNetwork> networks;
  for (const config::GuardAllow& each : live.guard.allow) add(networks, each.networks);
  add(networks, live.trusted_proxies);
  for (const config::Listener& each : live.listen) add(networks, each.proxy_protocol_from);
  return networks;
}

KernelWay open_kernel(const config::Config& config, const std::vector<net::Endpoint>& listeners, const Clock& clock) {
  if (!guard::kernel::is_public(listeners)) return {nullptr, "all listeners are on loopback"};
  if (std::string why_not = why_not_asked(config.live.guard); !why_not.empty()) {
    guard::kernel::remove_left_blocks();
    return {nullptr, std::move(why_not)};
  }
  auto opened = guard::kernel::open_kernel_blocks(options_of(config, listeners), clock);
  if (!opened) {
    const std::string text =
        fmt::format("guard: nothing is dropped in the kernel ({}); whoever would be is refused", opened.error().detail);
    if (config.live.guard.kernel == config::GuardKernel::automatic) {
      log::info("{}", text);
    } else {
      log::warn("{}", text);
    }
    return {nullptr, opened.error().detail};
  }
  log::info("guard: drops in the kernel by {}", (*opened)->words());
  if (const auto left = (*opened)->size(); left != 0) log::info("guard: {} blocks of before go on", left);
  return {std::move(*opened), {}};
}

std::string kernel_outlook(const config::Config& config) {
  const config::Guard& guard = config.live.guard;
  if (guard.mode == config::GuardMode::off || guard.kernel == config::GuardKernel::off) {
    return "nothing is dropped in the kernel";
  }
  std::vector<net::Endpoint> listeners;
  for (const auto& each : listen_addresses(config.live)) listeners.push_back(each);
  return "drops in the kernel by " + guard::kernel::outlook(options_of(config, listeners));
}

}  // namespace tenfold::app
