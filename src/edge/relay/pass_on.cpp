#include "edge/relay/pass_on.hpp"

#include <memory>
#include <utility>

#include "edge/complaints.hpp"
#include "edge/forward/forwarding.hpp"
#include "edge/kept_head.hpp"
#include "edge/relay/ask.hpp"
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

net::Task<void> turn_away(Visit& visit) {
  complain(visit, 429, too_many_long_answers);
  return answer_with_error(visit, 429);
}

net::Task<void> pass_body(Visit& visit, origin::Fetched& fetched, net::Buffer first) {
  if (!fetched.hold_for_client()) {
    note_cut(visit, too_many_long_answers);
    co_return;
  }
  BodyEnd end = BodyEnd::more;
  while (end == BodyEnd::more) {
    BodyParts ready;
    if (!first.empty()) ready.add(std::move(first));
    ready.add_what_is_ready(fetched);
    if (ready.count == 0 && !fetched.body_done()) {
      auto read = co_await fetched.read_body(visit.now() + visit.policy->limits.stream_timeout);
      if (!read) {
        note_cut(visit, cut_short(read.error()));
        co_return;
      }
      if (!read->empty()) ready.add(std::move(*read));
      ready.add_what_is_ready(fetched);
    }
    std::unique_ptr<http::Headers> trailers;
    if (fetched.body_done()) {
      end = BodyEnd::last;
      trailers = client_trailers(fetched.trailers(), visit.arena());
      if (!fetched.uploading()) co_await let_go(fetched);
    }
    auto sent = co_await visit.exchange.send_parts(ready.all(), end, visit.write_deadline(), trailers.get());
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
  if (ready.count > 1) {
    sent = co_await visit.exchange.send_together(head, ready.all(), end, visit.write_deadline());
  } else {
    sent = co_await visit.exchange.send(head, ready.first(), end, visit.write_deadline());
  }
  ready = {};
  net::Buffer none;
  if (sent && end == BodyEnd::more) co_await pass_body(visit, fetched, std::move(none));
}

}  // namespace tenfold::edge
