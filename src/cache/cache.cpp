#include "cache/cache.hpp"

#include <absl/hash/hash.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/result.hpp"
#include "cache/cache_state.hpp"
#include "cache/policy/reuse.hpp"

namespace tenfold::cache {

namespace {

using http::Field;

constexpr std::size_t least_memory_bytes = 1024 * 1024;

CacheOptions bounded(CacheOptions options) {
  options.memory_bytes = std::max(options.memory_bytes, least_memory_bytes);
  options.max_object_bytes = std::min(options.max_object_bytes, options.memory_bytes / 8);
  return options;
}

// What a lookup learned about its request.
struct Sought {
  const Key& key;
  const RequestTerms& terms;
  Store::Selected selected;
  Reuse reuse;  // if selected.entry
};

Forward forward_of(const Sought& sought) {
  if (sought.selected.entry) return sought.reuse.use == Use::never ? Forward::request : Forward::stale;
  return sought.selected.why == Store::Selected::Why::no_key ? Forward::uri_miss : Forward::vary_miss;
}

// True when what the origin gives this request is not to be given to others, whatever it says.
bool keeps_nothing(const RequestTerms& terms, const CacheOptions& options) {
  return terms.outsized || (terms.directives.no_store && options.client_directives == ClientDirectives::revalidate);
}

// True when a fetch for this request could not serve others, or what is stored says that its successor will not.
bool is_for_itself(const Sought& sought) {
  if (sought.terms.authorization) return true;
  if (!sought.selected.entry) return false;
  const Terms& terms = sought.selected.entry->terms();
  return !terms.came_fresh() || (terms.heuristic && sought.terms.cookie);
}

Asker::Session session_of(const RequestTerms& terms) {
  return terms.cookie ? Asker::Session::cookies : Asker::Session::none;
}

bool fits(const Entry& entry, const http::RequestHead& request) {
  Variant variant;
  return variant.select(entry.vary().get(), request) && variant.text() == entry.variant();
}

struct SplitUri {
  std::string_view scheme;
  std::string_view authority;
  std::string_view target;
};

// An absolute http(s) URI without its fragment; the target of "https://shop.example" is "/".
std::optional<SplitUri> split_uri(std::string_view uri) {
  uri = uri.substr(0, uri.find('#'));
  const auto colon = uri.find("://");
  if (colon == std::string_view::npos) return {};
  SplitUri parts{uri.substr(0, colon), uri.substr(colon + 3), "/"};
  const auto slash = parts.authority.find_first_of("/?");
  if (slash != std::string_view::npos) {
    parts.target = parts.authority.substr(slash);
    parts.authority = parts.authority.substr(0, slash);
  }
  if (parts.authority.empty() || !parts.target.starts_with('/')) return {};
  return parts;
}

std::optional<std::string_view> uri_key_text(std::string_view uri, Arena& arena) {
  const auto parts = split_uri(uri);
  if (!parts) return {};
  return key_text(parts->scheme, parts->authority, parts->target, arena);
}

}  // namespace

CacheState::CacheState(const CacheOptions& given, const Clock& with)
    : options(bounded(given)),
      clock(with),
      ledger(options.memory_bytes),
      store(ledger, clock, options.max_variants),
      holds(options.memory_bytes / 2),
      flights(store, options, purges) {
  TENFOLD_ASSERT(ledger.try_take(sizeof(CacheState) - sizeof(Store)));
}

std::size_t CacheState::forget(const Key& key) {
  purges.purged(key.hash);
  const std::size_t count = store.remove_key(key);
  counters(key.hash).purged.add(count);
  return count;
}

// The steps of a lookup, beside the interface.
struct Cache::Steps {
  CacheState& cache;
  const http::RequestHead& request;
  TimePoint now;
  std::uint64_t client;

  std::optional<Asker> asker_ = {};  // what asker() made: cookies are long, and hits need no hash of them

  const Asker& asker() {
    if (asker_) return *asker_;
    const auto cookies = request.headers.find(Field::cookie);
    return asker_.emplace(cookies ? Asker{Asker::Session::cookies, absl::HashOf(*cookies), client}
                                  : Asker{Asker::Session::none, 0, client});
  }

  Found hit(const Sought& sought) {
    cache.counters(sought.key.hash).hits.add();
    return Hit{sought.selected.entry, sought.reuse.age_s, sought.reuse.ttl_s};
  }

