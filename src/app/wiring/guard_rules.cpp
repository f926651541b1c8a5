#include "app/wiring/guard_rules.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "app/wiring/kernel_blocks.hpp"
#include "app/wiring/networks.hpp"
#include "app/wiring/page_accent.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "guard/pages/pages.hpp"
#include "net/address.hpp"

namespace tenfold::app {

namespace {

http::RequestPattern pattern(const config::RequestPattern& from) { return {from.method, from.path}; }

std::vector<http::RequestPattern> patterns(const std::vector<config::RequestPattern>& from) {
  std::vector<http::RequestPattern> to;
  to.reserve(from.size());
  for (const config::RequestPattern& each : from) to.push_back(pattern(each));
  return to;
}

edge::GuardMode mode_of(config::GuardMode from) {
  switch (from) {
    case config::GuardMode::off: return edge::GuardMode::off;
    case config::GuardMode::observe: return edge::GuardMode::observe;
    case config::GuardMode::enforce: return edge::GuardMode::enforce;
  }
  return edge::GuardMode::off;
}

edge::LeftOut left_out(const std::vector<config::GuardPart>& parts) {
  const auto has = [&](config::GuardPart part) { return std::ranges::find(parts, part) != parts.end(); };
  return {.fairness = has(config::GuardPart::fairness),
          .standing = has(config::GuardPart::standing),
          .challenge = has(config::GuardPart::challenge)};
}

guard::AllowRules allow_rules(const config::Guard& from) {
  std::vector<guard::AllowRule> rules;
  for (const config::GuardAllow& each : from.allow) {
    rules.push_back({.name = each.name, .networks = networks_of(each.networks), .paths = patterns(each.paths)});
  }
  std::vector<guard::ApiKeyRule> keys;
  for (const config::GuardApiKey& each : from.api_keys) {
    guard::ApiKeyRule& rule = keys.emplace_back();
    rule.name = each.name;
    rule.header = each.header;
    for (const config::Secret& key : each.keys) rule.hashes.push_back(sha256(key.reveal()));
  }
  return {rules, keys};
}

guard::AllowRules deny_rules(const config::Guard& from) {
  std::vector<guard::AllowRule> rules;
  for (const config::GuardDeny& each : from.deny) {
    rules.push_back({.name = each.name, .networks = networks_of(each.networks), .paths = {}});
  }
  return {rules, {}};
}

}  // namespace

guard::WorthClasses worth_classes(const config::Replaceable& live) {
  std::vector<guard::WorthClass> classes;
  for (const config::Worth& each : live.worth) classes.push_back({each.name, patterns(each.paths)});
  return guard::WorthClasses(std::move(classes));
}

std::shared_ptr<const edge::GuardRules> guard_rules(const config::Replaceable& live) {
  auto rules = std::make_shared<edge::GuardRules>();
  rules->mode = mode_of(live.guard.mode);
  rules->without = left_out(live.guard.without);
  rules->worth = worth_classes(live);
  rules->allow = allow_rules(live.guard);
  rules->deny = deny_rules(live.guard);
  for (const config::GuardDeny& each : live.guard.deny) {
    std::ranges::copy(networks_of(each.networks), std::back_inserter(rules->denied));
  }
  rules->never_dropped = never_dropped(live);
  rules->cookie_domain = live.guard.cookie_domain;
  rules->pages = std::make_shared<const guard::GuardPages>(live.shop, page_accent(live));
  if (live.sales.order) rules->order = pattern(*live.sales.order);
  return rules;
}

}  // namespace tenfold::app
