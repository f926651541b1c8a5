#include "config/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace tenfold::config {
namespace {

void compare(std::vector<std::string>& out, std::string_view key, const std::string& running, const std::string& next) {
  if (running == next) return;
  const auto shown = [](const std::string& value) { return value.empty() ? std::string("nothing") : value; };
  out.push_back(fmt::format("{}: {} is running, {} is configured", key, shown(running), shown(next)));
}

std::string workers_text(unsigned workers) { return workers == 0 ? "one per core" : fmt::format("{}", workers); }

// The order of listeners does not matter.
std::string addresses(const Config& config) {
  std::vector<std::string> all;
  for (const Listener& listener : config.live.listen) all.push_back(listener.address.text());
  std::ranges::sort(all);
  return fmt::format("{}", fmt::join(all, ", "));
}

std::string console_address(const Config& config) {
  return config.live.console ? config.live.console->address.text() : std::string();
}

std::string console_token(const Config& config) {
  return config.live.console ? config.live.console->token.reveal() : std::string();
}

std::string link_url(const Config& config) { return config.live.oncall ? config.live.oncall->link_url : std::string(); }

}  // namespace

std::vector<std::string> fixed_differences(const Config& running, const Config& next) {
  std::vector<std::string> out;
  compare(out, "listen", addresses(running), addresses(next));
  compare(out, "console.address", console_address(running), console_address(next));
  if (console_token(running) != console_token(next)) out.emplace_back("console.token: differs from what is running");
  compare(out, "oncall.link_url", link_url(running), link_url(next));  // the console answers to its name
  // All but coalesce_wait, which is not the cache's own.
  const auto own = [](const Config& config) -> const cache::CacheOptions& { return config.live.cache; };
  if (own(running) != own(next)) out.emplace_back("cache: differs from what is running");
  if (running.live.access_log != next.live.access_log) out.emplace_back("access_log: differs from what is running");
  const auto kernel = [](const Config& config) {
    return std::tie(config.live.guard.kernel, config.live.guard.interfaces);
  };
  if (kernel(running) != kernel(next)) out.emplace_back("guard.kernel: differs from what is running");
  if (running.live.guard.resolvers != next.live.guard.resolvers) {
    out.emplace_back("guard.resolvers: differs from what is running");
  }
  if (running.live.guard.secret != next.live.guard.secret) {
    out.emplace_back("guard.secret: differs from what is running");  // for visitors' cookies; a leaked one stays good
  }
  if (running.live.guard.previous_secret != next.live.guard.previous_secret) {
    out.emplace_back("guard.previous_secret: differs from what is running");
  }
  compare(out, "workers", workers_text(running.fixed.workers), workers_text(next.fixed.workers));
  compare(out, "user", running.fixed.user, next.fixed.user);
  compare(out, "group", running.fixed.group, next.fixed.group);
  compare(out, "store", running.fixed.store, next.fixed.store);
  return out;
}

}  // namespace tenfold::config