  Found stale(const Sought& sought, Stale::Reason reason) {
    const EntryPtr& entry = sought.selected.entry;
    cache.counters(sought.key.hash).stale_hits.add();
    Fill refresh;
    const bool may_refresh =
        !sought.terms.head && !is_for_itself(sought) && !keeps_nothing(sought.terms, cache.options);
    if (may_refresh && entry->lease_refresh(now, cache.options.longest_fetch, session_of(sought.terms))) {
      refresh = fill(sought.key, FillState::Kind::background, entry, nullptr);
    }
    return Stale{entry, sought.reuse.age_s, sought.reuse.ttl_s, reason, std::move(refresh)};
  }

  Fill fill(const Key& key, FillState::Kind kind, EntryPtr entry, std::shared_ptr<Flight> flight) {
    cache.counters(key.hash).misses.add();
    return Fill(std::make_unique<FillState>(cache, key, kind, asker(), std::move(entry), std::move(flight)));
  }

  Found bypass(std::uint64_t hash, Forward forward, std::string_view detail) {
    cache.counters(hash).bypasses.add();
    return Bypass{forward, detail};
  }

  Sought seek(const Key& key, const RequestTerms& terms, Variant& variant) {
    Sought sought{key, terms, cache.store.select(key, request, variant), {}};
    if (const EntryPtr& entry = sought.selected.entry) {
      sought.reuse = reuse(entry->terms(), entry->received(), terms, cache.options.client_directives, now);
    }
    return sought;
  }

  Found alone(const Key& key, Forward forward, EntryPtr entry) {
    return Miss{fill(key, FillState::Kind::alone, std::move(entry), nullptr), forward};
  }

  Found fetch(const Sought& sought, Variant& variant) {
    using Why = Store::Selected::Why;
    const Key& key = sought.key;
    const Forward forward = forward_of(sought);
    EntryPtr entry = sought.reuse.use == Use::never ? EntryPtr() : sought.selected.entry;
    if (sought.terms.directives.only_if_cached) return Unavailable{Unavailable::Reason::only_if_cached};
    if (sought.terms.head) return bypass(key.hash, forward, "head");
    if (sought.terms.range && !entry) return bypass(key.hash, forward, "range");
    if (sought.selected.why == Why::too_long) return bypass(key.hash, forward, "vary");
    if (keeps_nothing(sought.terms, cache.options)) {
      return Miss{fill(key, FillState::Kind::unkept, std::move(entry), nullptr), forward};
    }
    if (sought.terms.authorization) {
      return Miss{fill(key, FillState::Kind::authorized, std::move(entry), nullptr), forward};
    }
    if (is_for_itself(sought)) return alone(key, forward, std::move(entry));

    Flights::Boarding boarding = cache.flights.board(key.text, variant.text(), key.hash, asker(), now);
    switch (boarding.role) {
      case Flights::Role::alone: return alone(key, forward, std::move(entry));
      case Flights::Role::busy: return Unavailable{Unavailable::Reason::busy};
      case Flights::Role::waiter: return Wait{std::move(boarding.flight), forward, asker()};
      case Flights::Role::fetcher: break;
    }
    // Another fetch may have landed between the look at the store and the boarding.
    const Sought again = seek(key, sought.terms, variant);
    if (again.selected.entry && again.reuse.use == Use::fresh) {
      cache.flights.land(*boarding.flight, Landing::stored, again.selected.entry);
      return hit(again);
    }
    return Miss{fill(key, FillState::Kind::shared, std::move(entry), std::move(boarding.flight)), forward};
  }

  Found after_wait(Flights::Ended ended, const Wait& waited, const Key& key) {
    using Outcome = Flights::Outcome;
    const RequestTerms terms = request_terms(request);
    if (ended.outcome == Outcome::stored || ended.outcome == Outcome::failed || ended.outcome == Outcome::turned_away) {
      return landed(std::move(ended), key, terms);
    }
    if (ended.outcome == Outcome::busy) return Unavailable{Unavailable::Reason::busy};
    if (ended.outcome == Outcome::released) return alone(key, waited.forward, {});
    Variant variant;
    Sought sought = seek(key, terms, variant);
    EntryPtr entry = sought.selected.entry && sought.reuse.use != Use::never ? sought.selected.entry : EntryPtr();
    if (ended.outcome == Outcome::promoted) {
      return Miss{fill(key, FillState::Kind::shared, std::move(entry), waited.flight), waited.forward};
    }
    if (ended.outcome == Outcome::cancelled) return Unavailable{Unavailable::Reason::cancelled};
    if (entry && sought.reuse.use == Use::fresh) return hit(sought);
    if (entry && sought.reuse.stale_if_error) return stale(sought, Stale::Reason::origin_failed);
    return alone(key, waited.forward, std::move(entry));
  }

