// What follows from how an attempt ended: what is held against the server, whether another is tried, what is given
// back.
#include <absl/hash/hash.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "origin/choice.hpp"
#include "origin/flight.hpp"
#include "origin/upstreams.hpp"

namespace tenfold::origin {

namespace {

Outcome outcome_of_error(const Error& error) {
  return error.code == Errc::timed_out ? Outcome::no_answer : Outcome::broken;
}

std::string with_detail(std::string_view text, const Error& error) {
  return error.detail.empty() ? std::string(text) : fmt::format("{}: {}", text, error.detail);
}

}  // namespace

// ---- accounts ----

void Flight::count_answer(const http::ResponseHead& head) {
  Server& server = lease_.server();
  const TimePoint now = loop_.now();
  answered_ = Answered::yes;
  close_account();
  const Duration latency = std::max(now - asked_at(), Duration::zero());
  if (outcome_of(head.status) != Outcome::server_error) {
    server.answered(head.status, latency, now);
    Witnesses& witnesses = up_.directory_.witnesses();
    if (witnesses.any() && witnesses.in_question(target())) witnesses.answered_well(server.id(), target(), now);
    return;
  }
  const Witnesses::Blame whose = blame();
  server.answered(head.status, latency, now, whose);
  if (whose == Witnesses::Blame::request) return;
  const std::uint32_t threshold = settings().ejection.consecutive_5xx;
  if (threshold != 0 && server.server_errors_in_row() % threshold == 0) up_.directory_.ask_review();
}

void Flight::count_failure(Outcome outcome) {
  Server& server = lease_.server();
  // Nobody's request makes a server refuse connections.
  const Witnesses::Blame whose = outcome == Outcome::no_connection ? Witnesses::Blame::server : blame();
  const std::uint32_t in_row = server.failed(outcome, whose);
  const std::uint32_t threshold = settings().ejection.consecutive_failures;
  if (threshold != 0 && in_row != 0 && in_row % threshold == 0) up_.directory_.ask_review();
  const Marks marks = server.marks();
  const bool known = marks.has(Mark::suspected) || marks.has(Mark::silent) || marks.has(Mark::dead);
  if (outcome == Outcome::no_connection && !known) {
    up_.metrics_.suspicions.add();
    up_.directory_.suspect(server);
  }
}

// The same for requests that ask for the same.
std::uint64_t Flight::target() const {
  const http::RequestHead& head = request_.head;
  return absl::HashOf(head.method, head.authority, head.target);
}

// Whose fault it is that the attempt failed.
Witnesses::Blame Flight::blame() {
  return up_.directory_.witnesses().hear(lease_.server().id(), request_.claim.client, target(), loop_.now());
}

// Adds what the attempt took of the origin up to now; once for each attempt. The time in which the client's own body
// was waited for is not the origin's.
void Flight::close_account() {
  if (account_ == Account::closed) return;
  account_ = Account::closed;
  const TimePoint from = upload_ ? std::max(began_, upload_->last_progress()) : began_;
  origin_time_ += std::max(loop_.now() - from, Duration::zero());
}

// For people: what the server did.
std::string Flight::cause_of_failure(const Error& error) const {
  const http::ClientConnection* const connection = lease_.connection();
  if (wait_.told == AnswerWait::Told::server_down) return "no answer, and its health check failed";
  if (connection == nullptr) return error.text();
  switch (error.code) {
    case Errc::timed_out:
      if (answered_ == Answered::yes) return with_detail("its answer's body did not come in time", error);
      return with_detail(lease_.server().marks().has(Mark::silent) ? "no answer in time, as to its health checks"
                                                                   : "no answer in time",
                         error);
    case Errc::closed:
      if (answered_ == Answered::yes)
        return with_detail("closed the connection in the middle of its answer's body", error);
      if (connection->untouched()) return with_detail("closed the connection without an answer", error);
      return with_detail("closed the connection in the middle of its answer's head", error);
    case Errc::invalid: return with_detail("its answer is not valid HTTP", error);
    case Errc::too_large: return with_detail("its answer's head is too large", error);
    default: return error.text();
  }
}

// ---- after a failure ----

// Accounts the attempt's failure and decides whether there is to be another.
Flight::Again Flight::after_failure(Error error) {
  Server& server = lease_.server();
  const http::ClientConnection* const connection = lease_.connection();
  const bool connected = connection != nullptr;
  const bool stale =
      connected && connection_age_ == ConnectionAge::reused && error.code == Errc::closed && connection->untouched();
  const bool told_down = wait_.told == AnswerWait::Told::server_down;
  close_account();
  cause_ = cause_of_failure(error);
  error_ = told_down ? Error{Errc::timed_out} : std::move(error);
  gathered_.clear();
  lease_.drop_connection();

  if (given_up()) {
    error_ = {Errc::cancelled};
    cause_ = "given up while it was waited for";
    return Again::no;
  }
  if (upload_ && upload_->client_error()) {
    error_ = *upload_->client_error();
    cause_ = "the client's body broke off: " + error_.text();
    side_ = FetchFailure::Side::client;
  }
  if (side_ == FetchFailure::Side::client) return Again::no;
  // Out of ports or descriptors: our own shortage, no other server would help.
  if (!connected && error_.code == Errc::exhausted) return Again::no;

  const Outcome outcome = connected ? outcome_of_error(error_) : Outcome::no_connection;
  if (stale) {
    ++stale_attempts_;
    next_connection_ = NextConnection::fresh;
  } else {
    count_failure(outcome);
    add_tried(server);
  }
  lease_.release();

  const bool harmless = sent_ == Sent::nothing ? body_ != Body::spent : repeatable();
  if (!harmless || loop_.now() >= request_.deadline) return Again::no;
  const RetryPolicy& policy = settings().retry;
  const std::uint32_t real_attempts = attempts_ - stale_attempts_;
  // The server never saw the request, so that sending it again adds no load; only the first time is it believed.
  if (stale && stale_attempts_ == 1) return Again::yes;
  if (real_attempts >= std::min<std::uint32_t>(policy.attempts, most_attempts)) return Again::no;
  if (outcome == Outcome::no_connection && !stale && !has_untried()) return Again::no;
  return spend_retry();
}

bool Flight::has_untried() {
  const Choice choice = choose(wish(), up_.random_);
  if (choice.member == nullptr) return choice.shortage == Choice::Shortage::full;
  const auto before = tried();
  return std::find(before.begin(), before.end(), choice.member->server) == before.end();
}

Flight::Again Flight::spend_retry() {
  if (!up_.budget_.try_take(settings().retry, up_.directory_.workers(), loop_.now())) {
    up_.metrics_.retries_denied.add();
    return Again::no;
  }
  up_.metrics_.retries.add();
  return Again::yes;
}

// ---- after an answer ----

// An answer that says "not here, not now" is passed on only if no other server can give a better one. Not if it says
// when to come back: then it is the shop's own word.
Flight::Again Flight::move_from_bad_answer(const http::ResponseHead& head) {
  if (head.status < 502 || head.status > 504) return Again::no;
  if (!repeatable() || body_ == Body::streamed) return Again::no;
  if (head.headers.has(http::Field::retry_after) || loop_.now() >= request_.deadline) return Again::no;
  if (attempts_ - stale_attempts_ >= settings().retry.attempts) return Again::no;
  add_tried(lease_.server());
  const Member* const other = choose_other_good(wish(), up_.random_);
  if (other == nullptr || !up_.enter(*other)) return Again::no;
  // From here on the place is taken, and the lease gives it back whatever follows.
  Lease place(up_, request_.route, *other);
  if (spend_retry() == Again::no) return Again::no;
  gathered_.clear();
  lease_.release();
  lease_ = std::move(place);
  find_idle();
  return Again::yes;
}

Fetched Flight::land(const http::ResponseHead& head) {
  up_.admission_->answered(request_.claim, answered_use(head));
  lease_.end_work();
  Fetched fetched;
  const Member& member = lease_.member();
  if (!member.sticky.empty() && member.sticky != request_.sticky && !keeps_sticky()) {
    fetched.new_sticky_ = member.sticky;
  }
  fetched.claim_ = request_.claim;
  if (!lease_.connection()->body_done()) fetched.target_ = target();
  fetched.hold_ = std::move(hold_);
  fetched.lease_ = std::move(lease_);
  fetched.head_ = &head;
  fetched.gathered_ = gathered_.take();
  fetched.upload_ = std::move(upload_);
  fetched.origin_time_ = origin_time_;
  fetched.attempts_ = attempts_;
  return fetched;
}

// The client's own server is good and was only too busy for this one request.
bool Flight::keeps_sticky() const {
  if (request_.sticky.empty()) return false;
  for (const Tier& tier : request_.route->tiers) {
    for (const Member* member : tier.members) {
      if (member->sticky == request_.sticky) return member->server->marks().good();
    }
  }
  return false;
}

}  // namespace tenfold::origin
