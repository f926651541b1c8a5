#include "shop/troubles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "shop/html.hpp"

namespace tenfold::shop {
namespace {

// A number in [least, most]; the default when the key is absent.
Result<double> number(std::string_view query, std::string_view key, double least, double most, double otherwise) {
  const std::string text = html::form_value(query, key);
  if (text.empty()) return otherwise;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  return fail(Errc::invalid, fmt::format("{}: expected a number from {} to {}", key, least, most));
}

Result<void> set_broken(Troubles& troubles, std::string_view query) {
  const auto status = number(query, "status", 400, 599, 500);
  if (!status) return std::unexpected(status.error());
  const auto share = number(query, "share", 0, 1, 1);
  if (!share) return std::unexpected(share.error());
  troubles.broken_status = static_cast<int>(*status);
  troubles.broken_share = *share;
  return {};
}

Result<void> set_hung(Troubles& troubles, std::string_view query) {
  std::string prefix = html::form_value(query, "path");
  if (prefix.empty()) prefix = "/";
  if (!prefix.starts_with('/')) return fail(Errc::invalid, "path: expected a prefix that begins with /");
  if (std::ranges::find(troubles.hung, prefix) != troubles.hung.end()) return {};
  if (troubles.hung.size() >= Troubles::most_prefixes) {
    return fail(Errc::too_large,
                fmt::format("path: {} prefixes hang already, which is the most", troubles.hung.size()));
  }
  troubles.hung.push_back(std::move(prefix));
  return {};
}

Result<void> set_health(Troubles& troubles, std::string_view query) {
  const std::string state = html::form_value(query, "state");
  if (state == "ok") {
    troubles.health = Troubles::Health::good;
  } else if (state == "failing" || state.empty()) {
    troubles.health = Troubles::Health::failing;
  } else if (state == "hung") {
    troubles.health = Troubles::Health::hung;
  } else {
    return fail(Errc::invalid, "state: expected ok, failing or hung");
  }
  return {};
}

}  // namespace

bool Troubles::hangs(std::string_view path) const {
  return std::ranges::any_of(hung, [path](const std::string& prefix) { return path.starts_with(prefix); });
}

Result<void> apply(Troubles& troubles, std::string_view action, std::string_view query) {
  if (action == "slow") {
    const auto factor = number(query, "factor", 0.01, 1000, 10);
    if (!factor) return std::unexpected(factor.error());
    troubles.slow_factor = *factor;
    return {};
  }
  if (action == "broken") return set_broken(troubles, query);
  if (action == "cut") {
    const auto share = number(query, "share", 0, 1, 1);
    if (!share) return std::unexpected(share.error());
    troubles.cut_share = *share;
    return {};
  }
  if (action == "hung") return set_hung(troubles, query);
  if (action == "healthz") return set_health(troubles, query);
  if (action == "reset") {
    troubles = Troubles{};
    return {};
  }
  return fail(Errc::not_found, "slow, broken, cut, hung, healthz or reset");
}

}  // namespace tenfold::shop
