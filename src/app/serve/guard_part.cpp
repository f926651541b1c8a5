#include "app/serve/guard_part.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "app/serve/guard_json.hpp"
#include "app/serve/kernel_json.hpp"
#include "app/serve/owners_word.hpp"
#include "base/log.hpp"
#include "base/text/iso_time.hpp"
#include "console/json.hpp"
#include "guard/measure/key.hpp"
#include "net/address.hpp"

namespace tenfold::app {

namespace {

using console::rounded;
using console::to_text;
using Json = nlohmann::ordered_json;

std::string_view mode_text(edge::GuardMode mode) {
  switch (mode) {
    case edge::GuardMode::off: return "off";
    case edge::GuardMode::observe: return "observe";
    case edge::GuardMode::enforce: return "enforce";
  }
  return "off";
}

std::optional<guard::Level> level_of(guard::judging::SubjectLevel level) {
  using From = guard::judging::SubjectLevel;
  switch (level) {
    case From::client: return guard::Level::client;
    case From::network: return guard::Level::network;
    case From::block: return guard::Level::block;
    default: return {};
  }
}

const guard::ladder::Measure* measure_on(const edge::GuardView& view, const guard::Prefix& prefix) {
  for (const guard::ladder::Measure& measure : view.plan.measures) {
    const auto level = level_of(measure.subject.level);
    if (level && guard::prefix_of(*level, static_cast<std::uint64_t>(measure.subject.id)) == prefix) return &measure;
  }
  return nullptr;
}

net::IpNetwork network_of(const guard::Prefix& prefix) { return *net::IpNetwork::parse(prefix.text()); }

// By whom, at which step, why and as whom its requests are met; "standing" is null where each request of it has its
// own.
Json heavy_json(const edge::GuardView& view, const guard::Heavy& heavy, TimePoint now) {
  const guard::ladder::Measure* const measure = measure_on(view, heavy.prefix);
  Json shown{{"prefix", heavy.prefix.text()},
             {"share", rounded(heavy.share)},
             {"origin_ms_per_s", rounded(heavy.usage.origin_us / 1000)},
             {"requests_per_s", rounded(heavy.usage.requests)},
             {"misses_per_s", rounded(heavy.usage.misses)},
             {"errors_per_s", rounded(heavy.usage.errors)},
             {"challenges_ignored_per_s", rounded(heavy.usage.challenges_ignored)},
             {"challenges_solved_per_s", rounded(heavy.usage.challenges_solved)},
             {"pages_per_s", rounded(heavy.usage.pages)},
             {"assets_per_s", rounded(heavy.usage.assets)},
             {"burnt_us_per_s", rounded(heavy.usage.burnt_us)},
             {"clients", static_cast<std::uint64_t>(heavy.spread)},
             {"for_s", whole_seconds(now - heavy.since)},
             {"by", measure == nullptr ? Json(nullptr) : Json("guard")},
             {"step", measure == nullptr ? "serve" : guard::ladder::name(measure->step)},
             {"why", measure == nullptr ? Json(nullptr) : Json(measure->reason())},
             {"standing", measure == nullptr ? Json(nullptr) : Json(guard::name(guard::Standing::suspect))}};
  say_owners_word(owners_word(view, view.lists, network_of(heavy.prefix)), shown);
  return shown;
}

// How the client looks, as far as requests that needed an origin told it.
Json labels_json(const guard::LabelsOfClient& labels) {
  if (labels.orders.count() == 0) return nullptr;
  const net::TlsFingerprint& tls = labels.last.tls;
  return {{"tls", tls.empty() ? Json(nullptr) : Json(tls.view())},
          {"tls_seen", labels.tls.count()},
          {"fields", labels.last.fields.text()},
          {"fields_seen", labels.orders.count()},
          {"session", labels.last.session}};
}

Json clients_json(const edge::GuardView& view, TimePoint now) {
  Json clients = Json::array(), networks = Json::array(), standings = Json::object();
  for (std::size_t i = 0; i < view.clients.size(); ++i) {
    clients.push_back(heavy_json(view, view.clients[i], now));
    clients.back()["labels"] = labels_json(view.labels[i]);
  }
  for (const guard::Heavy& heavy : view.networks) networks.push_back(heavy_json(view, heavy, now));
  for (std::size_t i = 0; i < guard::standings; ++i) {
    const edge::StandingWindow& use = view.by_standing[i];
    standings[std::string(guard::name(static_cast<guard::Standing>(i)))] = {{"requests_total", use.requests},
                                                                            {"asked_total", use.asked},
                                                                            {"answered_total", use.answered},
                                                                            {"origin_ms_total", use.origin_us / 1000}};
  }
  return {{"clients", std::move(clients)}, {"networks", std::move(networks)}, {"standings", std::move(standings)}};
}

// What the owner should look at: nothing is done about it.
Json notes_json(const edge::GuardView& view) {
  Json notes = Json::array();
  for (const edge::UnknownProxies::Note& note : view.unknown_proxies) {
    notes.push_back({{"about", "trusted_proxies"},
                     {"prefix", note.prefix},
                     {"visitors", note.visitors},
                     {"with_a_cookie", note.with_a_cookie},
                     {"text", note.text()}});
  }
  return notes;
}

Json guard_json(const edge::GuardView& view) {
  Json pools = Json::array();
  for (const edge::GuardView::Pool& pool : view.pools) {
    pools.push_back({{"name", pool.name},
                     {"limit", pool.limit.limit},
                     {"working", pool.working},
                     {"waiting", pool.waiting},
                     {"phase", guard::limit::name(pool.limit.phase)},
                     {"cause", guard::limit::name(pool.limit.cause)},
                     {"crowding", rounded(pool.limit.crowding)}});
  }
  return {{"mode", mode_text(view.mode)},
          {"posture", guard::judging::name(view.plan.posture)},
          {"since", console::time_or_null(view.posture_since)},
          {"looks_like", guard::judging::name(view.plan.likeness)},
          {"reasons", view.plan.reasons},
          {"strangers_need", guard::ladder::name(view.plan.strangers_need)},
          {"notes", notes_json(view)},
          {"pools", std::move(pools)},
          {"orders_seen", view.orders_seen},
          {"customers", view.customers},
          {"kernel", kernel_json(view.kernel)},
          {"crawlers", view.crawlers},
          {"shed_total", view.shed},
          {"denied_total", view.denied},
          {"challenges_shown_total", view.challenges_shown},
          {"challenges_solved_total", view.challenges_solved},
          {"challenges_ignored_total", view.challenges_ignored},
          {"busy_workers", view.busy_workers},
          {"burnt_ms_total", view.burnt_us / 1000},
          {"burnt_turned_away_total", view.burnt_turned_away},
          {"burnt_closed_total", view.burnt_closed}};
}

// Who turns its requests away: the kernel, before they reach Tenfold, or Tenfold.
std::string_view enforced_by(const edge::GuardView& view, const guard::ladder::Measure& measure) {
  const auto prefix = edge::prefix_of(measure.subject);
  const bool dropped = prefix && measure.step == guard::ladder::Step::drop && view.kernel.find(*prefix) != nullptr;
  return dropped ? "kernel" : "edge";
}

std::string_view enforced_by(const edge::GuardView& view, const net::IpNetwork& denied) {
  return std::ranges::binary_search(view.kernel.denied, denied) ? "kernel" : "edge";
}

// By the owner, or taken by the guard itself.
Json blocks_json(const edge::GuardView& view, TimePoint now, WallTime wall_now) {
  const bool acts = view.mode == edge::GuardMode::enforce;
  const LetBe let_be(view, view.lists);
  Json blocks = Json::array();
  for (const guard::OwnerEntry& entry : view.lists.deny) {
    blocks.push_back({{"prefix", entry.network.text()},
                      {"by", "owner"},
                      {"level", entry.network.prefix_bits() == 128 ? "client" : "network"},
                      {"step", guard::ladder::name(guard::ladder::Step::refuse)},
                      {"reason", entry.reason},
                      {"for_s", whole_seconds(wall_now - entry.added)},
                      {"ends_in_s", whole_seconds(entry.ends - wall_now)},
                      {"tried_on_a_tenth", false},
                      {"no_further_because", nullptr},
                      {"acts", acts && !let_be.contains(entry.network)},
                      {"enforced_by", enforced_by(view, entry.network)}});
  }
  for (const guard::ladder::Measure& measure : view.plan.measures) {
    const auto prefix = edge::prefix_of(measure.subject);
    const bool acts_on_it = acts && !(prefix && let_be.contains(network_of(*prefix)));
    blocks.push_back(
        {{"prefix", prefix_text(measure.subject)},
         {"by", "guard"},
         {"level", guard::judging::name(measure.subject.level)},
         {"step", guard::ladder::name(measure.step)},
         {"reason", measure.reason()},
         {"for_s", whole_seconds(now - measure.since)},
         {"ends_in_s", whole_seconds(measure.until - now)},
         {"tried_on_a_tenth", measure.reach == guard::ladder::Measure::Reach::canary},
         {"no_further_because",
          measure.bar == guard::ladder::Bar::none ? Json(nullptr) : Json(guard::ladder::words(measure.bar))},
         {"acts", acts_on_it},
         {"enforced_by", enforced_by(view, measure)}});
  }
  add_left_blocks(blocks, view, now);
  return {{"blocks", std::move(blocks)}};
}

// Of whom nothing is done that could be lifted.
console::ApiPart::Answer not_lifted(const OwnersWord& word) {
  if (word.is_denied()) return guard_refusal(409, "the owner's list holds it: " + word.text(), word.remedy);
  const std::string said = word.text();
  return guard_refusal(404, said.empty() ? "nothing is done about it" : "nothing is done about it: " + said,
                       "a prefix that /api/v1/blocks lists");
}

}  // namespace

std::vector<console::ApiPart::Endpoint> GuardPart::endpoints() const {
  return {{.path = "/api/v1/guard"},
          {.path = "/api/v1/clients"},
          {.path = "/api/v1/blocks"},
          {.path = "/api/v1/blocks/lift", .access = console::Access::change, .methods = "POST"}};
}

console::ApiPart::Answer GuardPart::answer(const Request& request) {
  if (brain_ == nullptr) return guard_refusal(503, "starting", "a moment's patience");
  if (request.path == "/api/v1/blocks/lift") return lift(request);
  const edge::GuardView view = brain_->view();
  const TimePoint now = clock_.now();
  if (request.path == "/api/v1/clients") return {.body = to_text(clients_json(view, now))};
  if (request.path == "/api/v1/blocks") return {.body = to_text(blocks_json(view, now, clock_.wall_now()))};
  return {.body = to_text(guard_json(view))};
}

// What the owner put there, what the guard did, or both.
console::ApiPart::Answer GuardPart::lift(const Request& request) {
  const auto network = network_in(Json::parse(request.body, nullptr, false));
  if (!network) return guard_refusal(400, "this names nobody", network.error().detail);
  const auto prefix = guard::Prefix::of(network->base(), static_cast<std::uint8_t>(network->prefix_bits()));
  const edge::GuardView view = brain_->view();
  const bool by_owner = brain_->take_out(&guard::OwnerEntries::deny, *network);
  // What the kernel has without a measure is the owner's, or was left.
  const guard::kernel::KernelBlocks::Block* const dropped = view.kernel.find(prefix);
  const bool by_guard = measure_on(view, prefix) != nullptr || (dropped != nullptr && dropped->is_left);
  const OwnersWord word = owners_word(view, brain_->entries(), *network);
  if (!by_owner && !by_guard) return not_lifted(word);
  if (by_guard) brain_->lift(prefix);
  log::info("guard: the owner lifts what is on {}", network->text());
  Json answered{{"lifted", prefix.text()}};
  if (word.is_denied()) answered["still"] = word.text();
  return {.body = to_text(answered)};
}

std::string GuardPart::reading() const {
  if (brain_ == nullptr) return {};
  return to_text(Json{{"guard", guard_json(brain_->view())}});
}

void GuardPart::write_metrics(MetricsText& text) const {
  if (brain_ == nullptr) return;
  const edge::GuardView view = brain_->view();
  text.gauge("tenfold_guard_posture", "How things stand: 0 calm, 1 strained, 2 besieged",
             static_cast<double>(view.plan.posture));
  text.gauge("tenfold_guard_acts", "1: the guard acts; 0: it observes, and counts what it would have done, or is off",
             view.mode == edge::GuardMode::enforce ? 1 : 0);
  text.gauge("tenfold_guard_measures", "Clients and networks about whom something is done",
             static_cast<double>(view.plan.measures.size()));
  for (const edge::GuardView::Pool& pool : view.pools) {
    text.gauge("tenfold_guard_limit", "Requests that are sent to the pool at once", pool.limit.limit,
               {{"pool", pool.name}});
  }
  for (const edge::GuardView::Pool& pool : view.pools) {
    text.gauge("tenfold_guard_working", "Requests that the pool works on", pool.working, {{"pool", pool.name}});
  }
  for (std::size_t i = 0; i < guard::standings; ++i) {
    text.counter("tenfold_guard_asked_total", "Requests that needed an origin, by standing",
                 static_cast<double>(view.by_standing[i].asked),
                 {{"standing", guard::name(static_cast<guard::Standing>(i))}});
  }
  for (std::size_t i = 0; i < guard::standings; ++i) {
    text.counter("tenfold_guard_origin_seconds_total", "Origin time taken, by standing",
                 static_cast<double>(view.by_standing[i].origin_us) / 1e6,
                 {{"standing", guard::name(static_cast<guard::Standing>(i))}});
  }
  text.counter("tenfold_guard_orders_total",
               "Orders that an origin confirmed, as sales.order says what one is; without those of our own rehearsals",
               static_cast<double>(view.orders_seen));
  text.counter("tenfold_guard_shed_total", "Requests sent away from the queue", static_cast<double>(view.shed));
  text.counter("tenfold_guard_denied_total",
               "Requests of those whom the owner has shut out, served while the guard observes",
               static_cast<double>(view.denied));
  text.counter("tenfold_guard_challenges_shown_total", "Challenges shown, or while the guard observes, not shown",
               static_cast<double>(view.challenges_shown));
  text.counter("tenfold_guard_challenges_solved_total", "Challenges solved",
               static_cast<double>(view.challenges_solved));
  text.counter("tenfold_guard_challenges_ignored_total", "Challenges ignored",
               static_cast<double>(view.challenges_ignored));
  text.gauge("tenfold_guard_busy_workers", "Workers that have less of a core than they want", view.busy_workers);
  text.counter(
      "tenfold_guard_burnt_seconds_total",
      "Time of the edge's own that was burnt by what is no whole request: connections, handshakes, tiny pieces",
      static_cast<double>(view.burnt_us) / 1e6);
  text.counter("tenfold_guard_burnt_turned_away_total",
               "Connections closed at once, while time was short, of those who burn more of it than their share",
               static_cast<double>(view.burnt_turned_away));
  text.counter("tenfold_guard_burnt_closed_total", "Times that a connection of theirs was told to end",
               static_cast<double>(view.burnt_closed));
  write_kernel_metrics(text, view.kernel);
}

}  // namespace tenfold::app
