#include "edge/admit/measure.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "edge/admit/favoured.hpp"
#include "edge/admit/gatekeeper.hpp"
#include "edge/admit/meet.hpp"
#include "edge/admit/passed_on.hpp"
#include "edge/visit.hpp"
#include "edge/worker/displacing.hpp"
#include "guard/measure/key.hpp"
#include "guard/measure/labels.hpp"

namespace tenfold::edge {

namespace {

using guard::Standing;

enum class AskedFor : std::uint8_t { page, asset, other };

// By what the browser says, else by how the path ends.
AskedFor asked_for(const Visit& visit) {
  if (visit.request().method != http::Method::get) return AskedFor::other;
  const auto accept = visit.request().headers.find(http::Field::accept);
  if (accept && accept->find("text/html") != std::string_view::npos) return AskedFor::page;
  constexpr std::array<std::string_view, 14> endings{".css", ".js",   ".png",  ".jpg",   ".jpeg", ".gif", ".svg",
                                                     ".ico", ".webp", ".avif", ".woff2", ".woff", ".mp4", ".mjs"};
  const bool asset =
      std::ranges::any_of(endings, [&](std::string_view ending) { return visit.path.ends_with(ending); });
  return asset ? AskedFor::asset : AskedFor::other;
}

guard::Usage usage_of(const Visit& visit, Duration origin_time, AskedFor what) {
  const GuardFacts& facts = visit.guarded;
  guard::Usage usage{.requests = 1};
  usage.origin_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(origin_time).count());
  usage.misses = visit.attempts != 0 ? 1 : 0;
  usage.errors = visit.attempts != 0 && visit.exchange.status_sent() >= 400 ? 1 : 0;
  usage.asked = facts.known_yet && !facts.rides_along && !facts.is_for_guard ? 1 : 0;
  usage.known = facts.is_customers() ? 1 : 0;
  usage.challenges_solved = facts.has_solved ? 1 : 0;
  usage.challenges_ignored = facts.has_ignored ? 1 : 0;
  usage.challenges_shown = facts.was_challenged ? 1 : 0;
  usage.pages = what == AskedFor::page ? 1 : 0;
  usage.assets = what == AskedFor::asset ? 1 : 0;
  return usage;
}

bool brings_session(const Visit& visit) {
  const guard::CookieNames& names = visit.guard->rules->session_cookies;
  return std::ranges::any_of(visit.request().headers, [&](const http::Header& header) {
    return header.field == http::Field::cookie && !names.session_in(header.value).empty();
  });
}

// Once the answer is on its way: nobody waits for it. A proxy's TLS says nothing of its client.
guard::Labels labels_of(const Visit& visit) {
  guard::Labels labels{.fields = guard::field_order(visit.request().headers)};
  labels.session = labels.fields.cookie && brings_session(visit);
  const net::TlsInfo* const tls = visit.exchange.tls();
  if (tls != nullptr && visit.client.source == ClientSource::connection) labels.tls = tls->fingerprint;
  return labels;
}

// Also for what comes on the connection and needs no origin: from a cache hit nothing is found out about anybody.
void set_idle_turn(Visit& visit) {
  using http::IdleTurn;
  if (visit.guard->mode() != GuardMode::enforce) return;
  const GuardFacts& facts = visit.guarded;
  // Where there is something: an address of the checkout's that the shop knows nothing of is anybody's to ask for.
  const bool was_answered = visit.exchange.status_sent() != 0 && visit.exchange.status_sent() < 400;
  const bool is_at_checkout = facts.precious && facts.rank <= guard::Rank::known && was_answered;
  // From before the trouble, or cleared in it; where there is none, by what it did.
  const bool counts =
      visit.guard->state->trouble_began ? facts.standing <= Standing::cleared : is_proven_customer(facts);
  if (!counts) {
    visit.exchange.set_idle_turn(IdleTurn::first);
  } else if (!is_at_checkout || !is_favoured(visit)) {
    visit.exchange.set_idle_turn(IdleTurn::second);
  } else {
    visit.exchange.set_idle_turn(IdleTurn::last, think_time);
  }
}

}  // namespace

void measure(Visit& visit) {
  if (visit.guard->mode() == GuardMode::off || visit.site.gatekeeper == nullptr) return;
  GuardWindow& window = visit.site.gatekeeper->window();
  const GuardFacts& facts = visit.guarded;
  const AskedFor what = asked_for(visit);
  const guard::Usage usage = usage_of(visit, visit.origin_time, what);
  window.meter.add(visit.client.address, usage);
  if (facts.known_yet) {
    window.labels.note(guard::client_key(visit.client.address), labels_of(visit));
    note_passed_on(visit, visit.site.guard_memory->key, window.passed_on);
    set_idle_turn(visit);
  }
  StandingWindow& standing = window.of(facts.standing);
  ++standing.requests;
  standing.answered += usage.misses;
  standing.origin_us += usage.origin_us;
  window.errors += visit.exchange.status_sent() >= 400 ? 1 : 0;
  if (facts.standing >= Standing::stranger) {
    window.stranger_pages += usage.pages;
    window.stranger_assets += usage.assets;
    window.strangers_in_known_networks += facts.past.network_days != 0 ? 1 : 0;
  }
  settle(visit);
  if (visit.site.burnt_watch != nullptr) visit.site.burnt_watch->note_guest(visit);
  if (facts.standing == Standing::known && facts.seen && facts.seen->deeds != guard::Deeds()) {
    visit.site.guard_memory->customers.note(guard::Prefix::of(visit.client.address, guard::Level::network),
                                            visit.now());
  }
  if (facts.standing == Standing::known && window.known_visits.size() < GuardWindow::most_visits) {
    window.known_visits.push_back({facts.bearer, visit.client.address});
  }
  const int status = visit.exchange.status_sent();
  if (visit.attempts != 0 && status >= 200 && status < 400)
    visit.site.guard_memory->kinds.learn(visit.request(), visit.path);
}

}  // namespace tenfold::edge
