#include "edge/respond/send_entry.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "edge/complaints.hpp"
#include "edge/identify/client_address.hpp"
#include "edge/kept_head.hpp"
#include "edge/respond/body_parts.hpp"
#include "edge/respond/watched.hpp"

namespace tenfold::edge {

using namespace std::chrono_literals;
using http::BodyEnd;

namespace {

// By all of the entry's body, since a part keeps the whole in memory.
bool needs_hold(const cache::Entry& entry) { return entry.body().size() > cache::Cache::unheld_bytes; }

// A part of a stored body that is found again for each write.
struct Passage {
  std::uint64_t body_number = 0;
  std::size_t next = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - next; }
};

// Keeps an entry's body while it is being sent, and gives it up when others have more of a right to the memory.
class HeldSending final : public Watched {
 public:
  // Where the hold is lost the rest goes on in copies, from the next piece on; who takes longer for a piece is cut.
  static constexpr std::size_t piece_bytes = 128 * 1024;
  static constexpr Duration longest_piece = 30s;

  HeldSending(Visit& its_visit, const cache::Entry& entry) : Watched(its_visit) {
    its_visit.site.cache->hold(hold_, entry, client_label(its_visit.client.address));
  }
  bool good() const { return hold_.good(); }

 private:
  void look(const Pace& pace) override {
    const auto bytes_per_s = pace.bytes_per_s();
    if (bytes_per_s) hold_.note_pace(*bytes_per_s);
    if (!hold_.lost()) return;
    if (lost_at_ == TimePoint()) lost_at_ = visit().now();
    const bool hopeless = bytes_per_s && *bytes_per_s * (longest_piece / 1s) < piece_bytes;
    if (hopeless || visit().now() - lost_at_ >= longest_piece) cut_off();
  }

  cache::Hold hold_;
  TimePoint lost_at_{};
};

net::Task<Result<void>> send_copies(Visit& visit, Passage passage, const http::Headers* trailers) {
  const cache::Cache& cache = *visit.site.cache;
  const auto key = cache.key_of(visit.request(), visit.arena());
  BodyEnd end = BodyEnd::more;
  while (end == BodyEnd::more) {
    BodyParts parts;
    if (const cache::EntryPtr entry = cache.find_again(*key, visit.request(), passage.body_number)) {
      parts.add_copies(entry->body().substr(passage.next, passage.size()), visit.site.loop);
    }
    if (parts.count == 0) {
      note_cut(visit, "its page left the cache while it was being sent, and no memory was left to keep it");
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

// In pieces, for as long as the entry may be kept, then in copies. head: goes before it, unless it is null.
net::Task<Result<void>> send_pieces(Visit& visit, cache::EntryPtr entry, Passage passage, http::ResponseHead* head,
                                    const http::Headers* trailers) {
  {
    HeldSending sending(visit, *entry);
    while (sending.good()) {
      const std::string_view piece =
          entry->body().substr(passage.next, std::min(passage.size(), HeldSending::piece_bytes));
      passage.next += piece.size();
      const BodyEnd end = passage.next == passage.end ? BodyEnd::last : BodyEnd::more;
      const http::ResponseHead* const first = std::exchange(head, nullptr);
      const http::Headers* const last_fields = end == BodyEnd::last ? trailers : nullptr;
      auto send = first != nullptr ? visit.exchange.send(*first, piece, end, visit.write_deadline())
                                   : visit.exchange.send_body(piece, end, visit.write_deadline(), last_fields);
      auto sent = co_await std::move(send);
      if (sending.cut()) note_cut(visit, "the client took it too slowly while no more could be kept in memory");
      if (!sent || end == BodyEnd::last) co_return sent;
    }
    if (head != nullptr) keep_texts(*head, visit.arena());
    entry = nullptr;
  }
  if (head != nullptr) {
    auto sent = co_await visit.exchange.send(*head, {}, BodyEnd::more, visit.write_deadline());
    if (!sent) co_return sent;
  }
  auto sent = co_await send_copies(visit, passage, trailers);
  co_return sent;
}

// What goes out in pieces says its length all the same.
void add_length(http::ResponseHead& head, std::size_t bytes, Arena& arena) {
  if (!head.headers.has(http::Field::content_length)) {
    head.headers.add(http::Field::content_length, arena.copy(std::to_string(bytes)));
  }
}

}  // namespace

net::Task<Result<void>> send_whole(Visit& visit, cache::EntryPtr entry, http::ResponseHead& head,
                                   std::string_view body) {
  if (!needs_hold(*entry) || body.empty()) {
    auto sent = co_await visit.exchange.send(head, body, BodyEnd::last, visit.write_deadline());
    co_return sent;
  }
  add_length(head, body.size(), visit.arena());
  const auto next = static_cast<std::size_t>(body.data() - entry->body().data());
  const Passage passage{entry->whole_body()->number(), next, next + body.size()};
  auto sent = co_await send_pieces(visit, std::move(entry), passage, &head, nullptr);
  co_return sent;
}

net::Task<Result<void>> send_rest(Visit& visit, cache::EntryPtr entry, std::size_t sent_bytes,
                                  const http::Headers* trailers) {
  const std::string_view rest = entry->body().substr(sent_bytes);
  // With nothing left only the end is to be told, which a copy cannot.
  if (!needs_hold(*entry) || rest.empty()) {
    auto sent = co_await visit.exchange.send_body(rest, BodyEnd::last, visit.write_deadline(), trailers);
    co_return sent;
  }
  const Passage passage{entry->whole_body()->number(), sent_bytes, entry->body().size()};
  auto sent = co_await send_pieces(visit, std::move(entry), passage, nullptr, trailers);
  co_return sent;
}

}  // namespace tenfold::edge
