#include "edge/relay/pass_on.hpp"

#include <string>
#include <utility>

#include "edge/complaints.hpp"
#include "edge/kept_head.hpp"
#include "edge/relay/ask.hpp"
#include "edge/relay/passing.hpp"
#include "edge/respond/body_parts.hpp"
#include "edge/respond/respond.hpp"

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

net::Task<void> pass_long(Visit& visit, origin::Fetched& fetched, http::ResponseHead& head, BodyParts& ready) {
  if (!fetched.hold_for_client()) {
    co_await let_go(fetched);
    co_await turn_away(visit);
    co_return;
  }
  Passing passing(visit, fetched);
  auto begun = co_await passing.send_head(head, ready);
  if (!begun) co_return;
  ready = {};
  net::Buffer none;
  auto sending = passing.send_body(std::move(none));
  co_await std::move(sending);
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
  Passing passing(visit, fetched);
  auto sending = passing.send_body(std::move(first));
  co_await std::move(sending);
}

net::Task<void> pass_on(Visit& visit, origin::Fetched& fetched, http::ResponseHead& head) {
  BodyParts ready;
  ready.add_what_is_ready(fetched);
  // Trailers need a body that goes on behind its head, even when all of it is here.
  const bool whole = fetched.body_done() && fetched.trailers().empty();
  if (!whole) {
    auto passing = pass_long(visit, fetched, head, ready);
    co_await std::move(passing);
    co_return;
  }
  if (!fetched.uploading()) {
    // The place at the origin is for the next: this client may take as long as it likes for what is here.
    keep_texts(head, visit.arena());
    const origin::Fetched done = std::move(fetched);
  }
  auto sending = ready.count > 1
                     ? visit.exchange.send_together(head, ready.all(), BodyEnd::last, visit.write_deadline())
                     : visit.exchange.send(head, ready.first(), BodyEnd::last, visit.write_deadline());
  auto sent = co_await std::move(sending);
  static_cast<void>(sent);
}

}  // namespace tenfold::edge
