#include "edge/relay/passing.hpp"

#include <utility>

#include "edge/complaints.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/relay/answer_memory.hpp"
#include "edge/relay/ask.hpp"
#include "edge/relay/pass_on.hpp"

namespace tenfold::edge {

using http::BodyEnd;

namespace {

// Whether no answer with such a head is ever over, so that its place cannot be given back before its client leaves.
bool is_stream_of_events(const http::ResponseHead& head) {
  const auto type = head.headers.find(http::Field::content_type);
  return type && type->starts_with("text/event-stream");
}

}  // namespace

Passing::Passing(Visit& visit, origin::Fetched& fetched)
    : visit_(visit),
      fetched_(fetched),
      held_(std::in_place, visit, fetched),
      may_spool_(visit.site.answer_memory.enabled() && !is_stream_of_events(fetched.head())) {}

net::Task<Result<void>> Passing::send_head(http::ResponseHead& head, BodyParts& ready) {
  begin_sending(ready.bytes());
  auto sending = ready.count > 1
                     ? visit_.exchange.send_together(head, ready.all(), BodyEnd::more, visit_.write_deadline())
                     : visit_.exchange.send(head, ready.first(), BodyEnd::more, visit_.write_deadline());
  auto sent = co_await std::move(sending);
  end_sending();
  if (!sent && spool_) co_await spool_->stop();
  co_return sent;
}

// Directly until the body's end, a failure, or a spool.
net::Task<void> Passing::send_body(net::Buffer first) {
  BodyEnd end = BodyEnd::more;
  Result<void> sent;
  while (sent && end == BodyEnd::more && !spool_) {
    BodyParts ready;
    if (!first.empty()) ready.add(std::move(first));
    ready.add_what_is_ready(fetched_);
    if (ready.count == 0 && !fetched_.body_done()) {
      held_->wait_for_origin();
      auto read = co_await fetched_.read_body(visit_.now() + visit_.policy->limits.stream_timeout);
      held_->wait_for_client();
      if (!read) {
        note_cut(visit_, held_->cut() ? HeldAnswer::place_lost : visit_.arena().copy(cut_short(read.error())));
        co_return;
      }
      if (!read->empty()) ready.add(std::move(*read));
      ready.add_what_is_ready(fetched_);
    }
    std::unique_ptr<http::Headers> trailers;
    if (fetched_.body_done()) {
      end = BodyEnd::last;
      trailers = client_trailers(fetched_.trailers(), visit_.arena());
      held_.reset();
      if (!fetched_.uploading()) co_await let_go(fetched_);
    } else {
      begin_sending(ready.bytes());
    }
    sent = co_await visit_.exchange.send_parts(ready.all(), end, visit_.write_deadline(), trailers.get());
    end_sending();
  }
  if (!spool_) co_return;
  if (sent) co_await send_spooled();
  co_await spool_->stop();
}

// ---- a client that is slow ----

// The timer is armed once for many writes: it looks at how long the present one has taken.
void Passing::begin_sending(std::size_t bytes) {
  sending_ = true;
  sending_since_ = visit_.now();
  sending_bytes_ = bytes;
  if (may_spool_ && !spool_ && !slow_.armed()) visit_.site.loop.timers().arm(slow_, sending_since_ + slow_after);
}

void Passing::end_sending() {
  sending_ = false;
  if (held_ && held_->cut()) note_cut(visit_, HeldAnswer::place_lost);
}

void Passing::on_slow() {
  constexpr Duration again_after = std::chrono::seconds(1);
  if (!sending_) return;  // armed again with the next write
  const TimePoint due = sending_since_ + slow_after;
  if (visit_.now() < due) return visit_.site.loop.timers().arm(slow_, due);
  spool_ = Spool::make(visit_, fetched_, held_, remaining());
  if (spool_) return spool_->begin();
  visit_.site.loop.timers().arm(slow_, visit_.now() + again_after);
}

// Of the body behind what is being sent, if its length is known.
std::optional<std::uint64_t> Passing::remaining() const {
  const http::BodyLength length = fetched_.body_length();
  if (length.kind != http::BodyLength::Kind::known) return std::nullopt;
  return length.bytes - visit_.exchange.body_bytes_sent() - sending_bytes_;
}

net::Task<void> Passing::send_spooled() {
  BodyEnd end = BodyEnd::more;
  while (end == BodyEnd::more) {
    const BodyParts parts = spool_->next();
    if (spool_->at_end()) end = BodyEnd::last;
    if (parts.count == 0 && end == BodyEnd::more) {
      if (!spool_->failure().empty()) co_return note_cut(visit_, spool_->failure());
      auto came = co_await spool_->moved().wait(visit_.site.loop, no_deadline);  // the spool's own waits have deadlines
      static_cast<void>(came);
      continue;
    }
    const http::Headers* const trailers = end == BodyEnd::last ? spool_->trailers() : nullptr;
    auto sent = co_await visit_.exchange.send_parts(parts.all(), end, visit_.write_deadline(), trailers);
    if (held_ && held_->cut()) note_cut(visit_, HeldAnswer::place_lost);
    if (!sent) co_return;
    spool_->sent();
  }
}

}  // namespace tenfold::edge
