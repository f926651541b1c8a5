#include "edge/respond/send_entry.hpp"

#include <cstdint>
#include <utility>

#include "edge/kept_head.hpp"
#include "edge/respond/body_parts.hpp"

namespace tenfold::edge {

using http::BodyEnd;

namespace {

// By all of the entry's body, since a part keeps the whole in memory.
bool needs_hold(const cache::Entry& entry) { return entry.body().size() > cache::Cache::unheld_bytes; }

// A part of a stored body that is found again for each write.
struct Passage {
  std::uint64_t body_number = 0;
  std::size_t next = 0;
  std::size_t end = 0;
};

net::Task<Result<void>> send_copies(Visit& visit, Passage passage, const http::Headers* trailers) {
  const cache::Cache& cache = *visit.site.cache;
  const auto key = cache.key_of(visit.request(), visit.arena());
  BodyEnd end = BodyEnd::more;
  while (end == BodyEnd::more) {
    BodyParts parts;
    if (const cache::EntryPtr entry = cache.find_again(*key, visit.request(), passage.body_number)) {
      parts.add_copies(entry->body().substr(passage.next, passage.end - passage.next), visit.site.loop);
    }
    if (parts.count == 0) {
      visit.site.metrics.broken_answers.add();
      co_return fail(Errc::closed, "evicted while it was being sent");
    }
    passage.next += parts.bytes();
    end = passage.next == passage.end ? BodyEnd::last : BodyEnd::more;
    const http::Headers* const last_fields = end == BodyEnd::last ? trailers : nullptr;
    auto sent = co_await visit.exchange.send_parts(parts.all(), end, visit.write_deadline(), last_fields);
    if (!sent) co_return sent;
  }
  co_return Result<void>();
}

}  // namespace

net::Task<Result<void>> send_whole(Visit& visit, cache::EntryPtr entry, http::ResponseHead& head,
                                   std::string_view body) {
  cache::Hold hold;
  if (needs_hold(*entry)) hold = visit.site.cache->hold(*entry);
  if (hold || !needs_hold(*entry)) {
    auto sent = co_await visit.exchange.send(head, body, BodyEnd::last, visit.write_deadline());
    co_return sent;
  }
  Passage passage{entry->whole_body()->number()};
  if (!body.empty()) passage.next = static_cast<std::size_t>(body.data() - entry->body().data());
  passage.end = passage.next + body.size();
  keep_texts(head, visit.arena());
  entry = nullptr;
  if (passage.next == passage.end) {
    auto sent = co_await visit.exchange.send(head, {}, BodyEnd::last, visit.write_deadline());
    co_return sent;
  }
  auto sent = co_await visit.exchange.send(head, {}, BodyEnd::more, visit.write_deadline());
  if (sent) sent = co_await send_copies(visit, passage, nullptr);
  co_return sent;
}

net::Task<Result<void>> send_rest(Visit& visit, cache::EntryPtr entry, std::size_t sent_bytes,
                                  const http::Headers* trailers) {
  const std::string_view rest = entry->body().substr(sent_bytes);
  cache::Hold hold;
  if (needs_hold(*entry)) hold = visit.site.cache->hold(*entry);
  // With nothing left only the end is to be told, which a copy cannot.
  if (hold || !needs_hold(*entry) || rest.empty()) {
    auto sent = co_await visit.exchange.send_body(rest, BodyEnd::last, visit.write_deadline(), trailers);
    co_return sent;
  }
  const Passage passage{entry->whole_body()->number(), sent_bytes, entry->body().size()};
  entry = nullptr;
  auto sent = co_await send_copies(visit, passage, trailers);
  co_return sent;
}

}  // namespace tenfold::edge
