#include "config/cookie_domain.hpp"

#include <fmt/format.h>
#include <libpsl.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/text/letters.hpp"

namespace tenfold::config {
namespace {

struct FreeList {
  void operator()(psl_ctx_t* list) const { psl_free(list); }  // does nothing to the one that is built in
};
using SuffixList = std::unique_ptr<psl_ctx_t, FreeList>;

// Null only where libpsl was built without a list and the system has none: then nothing is known to be public.
SuffixList suffix_list() { return SuffixList(psl_latest(nullptr)); }

bool is_in(std::string_view host, std::string_view domain) {
  return host.ends_with(domain) && (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
}

// "https://Shop.example:8443/a": "shop.example". Empty: an address.
std::string host_of(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const std::string host = lower_case(url.substr(0, url.find_first_of(":/?#")));
  return host.starts_with('[') || HostPort{host, 0}.is_address() ? std::string() : host;
}

std::vector<std::string> hosts_of_routes(const Replaceable& live) {
  std::vector<std::string> hosts;
  for (const origin::RouteSettings& route : live.routes) {
    for (const std::string& host : route.hosts) {
      const std::string name = host.starts_with("*.") ? host.substr(2) : host;
      if (!HostPort{name, 0}.is_address()) hosts.push_back(name);
    }
  }
  return hosts;
}

std::vector<std::string> hosts_of_checks(const Replaceable& live) {
  std::vector<std::string> hosts;
  const auto add = [&](const watch::HttpProbe& probe) {
    if (std::string host = host_of(probe.url); !host.empty()) hosts.push_back(std::move(host));
  };
  for (const Check& check : live.watch.checks) {
    if (const auto* page = std::get_if<watch::HttpProbe>(&check.probe)) add(*page);
    const auto* journey = std::get_if<watch::JourneyProbe>(&check.probe);
    if (journey == nullptr) continue;
    for (const watch::JourneyStep& step : journey->steps) add(step.http);
  }
  return hosts;
}

}  // namespace

std::string why_no_cookie_domain(const std::string& domain) {
  if (HostPort{domain, 0}.is_address() || domain.find('.') == std::string::npos) {
    return fmt::format("{}, expected a domain such as shop.example: browsers take no cookie for anything else", domain);
  }
  const SuffixList list = suffix_list();
  if (list == nullptr || psl_is_public_suffix(list.get(), domain.c_str()) == 0) return {};
  return fmt::format(
      "{}, under which anybody registers names (publicsuffix.org), expected the shop's own, such as shop.{}: browsers "
      "take no cookie for all of {}, so that customers would be challenged for ever",
      domain, domain, domain);
}

std::string shop_name_outside(const std::string& domain, const Replaceable& live) {
  std::vector<std::string> hosts = hosts_of_routes(live);
  const SuffixList list = suffix_list();
  const char* const registered = list == nullptr ? nullptr : psl_registrable_domain(list.get(), domain.c_str());
  const auto is_left_out = [&](const std::string& host) {
    return registered != nullptr && is_in(host, registered) && !is_in(host, domain);
  };
  if (const auto at = std::ranges::find_if(hosts, is_left_out); at != hosts.end()) return *at;
  std::ranges::copy(hosts_of_checks(live), std::back_inserter(hosts));
  const bool one_is = std::ranges::any_of(hosts, [&](const std::string& host) { return is_in(host, domain); });
  return one_is || hosts.empty() ? std::string() : hosts.front();
}

}  // namespace tenfold::config
