#include "edge/relay/pass_on.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "edge/complaints.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/kept_head.hpp"
#include "edge/relay/ask.hpp"
#include "edge/respond/body_parts.hpp"
#include "edge/respond/respond.hpp"
#include "edge/respond/watched.hpp"

namespace tenfold::edge {

using http::BodyEnd;

std::string cut_short(const Error& error) {
  switch (error.code) {
    case Errc::timed_out: return "sent no more of its answer's body in time";
    case Errc::invalid:
    case Errc::too_large: return "sent a malformed body: " + error.detail;
    default: return "broke off in the middle of its answer's body";
  }
}

namespace {

constexpr std::string_view place_lost =
    "the client took it more slowly than others while no more connections to the origin may be held";

// While an answer holds its place at the origin for as long as the client pleases: ends it when others have more of a
// right to the place. The time in which the origin is waited for is not the client's.
class HeldAnswer final : public Watched {
 public:
  HeldAnswer(Visit& its_visit, origin::Fetched& fetched)
      : Watched(its_visit), fetched_(fetched), began_(its_visit.now()) {}

  // What is awaited from here on. The end comes at once either way.
  void wait_for_origin() { origin_since_ = visit().now(); }
  void wait_for_client() { origin_took_ += visit().now() - *std::exchange(origin_since_, std::nullopt); }

 private:
  using Places = origin::HeldPlaces;

  Duration client_took() const {
    const Duration origin_now = origin_since_ ? visit().now() - *origin_since_ : Duration(0);
    return visit().now() - began_ - origin_took_ - origin_now;
  }
  TimePoint own_time() const override { return TimePoint(client_took()); }
  void look(const Pace& pace) override {
    const bool lasts = client_took() >= Places::counts_after || visit().now() - began_ >= Places::counts_at_last;
    if (!lasts || cut() || fetched_.keep_hold(pace.so_far())) return;
    cut_off();
  }
  void break_off() override {
    if (!origin_since_) return Watched::break_off();
    fetched_.connection().stream().cancel();
  }

  origin::Fetched& fetched_;
  const TimePoint began_;
  std::optional<TimePoint> origin_since_;
  Duration origin_took_{};
};

// Without the place, if nothing is to follow.
net::Task<Result<void>> send_first(Visit& visit, http::ResponseHead& head, const BodyParts& ready, BodyEnd end) {
  if (ready.count > 1) {
    return visit.exchange.send_together(head, ready.all(), end, visit.write_deadline());
  }
  return visit.exchange.send(head, ready.first(), end, visit.write_deadline());
}

}  // namespace

net::Task<void> turn_away(Visit& visit) {
  complain(visit, 429, too_many_long_answers);
  return answer_with_error(visit, 429);
}

net::Task<void> pass_body(Visit& visit, origin::Fetched& fetched, net::Buffer first) {
  if (!fetched.hold_for_client()) {
    note_cut(visit, too_many_long_answers);
    co_return;
  }
  std::optional<HeldAnswer> held(std::in_place, visit, fetched);
  BodyEnd end = BodyEnd::more;
  while (end == BodyEnd::more) {
    BodyParts ready;
    if (!first.empty()) ready.add(std::move(first));
    ready.add_what_is_ready(fetched);
    if (ready.count == 0 && !fetched.body_done()) {
      held->wait_for_origin();
      auto read = co_await fetched.read_body(visit.now() + visit.policy->limits.stream_timeout);
      held->wait_for_client();
      if (!read) {
        note_cut(visit, held->cut() ? place_lost : visit.arena().copy(cut_short(read.error())));
        co_return;
      }
      if (!read->empty()) ready.add(std::move(*read));
      ready.add_what_is_ready(fetched);
    }
    std::unique_ptr<http::Headers> trailers;
    if (fetched.body_done()) {
      end = BodyEnd::last;
      trailers = client_trailers(fetched.trailers(), visit.arena());
      held.reset();
      if (!fetched.uploading()) co_await let_go(fetched);
    }
    auto sent = co_await visit.exchange.send_parts(ready.all(), end, visit.write_deadline(), trailers.get());
    if (held && held->cut()) note_cut(visit, place_lost);
    if (!sent) co_return;
  }
}

net::Task<void> pass_on(Visit& visit, origin::Fetched& fetched, http::ResponseHead& head) {
  BodyParts ready;
  ready.add_what_is_ready(fetched);
  // Trailers need a body that goes on behind its head, even when all of it is here.
  const BodyEnd end = fetched.body_done() && fetched.trailers().empty() ? BodyEnd::last : BodyEnd::more;
  if (end == BodyEnd::last && !fetched.uploading()) {
    // The place at the origin is for the next: this client may take as long as it likes for what is here.
    keep_texts(head, visit.arena());
    const origin::Fetched done = std::move(fetched);
  } else if (end == BodyEnd::more && !fetched.hold_for_client()) {
    co_await let_go(fetched);
    co_await turn_away(visit);
    co_return;
  }
  Result<void> sent;
  if (end == BodyEnd::last) {
    sent = co_await send_first(visit, head, ready, end);
  } else {
    const HeldAnswer held(visit, fetched);
    sent = co_await send_first(visit, head, ready, end);
    if (held.cut()) note_cut(visit, place_lost);
  }
  ready = {};
  net::Buffer none;
  if (sent && end == BodyEnd::more) co_await pass_body(visit, fetched, std::move(none));
}

}  // namespace tenfold::edge
