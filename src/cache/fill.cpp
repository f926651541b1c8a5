#include "cache/fill.hpp"

#include <utility>

#include "base/result.hpp"
#include "cache/cache_state.hpp"
#include "cache/key/vary.hpp"
#include "cache/policy/conditions.hpp"
#include "cache/policy/reuse.hpp"

namespace tenfold::cache {

namespace {

using http::Field;

// Answers that mean that the origin failed (RFC 5861, 4).
bool is_origin_failure(int status) { return status == 500 || status == 502 || status == 503 || status == 504; }

}  // namespace

bool FillMemory::take(std::atomic<std::size_t>& share, std::size_t bytes) const {
  const std::size_t before = share.fetch_add(bytes, std::memory_order_relaxed);
  if (before + bytes <= cache_.ledger.limit_bytes() / 4) return true;
  share.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

bool FillMemory::reserve(std::size_t bytes) {
  std::atomic<std::size_t>& large = cache_.filling.large_bytes;
  if (share_ != &large && taken_bytes_ + bytes > small_bytes) {
    if (!take(large, taken_bytes_)) return false;
    share_->fetch_sub(taken_bytes_, std::memory_order_relaxed);
    share_ = &large;
  }
  if (!take(*share_, bytes)) return false;
  if (!cache_.store.reserve(bytes)) {
    share_->fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  taken_bytes_ += bytes;
  return true;
}

// True where the page of all, which may be shown now or once the origin is gone, would make way for what came to one
// visitor's cookies or password and cannot be shown to anybody.
bool FillState::would_displace(const http::RequestHead& request, const Terms& terms) const {
  if (terms.came_fresh() || !is_one_visitors()) return false;
  Variant variant;
  const EntryPtr listed = cache.store.select(key(), request, variant).entry;
  if (!listed) return false;
  const Reuse state = reuse(listed->terms(), listed->received(), {}, ClientDirectives::ignore, cache.clock.now());
  return state.use == Use::fresh || state.use == Use::stale_while_revalidate || state.stale_if_error;
}

EntryPtr FillState::stale_now() const {
  if (!stored) return {};
  const Reuse state = reuse(stored->terms(), stored->received(), {}, ClientDirectives::ignore, cache.clock.now());
  return state.stale_if_error ? stored : EntryPtr();
}

// Everybody who waits, and whom it may concern, fetches for itself.
void FillState::release() {
  if (flight) cache.flights.release(*std::exchange(flight, nullptr), asker);
}

// Only what another request would meet too is remembered: one client's own must not end the sharing for all.
FillVerdict FillState::refuse(Refusal why, int status) {
  refusal = why;
  phase = Phase::over;
  pending = nullptr;
  if (!body || body->size() == 0) memory.settle();
  const TimePoint now = cache.clock.now();
  cache.counters(key_hash).refused.add();
  if (leased) leased->postpone_refresh(now + cache.options.retry_failed_refresh);
  // A part, though the whole was asked for, is due to something odd in the request, and so is what its own values in
  // Vary brought.
  const bool is_requests_own =
      why == Refusal::request_error || why == Refusal::vary_values || status == 206 || status == 416;
  const bool is_of_this_client = is_requests_own || kind == Kind::authorized || turns_client_away(status);
  if (is_of_the_page(why) && !is_of_this_client) {
    cache.flights.remember_uncacheable(key_hash, asker, now);
    // What came instead is not for all; what is stored is out of date. An answer to one client alone, or to its
    // cookies, proves no such thing, nor does being sent elsewhere for now: what is stored has to stand in when the
    // origin is gone.
    const bool is_for_all = kind != Kind::alone && !asker.has_cookies() && !sends_elsewhere_for_now(status);
    if (stored && is_for_all) take_away();
  }
  if (is_requests_own && flight) cache.flights.fail_answered(*std::exchange(flight, nullptr), asker);
  release();
  stored = nullptr;  // whoever asked may take long to be answered
  return FillVerdict::pass;
}

// The origin answers, but with an error: whoever waits next tries once more; then each for itself.
FillVerdict FillState::answered_with_error() {
  if (EntryPtr stale = stale_now()) {
    fail(Failure::unanswered);
    return FillVerdict::serve_stale;
  }
  phase = Phase::over;
  if (leased) leased->refresh_failed(cache.clock.now() + cache.options.retry_failed_refresh);
  if (flight) cache.flights.fail_answered(*std::exchange(flight, nullptr), asker);
  return FillVerdict::pass;
}

// A 304 to a request without conditions is of no use to anybody.
FillVerdict FillState::answered_for_nothing() {
  answered_with_error();
  return FillVerdict::unusable;
}

FillVerdict FillState::answered_not_modified(const http::RequestHead& request, const http::ResponseHead& response,
                                             const FetchTimes& times) {
  const auto received = std::chrono::floor<std::chrono::seconds>(times.received_wall);
  if (!stored) return answered_for_nothing();
  if (!freshens(response.headers, stored->validators(), received)) {
    take_away();
    began.moment = cache.purges.now();  // the whole that is asked for now is newer than that
    stored = nullptr;
    return FillVerdict::refetch;
  }
  phase = Phase::not_modified;
  // The head is brought up to date first and judged then (RFC 9111, 4.3.4), Vary too: this request selected it.
  http::ResponseHead merged;
  merged.status = stored->status();
  merged.headers = EntryMaker::merge(*stored, response.headers);
  const Storability result = storability(request, merged, times, cache.options);
  refusal = kind == Kind::unkept ? Refusal::request : result.refusal;
  Variant variant;
  const auto known = cache.store.vary_of(key());
  const auto reading = VarySpec::read(merged.headers, known);
  const bool is_selectable =
      reading.verdict == VarySpec::Verdict::usable && variant.select(reading.spec.get(), request);
  if (refusal == Refusal::none && !is_selectable) refusal = Refusal::vary;
  // Whoever asked gets the new head in any case.
  pending = EntryMaker::renew(
      memory, *stored,
      {stored->status(), merged.headers, variant.text(), reading.spec, result.terms, times, key_text.size()});
  if (!pending && refusal == Refusal::none) refusal = Refusal::memory;
  return FillVerdict::not_modified;
}

FillVerdict FillState::begin_storing(const http::RequestHead& request, const http::ResponseHead& response,
                                     http::BodyLength length, const FetchTimes& times, const Terms& terms) {
  const bool is_known = length.kind != http::BodyLength::Kind::unknown;
  Variant variant;
  const auto known = cache.store.vary_of(key());
  const auto reading = VarySpec::read(response.headers, known);
  if (reading.verdict == VarySpec::Verdict::unusable) return refuse(Refusal::vary, response.status);
  if (!variant.select(reading.spec.get(), request)) return refuse(Refusal::vary_values, response.status);
  if (!variant_tells_coding(reading.spec.get(), request.headers, response.headers))
    return refuse(Refusal::vary_values, response.status);
  if (is_known && length.bytes > cache.options.max_object_bytes) return refuse(Refusal::too_large, response.status);
  if (would_displace(request, terms)) return refuse(Refusal::no_freshness, response.status);
  pending = EntryMaker::make(
      memory, {response.status, response.headers, variant.text(), reading.spec, terms, times, key_text.size()});
  if (!pending) return refuse(Refusal::memory, response.status);
  body.emplace(memory, cache.options.max_object_bytes);
  if (is_known && !body->expect(length.bytes)) return refuse(Refusal::memory, response.status);
  phase = Phase::storing;
  return FillVerdict::store;
}

// Gives the entry to those who wait, if they may have it: not what is stale as it comes (RFC 9111, 4).
void FillState::share(const EntryPtr& entry) {
  if (entry->terms().came_fresh()) {
    cache.flights.forget_uncacheable(key_hash, asker);
    if (flight) cache.flights.land(*std::exchange(flight, nullptr), Landing::stored, entry);
  } else {
    if (kind != Kind::authorized) cache.flights.remember_uncacheable(key_hash, asker, cache.clock.now());
    release();
  }
}

EntryPtr FillState::finish_storing() {
  phase = Phase::over;
  EntryMaker::set_body(*pending, body->finish());
  body.reset();
  memory.settle();
  if (cache.store.publish(key(), pending, began)) cache.counters(key_hash).stored.add();
  EntryPtr entry = std::exchange(pending, nullptr);
  stored = nullptr;
  share(entry);
  return entry;
}

EntryPtr FillState::finish_not_modified() {
  phase = Phase::over;
  cache.counters(key_hash).validated.add();
  memory.settle();
  EntryPtr entry = pending ? EntryPtr(pending) : stored;
  if (refusal != Refusal::none) {
    pending = nullptr;
    settle_refused_validation();
    stored = nullptr;
    return entry;
  }
  if (!cache.store.replace(stored, pending, began)) cache.store.publish(key(), pending, began);
  pending = nullptr;
  stored = nullptr;
  share(entry);
  return entry;
}

// The stored one goes, as others may have renewed it meanwhile, and a fetch of it that began before brings nothing
// back.
void FillState::take_away() {
  cache.purges.purged(key_hash);
  cache.store.remove(key(), *stored);
}

// Good for this request alone. The stored one stays for the next validation where that was this client's own doing (a
// cookie, say) or there is no room for the head; it goes where the origin has come to forbid keeping it.
void FillState::settle_refused_validation() {
  const bool forbidden = refusal == Refusal::no_store || refusal == Refusal::private_ || refusal == Refusal::vary;
  if (forbidden) take_away();
  if (leased) leased->postpone_refresh(cache.clock.now() + cache.options.retry_failed_refresh);
  release();
}

EntryPtr FillState::fail(Failure how) {
  if (phase == Phase::over) return stale_now();
  phase = Phase::over;
  pending = nullptr;
  EntryPtr stale = stale_now();
  if (stored) stored->refresh_failed(cache.clock.now() + cache.options.retry_failed_refresh);
  if (flight && how == Failure::unanswered && !stale) {
    cache.flights.fail_answered(*std::exchange(flight, nullptr), asker);
  } else if (flight) {
    cache.flights.fail(*std::exchange(flight, nullptr), asker, stale);
  }
  return stale;
}

EntryPtr FillState::turn_away(std::uint8_t rank) {
  if (phase == Phase::over) return stale_now();
  phase = Phase::over;
  EntryPtr stale = stale_now();
  if (leased) leased->release_refresh();
  if (flight) cache.flights.turn_away(*std::exchange(flight, nullptr), asker, rank, stale);
  return stale;
}

void FillState::abandon() {
  if (phase == Phase::over) return;
  phase = Phase::over;
  if (leased) leased->release_refresh();
  if (flight) cache.flights.hand_over(*std::exchange(flight, nullptr), asker);
}

Fill::Fill() = default;
Fill::Fill(Fill&&) noexcept = default;
Fill::Fill(std::unique_ptr<FillState> state) : state_(std::move(state)) {}

Fill& Fill::operator=(Fill&& other) noexcept {
  if (this != &other) {
    if (state_) state_->abandon();
    state_ = std::move(other.state_);
  }
  return *this;
}

Fill::~Fill() {
  if (state_) state_->abandon();
}

void Fill::prepare(http::RequestHead& request) const {
  http::Headers& headers = request.headers;
  for (const Field field :
       {Field::range, Field::if_range, Field::if_none_match, Field::if_modified_since, Field::expect}) {
    headers.remove(field);
  }
  if (!stored()) return;
  const Validators& validators = stored()->validators();
  if (!validators.etag.empty()) headers.add(Field::if_none_match, validators.etag);
  if (!validators.last_modified.empty()) headers.add(Field::if_modified_since, validators.last_modified);
}

FillVerdict Fill::head(const http::RequestHead& request, const http::ResponseHead& response, http::BodyLength length,
                       const FetchTimes& times) {
  TENFOLD_ASSERT(state_ != nullptr && state_->phase == FillState::Phase::asked);
  FillState& state = *state_;
  if (response.status == 304) return state.answered_not_modified(request, response, times);
  if (is_origin_failure(response.status) && state.stale_now()) return state.answered_with_error();
  if (state.kind == FillState::Kind::unkept) return state.refuse(Refusal::request, response.status);
  const Storability result = storability(request, response, times, state.cache.options);
  if (result.refusal == Refusal::none) return state.begin_storing(request, response, length, times, result.terms);
  if (is_origin_failure(response.status)) {
    state.refusal = result.refusal;
    return state.answered_with_error();
  }
  return state.refuse(result.refusal, response.status);
}

bool Fill::body(std::string_view bytes) {
  if (!state_ || state_->phase != FillState::Phase::storing) return false;
  if (state_->body->append(bytes)) return true;
  const bool too_large = state_->body->size() + bytes.size() > state_->cache.options.max_object_bytes;
  state_->refuse(too_large ? Refusal::too_large : Refusal::memory, state_->pending->status());
  return false;
}

EntryPtr Fill::finish() {
  if (!state_) return {};
  switch (state_->phase) {
    case FillState::Phase::storing: return state_->finish_storing();
    case FillState::Phase::not_modified: return state_->finish_not_modified();
    default: return {};
  }
}

std::string_view Fill::gathered() const { return state_ && state_->body ? state_->body->bytes() : std::string_view(); }

bool Fill::awaited() const {
  return state_ && state_->flight && state_->cache.flights.awaited(*state_->flight, state_->asker);
}
bool Fill::shared() const { return state_ && state_->kind == FillState::Kind::shared; }
EntryPtr Fill::fail(Failure how) { return state_ ? state_->fail(how) : EntryPtr(); }
EntryPtr Fill::turn_away(std::uint8_t rank) { return state_ ? state_->turn_away(rank) : EntryPtr(); }
const EntryPtr& Fill::stored() const {
  static const EntryPtr none;
  return state_ ? state_->stored : none;
}
EntryPtr Fill::stale() const { return state_ ? state_->stale_now() : EntryPtr(); }
Refusal Fill::refusal() const { return state_ ? state_->refusal : Refusal::none; }

}  // namespace tenfold::cache
