#include "app/wiring/known_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>
#include <vector>

#include "app/wiring/own_hosts.hpp"
#include "watch/probe/address.hpp"
#include "watch/probe/check.hpp"
#include "watch/probe/destination.hpp"

namespace tenfold::app {

namespace {

enum class ComesAs { customer, customer_if_here, stranger };

// Of a journey those that are known before it is walked.
std::vector<watch::Destination> destinations_of(const watch::Probe& probe) {
  std::vector<watch::Destination> all;
  const auto add = [&](const watch::HttpProbe& http) {
    if (auto to = watch::destination_of(http.url)) all.push_back(std::move(*to));
  };
  if (const auto* const http = std::get_if<watch::HttpProbe>(&probe)) add(*http);
  if (const auto* const journey = std::get_if<watch::JourneyProbe>(&probe)) {
    for (const watch::JourneyStep& step : journey->steps) {
      if (!step.http.url.starts_with('{')) add(step.http);
    }
  }
  return all;
}

ComesAs comes_as(const OwnHosts& hosts, watch::Destination to) {
  if (const auto address = watch::Address::parse(to.host)) to.addresses = {address->text()};
  if (hosts.have(to)) return ComesAs::customer;
  return to.addresses.empty() && hosts.have_port(to) ? ComesAs::customer_if_here : ComesAs::stranger;
}

}  // namespace

std::string known_checks(const config::Replaceable& live) {
  if (live.guard.mode == config::GuardMode::off) return {};
  const OwnHosts hosts(live.listen);
  std::array<std::vector<std::string>, 3> names;
  for (const watch::Check& check : live.watch.checks) {
    const auto all = destinations_of(check.probe);
    if (all.empty()) continue;
    ComesAs worst = ComesAs::customer;
    for (const watch::Destination& to : all) worst = std::max(worst, comes_as(hosts, to));
    names[static_cast<std::size_t>(worst)].push_back(check.name);
  }
  constexpr std::array<std::string_view, 3> words{"as a customer", "as a customer if its name leads to this machine",
                                                  "as a stranger"};
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) parts.push_back(fmt::format("{}: {}", words[i], fmt::join(names[i], ", ")));
  }
  return parts.empty() ? std::string() : fmt::format("to the shield {}", fmt::join(parts, "; "));
}

}  // namespace tenfold::app
