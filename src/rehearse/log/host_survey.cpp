#include "rehearse/log/host_survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text/letters.hpp"

namespace tenfold::rehearse {
namespace {

std::string plain_host(std::string_view host) {
  std::string name = lower_case(host.substr(0, host.find(':')));
  if (name.starts_with("www.")) name.erase(0, 4);
  return name;
}

}  // namespace

HostSurvey::HostSurvey(std::string_view wanted) : wanted_(plain_host(wanted)) {}

bool HostSurvey::see(std::string_view host) {
  if (last_ == nullptr || host != last_text_) {
    if (host.empty()) {
      of_others_ += !wanted_.empty();
      return wanted_.empty();
    }
    const std::string name = plain_host(host);
    last_wanted_ = wanted_.empty() || name == wanted_;
    auto at = hosts_.find(name);
    if (at == hosts_.end()) at = hosts_.emplace(hosts_.size() < most_hosts ? name : "(others)", 0).first;
    last_ = &at->second;
    last_text_ = host;
  }
  ++*last_;
  ++told_;
  of_others_ += !last_wanted_;
  return last_wanted_;
}

std::string HostSurvey::named() const {
  std::vector<std::pair<std::string, std::uint64_t>> all(hosts_.begin(), hosts_.end());
  std::ranges::sort(all, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 5); ++i)
    text += fmt::format("{}{} ({:.0f} %)", i > 0 ? ", " : "", all[i].first,
                        100 * static_cast<double>(all[i].second) / static_cast<double>(told_));
  return text + (all.size() > 5 ? fmt::format(" and {} more", all.size() - 5) : "");
}

std::string HostSurvey::several() const {
  const auto counts = std::ranges::count_if(hosts_, [&](const auto& host) { return host.second * 100 >= told_; });
  return counts > 1 ? named() : std::string();
}

}  // namespace tenfold::rehearse
