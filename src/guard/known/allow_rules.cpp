#include "guard/known/allow_rules.hpp"

#include <algorithm>

#include "base/hmac.hpp"
#include "base/text/letters.hpp"
#include "http/normal_path.hpp"

namespace tenfold::guard {

namespace {

std::string_view bytes_of(const Sha256& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

bool fits_one(const std::vector<http::RequestPattern>& patterns, std::string_view method, std::string_view path) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) { return pattern.matches(method, path); });
}

}  // namespace

AllowRules::AllowRules(const std::vector<AllowRule>& rules, const std::vector<ApiKeyRule>& keys) {
  for (const AllowRule& rule : rules) {
    rules_.push_back({.name = rule.name,
                      .networks = AddressSet(rule.networks),
                      .paths = rule.paths,
                      .anywhere = rule.networks.empty()});
  }
  for (const ApiKeyRule& rule : keys) {
    auto header = std::ranges::find_if(
        key_headers_, [&](const KeyHeader& known) { return equal_but_for_case(known.name, rule.header); });
    if (header == key_headers_.end()) header = key_headers_.insert(header, {.name = rule.header, .keys = {}});
    for (const Sha256& hash : rule.hashes) header->keys.push_back({rule.name, hash});
  }
}

std::optional<std::string_view> AllowRules::match(const net::IpAddress& client, const http::RequestHead& request,
                                                  std::string_view path) const {
  for (const Rule& rule : rules_) {
    if (fits(rule, client, request, path)) return rule.name;
  }
  if (key_headers_.empty()) return {};
  return match_key(request.headers);
}

bool AllowRules::may_fit(const net::IpAddress& client) const {
  return std::ranges::any_of(rules_,
                             [&](const Rule& rule) { return !rule.anywhere && rule.networks.contains(client); });
}

bool AllowRules::may_fit_anybody() const {
  return !key_headers_.empty() || std::ranges::any_of(rules_, &Rule::anywhere);
}

std::optional<AllowRules::Reach> AllowRules::reach_of(const net::IpNetwork& network) const {
  std::optional<Reach> furthest;
  for (const Rule& rule : rules_) {
    if (rule.anywhere || !rule.networks.touches(network)) continue;
    const bool whole = rule.networks.contains(network);
    const auto of = !whole ? Reach::Of::some_addresses : rule.paths.empty() ? Reach::Of::all : Reach::Of::some_paths;
    if (!furthest || of < furthest->of) furthest = Reach{rule.name, of};
  }
  return furthest;
}

bool AllowRules::fits(const Rule& rule, const net::IpAddress& client, const http::RequestHead& request,
                      std::string_view path) {
  if (!rule.anywhere && !rule.networks.contains(client)) return false;
  if (rule.paths.empty()) return true;
  if (!fits_one(rule.paths, request.method_name, path)) return false;
  const std::string_view spelt = request.path();
  if (http::has_more_readings(spelt)) return false;
  return spelt == path || fits_one(rule.paths, request.method_name, spelt);
}

std::optional<std::string_view> AllowRules::match_key(const http::Headers& headers) const {
  int looked_at = 0;
  for (const http::Header& line : headers) {
    for (const KeyHeader& header : key_headers_) {
      if (line.name.size() != header.name.size() || !equal_but_for_case(line.name, header.name)) continue;
      if (looked_at++ == most_key_lines) return {};
      if (const Key* key = key_of(header, line.value)) return key->name;
    }
  }
  return {};
}

// All are compared, so that the time does not tell where the good ones stand.
const AllowRules::Key* AllowRules::key_of(const KeyHeader& header, std::string_view value) {
  constexpr std::string_view bearer = "bearer ";
  if (header.name.size() == std::string_view("authorization").size() &&
      equal_but_for_case(header.name, "authorization") && value.size() > bearer.size() &&
      equal_but_for_case(value.substr(0, bearer.size()), bearer)) {
    value.remove_prefix(bearer.size());
  }
  if (value.empty() || value.size() > longest_key) return nullptr;
  const Sha256 hash = sha256(value);
  const Key* found = nullptr;
  for (const Key& key : header.keys) {
    if (equal_in_constant_time(bytes_of(key.hash), bytes_of(hash))) found = &key;
  }
  return found;
}

}  // namespace tenfold::guard
