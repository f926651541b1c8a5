#include "edge/relay/fill.hpp"

#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>

#include "cache/policy/conditions.hpp"
#include "edge/complaints.hpp"
#include "edge/kept_head.hpp"
#include "edge/relay/ask.hpp"
#include "edge/relay/intake.hpp"
#include "edge/relay/pass_on.hpp"
#include "edge/respond/body_parts.hpp"
#include "edge/respond/respond.hpp"
#include "edge/respond/send_entry.hpp"

namespace tenfold::edge {

using http::BodyEnd;
using http::Field;

namespace {

// The origin was asked for the whole, so that it can be stored; the client may have it already (RFC 9110, 13.1).
bool client_has(const Visit& visit, const http::ResponseHead& head) {
  if (head.status != 200) return false;
  const auto now = std::chrono::floor<std::chrono::seconds>(visit.site.loop.clock().wall_now());
  return cache::not_modified(visit.exchange.request().headers, cache::validators_of(head.headers, now), now);
}

// Sends what the intake takes in, at the client's speed. Head and first part have been sent.
net::Task<Result<void>> send_taken(Visit& visit, Intake& intake, std::size_t sent_bytes) {
  net::Loop& loop = visit.site.loop;
  Result<void> sent;
  while (sent && intake.state() != Intake::State::denied) {
    if (intake.state() == Intake::State::whole) {
      cache::EntryPtr entry = intake.take_entry();
      sent = co_await send_rest(visit, std::move(entry), sent_bytes, intake.trailers());
      co_return sent;
    }
    if (sent_bytes < intake.bytes().size()) {
      // Copied, since it may move while it is being written.
      BodyParts parts;
      parts.add_copies(intake.bytes().substr(sent_bytes), loop);
      sent = co_await visit.exchange.send_parts(parts.all(), BodyEnd::more, visit.write_deadline());
      sent_bytes += parts.bytes();
    } else if (intake.state() == Intake::State::taking) {
      sent = co_await intake.moved().wait(loop, no_deadline);  // the intake's own waits have deadlines
    } else {
      break;
    }
  }
  if (!sent) co_return sent;
  if (intake.state() == Intake::State::passing) {
    intake.drop_bytes();
    net::Buffer rest = intake.take_rest();
    co_await pass_body(visit, intake.fetched(), std::move(rest));
  } else if (intake.state() == Intake::State::denied) {
    note_cut(visit, too_many_long_answers);
  } else if (intake.state() == Intake::State::broken) {
    note_cut(visit, cut_short(intake.error()));
  }
  co_return sent;
}

net::Task<Result<void>> send_intake(Visit& visit, Intake& intake, http::ResponseHead& head) {
  if (intake.state() == Intake::State::whole && intake.trailers() == nullptr) {
    const std::string_view body = intake.bytes();
    cache::EntryPtr entry = intake.take_entry();
    auto sent = co_await send_whole(visit, std::move(entry), head, body);
    co_return sent;
  }
  const net::Buffer first = BodyParts::copy_of(intake.bytes(), visit.site.loop);
  auto sent = co_await visit.exchange.send(head, first.view(), BodyEnd::more, visit.write_deadline());
  if (sent) sent = co_await send_taken(visit, intake, first.size());
  co_return sent;
}

// Says that the client's own copy is good, while the cache takes the whole in.
net::Task<Result<void>> send_unchanged(Visit& visit, http::ResponseHead& head) {
  head.status = 304;
  head.headers.remove_if([](const http::Header& header) {
    return header.field == Field::content_length || header.field == Field::content_type ||
           header.field == Field::content_encoding || header.field == Field::content_range;
  });
  auto sent = co_await visit.exchange.send(head, {}, BodyEnd::last, visit.write_deadline());
  co_return sent;
}

}  // namespace

net::Task<void> answer_and_fill(Visit& visit, origin::Fetched fetched, http::ResponseHead& answer, cache::Fill& fill,
                                Wanted& wanted, ForwardInterim& interim) {
  const bool unchanged = client_has(visit, fetched.head());
  wanted.answering();
  keep_texts(answer, visit.arena());  // the connection may go back before all is sent
  Intake intake(visit.site.loop, visit.policy->limits.stream_timeout, std::move(fetched), fill, wanted.token());
  net::Scope taking;
  intake.take_ready();
  if (intake.state() == Intake::State::denied && !unchanged) {
    co_await turn_away(visit);
    co_return;
  }
  if (intake.state() == Intake::State::taking) taking.spawn(intake.run());
  if (interim.sending()) co_await interim.catch_up();  // what others wait for goes on meanwhile
  auto sending = unchanged ? send_unchanged(visit, answer) : send_intake(visit, intake, answer);
  auto sent = co_await std::move(sending);
  if (!sent) wanted.client_gone();
  co_await taking.drain();
}

net::Task<void> answer_validated(Visit& visit, cache::EntryPtr entry, origin::Fetched& not_modified) {
  visit.cache.word = cache::CacheWord::revalidated;
  visit.cache.forward_status = 304;
  // A cookie that came with the 304 is for this client, and is not stored.
  http::Headers own;
  for (const http::Header& header : not_modified.head().headers) {
    if (header.field == Field::set_cookie) own.add(header);
  }
  keep_texts(own, visit.arena());
  co_await let_go(not_modified);
  co_await answer_from_entry(visit, std::move(entry), &own);
}

}  // namespace tenfold::edge