  Found landed(Flights::Ended ended, const Key& key, const RequestTerms& terms) {
    const bool failed = ended.outcome != Flights::Outcome::stored;
    const Unavailable unavailable{ended.outcome == Flights::Outcome::turned_away ? Unavailable::Reason::turned_away
                                                                                 : Unavailable::Reason::fetch_failed};
    if (!ended.entry) return unavailable;
    const Reuse state = reuse(ended.entry->terms(), ended.entry->received(), terms, ClientDirectives::ignore, now);
    if (fits(*ended.entry, request)) {
      CacheCounters& counters = cache.counters(key.hash);
      if (failed && state.stale_if_error) {
        counters.stale_hits.add();
        return Stale{std::move(ended.entry), state.age_s, state.ttl_s, Stale::Reason::origin_failed, {}};
      }
      if (!failed && state.use == Use::fresh) {
        counters.collapsed.add();
        return Hit{std::move(ended.entry), state.age_s, state.ttl_s, true, ended.backed};
      }
    }
    if (failed) return unavailable;
    return look(key, terms);
  }

  Found look(const Key& key, const RequestTerms& terms) {
    Variant variant;
    const Sought sought = seek(key, terms, variant);
    if (sought.selected.entry) {
      if (sought.reuse.use == Use::fresh) return hit(sought);
      if (sought.reuse.use == Use::stale_while_revalidate) return stale(sought, Stale::Reason::while_revalidating);
      if (sought.reuse.stale_if_error && sought.selected.entry->last_refresh_failed()) {
        return stale(sought, Stale::Reason::origin_failed);
      }
    }
    return fetch(sought, variant);
  }
};

Cache::Cache(const CacheOptions& options, const Clock& clock) : state_(std::make_unique<CacheState>(options, clock)) {}
Cache::~Cache() = default;
const CacheOptions& Cache::options() const { return state_->options; }

std::optional<Key> Cache::key_of(const http::RequestHead& request, Arena& arena) const {
  const auto text = key_text(request.scheme, request.authority, request.target, arena);
  if (!text) return {};
  return Key{*text, key_hash(*text, state_->options.hash_seed)};
}

Found Cache::lookup(const Key& key, const http::RequestHead& request, TimePoint now, std::uint64_t client) {
  Steps steps{*state_, request, now, client};
  const RequestTerms terms = request_terms(request);
  if (!terms.cacheable_method) return steps.bypass(key.hash, Forward::method, "");
  if (terms.upgrade || terms.origin_conditions) return steps.bypass(key.hash, Forward::request, "");
  return steps.look(key, terms);
}

net::Task<Found> Cache::wait(Wait waiting, Key key, const http::RequestHead& request, net::Loop& loop,
                             TimePoint deadline, net::CancelToken token, Stake stake) {
  constexpr int most_flights = 3;  // one may land with another variant than this request's
  for (int i = 0; i < most_flights; ++i) {
    Flights::Ended ended = co_await state_->flights.wait(waiting.flight, waiting.asker, stake, loop, deadline, token);
    Found found = Steps{*state_, request, loop.now(), waiting.asker.client}.after_wait(std::move(ended), waiting, key);
    Wait* const next = std::get_if<Wait>(&found);
    if (next == nullptr) co_return std::move(found);
    waiting = std::move(*next);
  }
  Found found = Steps{*state_, request, loop.now(), waiting.asker.client}.alone(key, waiting.forward, {});
  co_return std::move(found);
}

void Cache::hold(Hold& hold, const Entry& entry, std::uint64_t client) {
  if (const Ref<const Body>& body = entry.whole_body()) state_->holds.take(hold, body, client);
}

EntryPtr Cache::find_again(const Key& key, const http::RequestHead& request, std::uint64_t body_number) const {
  Variant variant;
  EntryPtr entry = state_->store.select(key, request, variant).entry;
  const bool same = entry && entry->whole_body() && entry->whole_body()->number() == body_number;
  return same ? entry : EntryPtr();
}

std::size_t Cache::invalidate_after(const http::RequestHead& request, const http::ResponseHead& response) {
  if (http::is_safe(request.method) || response.status < 200 || response.status >= 400) return 0;
  Arena arena;
  std::size_t count = 0;
  const auto own = key_of(request, arena);
  if (!own) return 0;
  count += state_->forget(*own);
  const std::string_view origin = own->text.substr(0, own->text.size() - request.target.size());
  const auto forget_named = [&](std::optional<std::string_view> reference) {
    if (!reference) return;
    const bool absolute_path = reference->starts_with('/') && !reference->starts_with("//");
    const auto path = reference->substr(0, reference->find('#'));
    const auto text = absolute_path ? std::optional(arena.join(origin, path)) : uri_key_text(*reference, arena);
    // Another origin's URI is not this one's to invalidate.
    if (!text || !text->starts_with(origin) || text->substr(origin.size(), 1) != "/") return;
    count += state_->forget({*text, key_hash(*text, state_->options.hash_seed)});
  };
  forget_named(response.headers.find(Field::location));
  forget_named(response.headers.find("content-location"));
  return count;
}

Result<std::size_t> Cache::purge(std::string_view uri) {
  Arena arena;
  const auto text = uri_key_text(uri, arena);
  if (!text) return fail(Errc::invalid, "expected a URI like https://shop.example/shoes?size=44");
  return state_->forget({*text, key_hash(*text, state_->options.hash_seed)});
}

Result<std::size_t> Cache::purge_prefix(std::string_view uri_prefix) {
  Arena arena;
  const auto text = uri_key_text(uri_prefix, arena);
  if (!text)
    return fail(Errc::invalid, "expected the beginning of a URI, with host, like https://shop.example/pictures/");
  state_->purges.purged_many();
  const std::size_t count = state_->store.remove_prefix(*text);
  state_->counters(0).purged.add(count);
  return count;
}

CacheSnapshot Cache::snapshot() const {
  CacheSnapshot sum;
  for (const CacheCounters& counters : state_->counters_) {
    sum.hits += counters.hits.value();
    sum.stale_hits += counters.stale_hits.value();
    sum.misses += counters.misses.value();
    sum.collapsed += counters.collapsed.value();
    sum.bypasses += counters.bypasses.value();
    sum.stored += counters.stored.value();
    sum.validated += counters.validated.value();
    sum.refused += counters.refused.value();
    sum.purged += counters.purged.value();
  }
  sum.evictions = state_->store.evictions();
  sum.entries = state_->store.entries();
  sum.waiting = state_->flights.waiting();
  sum.bytes = state_->ledger.used_bytes();
  sum.held_bytes = state_->holds.held_bytes();
  sum.limit_bytes = state_->ledger.limit_bytes();
  return sum;
}

void Cache::describe(MetricsText& out) const {
  const CacheSnapshot now = snapshot();
  const auto result = [&](std::string_view label, std::uint64_t value) {
    out.counter("tenfold_cache_requests_total", "Requests by what the cache made of them.", static_cast<double>(value),
                {{"result", label}});
  };
  result("hit", now.hits);
  result("stale", now.stale_hits);
  result("collapsed", now.collapsed);
  result("miss", now.misses);
  result("bypass", now.bypasses);
  const auto response = [&](std::string_view label, std::uint64_t value) {
    out.counter("tenfold_cache_responses_total", "Responses from origins by what the cache made of them.",
                static_cast<double>(value), {{"result", label}});
  };
  response("stored", now.stored);
  response("validated", now.validated);
  response("refused", now.refused);
  out.counter("tenfold_cache_evictions_total", "Entries that made room for others.",
              static_cast<double>(now.evictions));
  out.counter("tenfold_cache_purged_total", "Entries that were purged or invalidated.",
              static_cast<double>(now.purged));
  out.gauge("tenfold_cache_entries", "Entries stored now.", static_cast<double>(now.entries));
  out.gauge("tenfold_cache_waiting", "Requests that wait for another's fetch now.", static_cast<double>(now.waiting));
  out.gauge("tenfold_cache_bytes", "Memory held now, all counted.", static_cast<double>(now.bytes));
  out.gauge("tenfold_cache_held_bytes", "Memory of bodies that are being sent, which cannot be evicted now.",
            static_cast<double>(now.held_bytes));
  out.gauge("tenfold_cache_limit_bytes", "Memory that may be held.", static_cast<double>(now.limit_bytes));
}

}  // namespace tenfold::cache
