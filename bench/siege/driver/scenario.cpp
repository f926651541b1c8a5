#include "scenario.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tenfold::siege {
namespace {

using nlohmann::json;

constexpr double longest_s = 1800;
constexpr double most_per_s = 20'000;
constexpr std::uint32_t most_connections = 60'000;

constexpr std::array<std::pair<std::string_view, Vector>, 17> vectors{{
    {"search", Vector::search},
    {"random_query", Vector::random_query},
    {"walk", Vector::walk},
    {"cart", Vector::cart},
    {"login", Vector::login},
    {"checkout", Vector::checkout},
    {"picture", Vector::picture},
    {"page", Vector::page},
    {"crawler", Vector::crawler},
    {"clear_wrong", Vector::clear_wrong},
    {"clear_replay", Vector::clear_replay},
    {"place", Vector::place},
    {"slow_head", Vector::slow_head},
    {"slow_body", Vector::slow_body},
    {"slow_read", Vector::slow_read},
    {"tls_handshake", Vector::tls_handshake},
    {"upgrade", Vector::upgrade},
}};
constexpr std::array<std::pair<std::string_view, Kind>, 3> kinds{
    {{"browser", Kind::browser}, {"no_script", Kind::no_script}, {"app", Kind::app}}};
constexpr std::array<std::pair<std::string_view, Wave::Cookies>, 3> cookie_habits{
    {{"none", Wave::Cookies::none}, {"kept", Wave::Cookies::kept}, {"farmed", Wave::Cookies::farmed}}};

template <class Table>
auto named(const Table& table, const std::string& name) -> Result<decltype(table.front().second)> {
  const auto found = std::ranges::find(table, name, [](const auto& row) { return row.first; });
  if (found == table.end()) return fail(Errc::invalid, "unknown word \"" + name + "\"");
  return found->second;
}

// Addresses are IPv4 as numbers, which keeps a scenario of 100,000 of them small, or text.
Result<net::IpAddress> address_of(const json& value) {
  if (value.is_number_unsigned()) return net::IpAddress::v4(value.get<std::uint32_t>());
  return net::IpAddress::parse(value.get<std::string>());
}

// Nothing but loopback is ever played against.
Result<net::Endpoint> loopback(const json& value) {
  const auto endpoint = net::Endpoint::parse(value.get<std::string>());
  if (!endpoint) return std::unexpected(endpoint.error());
  if (!endpoint->address.is_loopback()) return fail(Errc::refused, endpoint->text() + " is not on loopback");
  return *endpoint;
}

Result<PlannedVisit> visit_of(const json& from) {
  PlannedVisit visit;
  visit.at_s = from.at("at_s");
  visit.earlier_at_s = from.value("earlier_at_s", -1.0);
  visit.earlier_order = from.value("earlier_order", false);
  visit.searches = from.value("searches", false);
  visit.hashes_per_s = from.at("hashes_per_s");
  visit.think_s = from.at("think_s").get<std::vector<double>>();
  visit.seed = from.at("seed");
  const auto kind = named(kinds, from.at("kind"));
  const auto address = address_of(from.at("address"));
  if (!kind) return std::unexpected(kind.error());
  if (!address) return std::unexpected(address.error());
  if (visit.think_s.size() != 5) return fail(Errc::invalid, "a visit has five times to think");
  if (visit.hashes_per_s < 1) return fail(Errc::invalid, "hashes_per_s: expected at least 1");
  visit.kind = *kind;
  visit.address = *address;
  return visit;
}

Result<Wave> wave_of(const json& from) {
  Wave wave;
  wave.name = from.at("name");
  wave.from_s = from.at("from_s");
  wave.to_s = from.at("to_s");
  wave.per_s = from.at("per_s");
  wave.per_s_at_end = from.value("per_s_at_end", wave.per_s);
  wave.solving = from.value("solving", 0.0);
  wave.farmed = from.value("farmed", 0u);
  wave.timeout_s = from.value("timeout_s", 10.0);
  wave.keep_alive = from.value("keep_alive", true);
  wave.order = from.value("in_turn", false) ? Wave::Order::in_turn : Wave::Order::drawn;
  wave.seed = from.at("seed");
  const auto what = named(vectors, from.at("what"));
  const auto cookies = named(cookie_habits, from.value("cookies", "none"));
  if (!what) return std::unexpected(what.error());
  if (!cookies) return std::unexpected(cookies.error());
  wave.what = *what;
  wave.cookies = *cookies;
  for (const json& each : from.at("sources")) {
    const auto address = address_of(each);
    if (!address) return std::unexpected(address.error());
    wave.sources.push_back(*address);
  }
  const bool rates =
      wave.per_s >= 0 && wave.per_s <= most_per_s && wave.per_s_at_end >= 0 && wave.per_s_at_end <= most_per_s;
  if (!rates || wave.sources.empty() || wave.to_s > longest_s || wave.from_s > wave.to_s) {
    return fail(Errc::invalid, "wave " + wave.name + ": rates, sources or times are out of bounds");
  }
  return wave;
}

Result<Scenario> scenario_of(const json& from) {
  Scenario scenario;
  const auto target = loopback(from.at("target"));
  if (!target) return std::unexpected(target.error());
  scenario.target = *target;
  if (from.contains("target_v6")) {
    const auto target_v6 = loopback(from.at("target_v6"));
    if (!target_v6) return std::unexpected(target_v6.error());
    scenario.target_v6 = *target_v6;
  }
  if (from.contains("tls_target")) {
    const auto tls_target = loopback(from.at("tls_target"));
    if (!tls_target) return std::unexpected(tls_target.error());
    scenario.tls_target = *tls_target;
  }
  scenario.siege_at_s = from.at("siege_at_s");
  scenario.end_s = from.at("end_s");
  scenario.most_connections = std::min(from.at("most_connections").get<std::uint32_t>(), most_connections);
  scenario.categories = from.at("categories").get<std::vector<std::string>>();
  scenario.products = from.at("products").get<std::vector<std::string>>();
  scenario.words = from.at("words").get<std::vector<std::string>>();
  if (scenario.end_s <= 0 || scenario.end_s > longest_s)
    return fail(Errc::invalid, "end_s: expected up to half an hour");
  if (scenario.categories.empty() || scenario.products.empty() || scenario.words.empty()) {
    return fail(Errc::invalid, "categories, products and words must not be empty");
  }
  for (const json& each : from.at("visits")) {
    auto visit = visit_of(each);
    if (!visit) return std::unexpected(visit.error());
    scenario.visits.push_back(std::move(*visit));
  }
  for (const json& each : from.at("waves")) {
    auto wave = wave_of(each);
    if (!wave) return std::unexpected(wave.error());
    if (wave->what == Vector::tls_handshake && scenario.tls_target.port == 0) {
      return fail(Errc::invalid, "tls_handshake needs a tls_target");
    }
    scenario.waves.push_back(std::move(*wave));
  }
  return scenario;
}

}  // namespace

Result<Scenario> parse_scenario(const std::string& text) {
  try {
    return scenario_of(json::parse(text));
  } catch (const json::exception& error) {
    return fail(Errc::invalid, error.what());
  }
}

}  // namespace tenfold::siege
