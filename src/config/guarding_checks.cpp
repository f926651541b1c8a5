#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text/glob.hpp"
#include "config/cookie_domain.hpp"
#include "config/sections.hpp"
#include "config/units.hpp"

// What must hold between worth, guard and sales: what is allowed each by itself, and together lets in whom it should
// not.
namespace tenfold::config {
namespace {

// Items of a list of guard's with one name: metrics and messages could not tell them apart.
template <class T>
void check_guards_names(const std::vector<T>& items, std::string_view key, const Node& guard, Reader& reader) {
  std::map<std::string_view, std::size_t> first;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto [at, added] = first.emplace(items[i].name, i);
    if (added || items[i].name.empty()) continue;
    reader.error(guard.item(key, i).at("name"),
                 fmt::format("guard.{}[{}].name: \"{}\" is the name of guard.{}[{}] too (line {})", key, i,
                             items[i].name, key, at->second, guard.item(key, at->second).mark.line));
  }
}

void check_open_doors(const std::vector<GuardAllow>& allow, const Node& guard, Reader& reader) {
  for (std::size_t i = 0; i < allow.size(); ++i) {
    const auto& networks = allow[i].networks;
    const auto anyone = std::ranges::find_if(networks, holds_anyone);
    if (anyone == networks.end() || !allow[i].paths.empty()) continue;
    const Node& at = guard.item("allow", i).at("networks");
    reader.warning(at, fmt::format("guard.allow[{}].networks: {} is {}, so the guard lets {} be, also who attacks; "
                                   "expected networks of somebody's; to act on nothing set guard.mode",
                                   i, anyone->text, anyone->text.ends_with("/0") ? "everywhere" : "half of the world",
                                   anyone->text.ends_with("/0") ? "everybody" : "all of them"));
  }
}

bool is_every_path(const RequestPattern& pattern) {
  return pattern.path.size() > 1 && pattern.path.find_first_not_of('*', 1) == std::string::npos;
}

// Whether a class is worth no more than all else, as guard::WorthClasses has it.
bool is_rest(const Worth& each) {
  return std::ranges::any_of(each.paths, [](const auto& p) { return p.method.empty() && is_every_path(p); });
}

bool share_a_method(const RequestPattern& one, const RequestPattern& other) {
  return one.method.empty() || other.method.empty() || one.method == other.method;
}

// Takes all that the other does, as far as texts tell.
bool covers(const RequestPattern& one, const RequestPattern& other) {
  return (one.method.empty() || one.method == other.method) && glob_matches(one.path, other.path);
}

// "/checkout*" and "/checkout/pay" are one place of the shop, "/cart*" and "/checkout*" are two.
bool are_two_places(const RequestPattern& one, const RequestPattern& other) {
  const auto beginning = [](const RequestPattern& p) { return std::string_view(p.path).substr(0, p.path.find('*')); };
  return !beginning(one).starts_with(beginning(other)) && !beginning(other).starts_with(beginning(one));
}

// Of the requests that are worth more than the rest those that count as orders.
std::vector<RequestPattern> taken_for_orders(const RequestPattern& order, const std::vector<Worth>& worth) {
  std::vector<RequestPattern> taken;
  for (const Worth& each : worth) {
    if (is_rest(each)) break;
    for (const RequestPattern& pattern : each.paths) {
      if (share_a_method(order, pattern) && glob_matches(order.path, pattern.path)) taken.push_back(pattern);
    }
  }
  return taken;
}

// Whoever orders is a customer: what anybody does without buying must not be an order.
void check_order_is_one(const RequestPattern& order, const std::vector<Worth>& worth, const Node& at, Reader& reader) {
  if (is_every_path(order)) {
    reader.warning(at,
                   fmt::format("sales.order: {} takes every such request for an order, so that whoever sends one is "
                               "a customer; expected the request that places an order, such as POST /checkout",
                               order.text()));
    return;
  }
  const std::vector<RequestPattern> taken = taken_for_orders(order, worth);
  for (const RequestPattern& other : taken) {
    if (!are_two_places(taken.front(), other)) continue;
    reader.warning(at, fmt::format("sales.order: {} takes both {} and {} for orders, so that whoever sends either has "
                                   "ordered; expected the request that places an order alone",
                                   order.text(), taken.front().text(), other.text()));
    return;
  }
}

// In a siege the order itself would wait as any page.
void check_order_is_worth_most(const RequestPattern& order, const std::vector<Worth>& worth, const Node& at,
                               Reader& reader) {
  if (worth.empty() || is_rest(worth.front()) || !taken_for_orders(order, worth).empty()) return;
  const auto first = std::ranges::find_if(worth, [&](const Worth& each) {
    return is_rest(each) || std::ranges::any_of(each.paths, [&](const auto& p) { return covers(p, order); });
  });
  if (first != worth.end() && !is_rest(*first)) return;
  reader.warning(at, fmt::format("sales.order: {} is in no entry of worth that comes before the rest, so that orders "
                                 "wait as any page; expected it in the first, \"{}\"",
                                 order.text(), worth.front().name));
}

// What changes something and is worth more than the rest counts as a basket.
void check_baskets(const std::vector<Worth>& worth, const Node& file, Reader& reader) {
  for (std::size_t i = 0; i < worth.size() && !is_rest(worth[i]); ++i) {
    for (const RequestPattern& pattern : worth[i].paths) {
      const bool reads = pattern.method == "GET" || pattern.method == "HEAD" || pattern.method == "OPTIONS";
      if (!is_every_path(pattern) || reads) continue;
      reader.warning(file.item("worth", i).at("paths"),
                     fmt::format("worth[{}].paths: {} is every such request, and each counts as a basket, so that "
                                 "whoever sends one is a customer; expected what the shop must not lose",
                                 i, pattern.text()));
    }
  }
}

// Where each name has cookies of its own, whoever is known at one is a stranger at the others.
void check_cookie_domain(const Replaceable& live, const Node& guard, Reader& reader) {
  const std::string& domain = live.guard.cookie_domain;
  if (domain.empty() || !why_no_cookie_domain(domain).empty()) return;
  if (const std::string left_out = shop_name_outside(domain, live); !left_out.empty()) {
    reader.warning(guard.at("cookie_domain"),
                   fmt::format("guard.cookie_domain: {} is not in {}, so that whoever is known at a name in it is a "
                               "stranger there; expected a domain that all names of the shop are in",
                               left_out, domain));
  }
}

}  // namespace

void check_guarding(const Replaceable& live, const Node& file, Reader& reader) {
  const Node& guard = file.at("guard");
  check_guards_names(live.guard.allow, "allow", guard, reader);
  check_guards_names(live.guard.deny, "deny", guard, reader);
  check_guards_names(live.guard.api_keys, "api_keys", guard, reader);
  const bool is_on = live.guard.mode != GuardMode::off;
  if (is_on) check_open_doors(live.guard.allow, guard, reader);
  if (is_on) check_baskets(live.worth, file, reader);
  if (is_on) check_cookie_domain(live, guard, reader);
  if (!live.sales.order || live.sales.order->path.empty()) return;
  const Node& order = file.at("sales").at("order");
  check_order_is_one(*live.sales.order, live.worth, order, reader);
  if (is_on) check_order_is_worth_most(*live.sales.order, live.worth, order, reader);
}

}  // namespace tenfold::config
