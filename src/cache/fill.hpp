#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "cache/policy/storing.hpp"
#include "cache/store/entry.hpp"
#include "http/message.hpp"

namespace tenfold::cache {

class Cache;
struct FillState;

// What to do with the response whose head a Fill was given.
enum class FillVerdict : std::uint8_t {
  store,         // feed it the body, then finish()
  pass,          // not for the cache (refusal() says why): send it on; the fill is over and its waiters are released
  not_modified,  // the stored entry is good again: throw this response away, finish() gives the entry
  serve_stale,   // the origin failed (500, 502, 503, 504): throw this response away, serve stale()
  refetch,       // a 304 about something that is not stored: ask again; prepare() now adds no conditions
  unusable,      // a 304 although there were no conditions: the fill is over, and there is nothing to send on
};

// How an origin failed.
enum class Failure : std::uint8_t {
  unreachable,  // whoever asks: those who wait may share it
  unanswered,   // it took the request and gave no whole answer: the request may be at fault, and others may fare better
};

// The right, and the duty, to fetch one response for the cache. Move-only. Destroying it unfinished (the client left,
// say) hands the duty to one of those who wait for it. One thread at a time; must die before its Cache.
//
// Order: prepare(), send, head(), body()..., finish(); or fail() when the origin could not be reached, timed out or
// broke off in the middle.
class Fill {
 public:
  Fill();
  Fill(Fill&&) noexcept;
  Fill& operator=(Fill&&) noexcept;
  ~Fill();

  // False when there is nothing to be done (any more).
  explicit operator bool() const { return state_ != nullptr; }

  // Turns the client's head into the one to send to the origin: takes out Range, If-Range, Expect and the client's
  // conditions, so that the whole representation comes; adds ours where a stored entry is to be validated. The texts
  // live until head(), or the Fill's end.
  void prepare(http::RequestHead& request) const;

  // `request` is as the client sent it (Vary selects by it). `length` is that of the response's body.
  FillVerdict head(const http::RequestHead& request, const http::ResponseHead& response, http::BodyLength length,
                   const FetchTimes& times);
  // After FillVerdict::store. False: the body outgrew the cache, or there is no memory: the fill is over, its
  // waiters are released, and the rest need not be fed (but may).
  bool body(std::string_view bytes);
  // The response is complete. The entry to answer from: it was stored or found good again, if it may be kept; null when
  // the fill was over already.
  EntryPtr finish();
  // What body() was given so far, also once the fill is over without an entry; valid until the next body() or finish().
  std::string_view gathered() const;
  // The origin failed. The stale entry that may be served instead, or null.
  EntryPtr fail(Failure how = Failure::unreachable);
  // No server was asked, since there is no place for a request of that rank (Stake): nothing is known of the origin. As
  // fail(); but those of a better rank who wait are no part of it, and the next may ask at once.
  EntryPtr turn_away(std::uint8_t rank);

  // Made for all who ask for the same, not for one of them.
  bool shared() const;
  // Somebody waits for it now.
  bool awaited() const;

  // The entry that is being validated; null when there is none.
  const EntryPtr& stored() const;
  // What fail() would give.
  EntryPtr stale() const;
  Refusal refusal() const;

 private:
  friend class Backing;
  friend class Cache;
  explicit Fill(std::unique_ptr<FillState> state);
  std::unique_ptr<FillState> state_;
};

}  // namespace tenfold::cache
