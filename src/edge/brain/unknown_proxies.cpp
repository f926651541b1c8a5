#include "edge/brain/unknown_proxies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace tenfold::edge {

void UnknownProxies::add(const PassedOnTable& table) {
  for (const auto& [network, passed] : table.networks()) {
    if (networks_.size() >= most_networks && !networks_.contains(network)) {
      networks_.erase(std::ranges::min_element(networks_, {}, [](const auto& each) { return each.second.requests; }));
    }
    networks_[network] += passed;
  }
}

bool UnknownProxies::judge(TimePoint now) {
  if (began_ == TimePoint()) began_ = now;
  const bool is_over = now - began_ >= period;
  if (is_over || (notes_.empty() && !networks_.empty())) notes_ = find();
  if (is_over) {
    networks_.clear();
    asked_ = 0;
    began_ = now;
  }
  return !notes_.empty() && !std::exchange(told_, true);
}

void UnknownProxies::forget() { *this = UnknownProxies(); }

std::vector<UnknownProxies::Note> UnknownProxies::find() const {
  std::vector<Note> notes;
  std::uint64_t passed_on = 0;
  for (const auto& [network, passed] : networks_) {
    if (static_cast<double>(passed.requests) < least_named) continue;
    const double named = passed.named.estimate();
    if (named < least_named) continue;
    passed_on += passed.requests;
    notes.push_back({.prefix = passed.one_address ? passed.address.text() : network.text(),
                     .requests = passed.requests,
                     .visitors = static_cast<std::uint64_t>(std::lround(named)),
                     .with_a_cookie = static_cast<std::uint64_t>(std::lround(passed.with_a_cookie.estimate()))});
  }
  if (passed_on * 2 < asked_) return {};
  std::ranges::sort(notes, std::ranges::greater(), &Note::requests);
  if (notes.size() > most_told) notes.resize(most_told);
  return notes;
}

std::string UnknownProxies::Note::text() const {
  return fmt::format(
      "{0} passes on requests of about {1} visitors (X-Forwarded-For or Forwarded), and no trusted_proxies names it: "
      "to the shield they are one client. If it is a proxy or CDN of yours, put {0} into trusted_proxies. If it is "
      "not, "
      "somebody forges the field: leave it out, or he chooses who he is ({2} of them brought a cookie of this edge's, "
      "which visitors who come again do)",
      prefix, visitors, with_a_cookie == 0 ? "none" : fmt::format("about {}", with_a_cookie));
}

}  // namespace tenfold::edge
