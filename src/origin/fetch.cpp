#include "origin/fetch.hpp"

#include <algorithm>
#include <utility>

#include "origin/flight.hpp"

namespace tenfold::origin {

Fetched::Fetched(Fetched&&) noexcept = default;
Fetched& Fetched::operator=(Fetched&& other) noexcept {
  if (this == &other) return *this;
  give_account();
  claim_ = other.claim_;
  target_ = other.target_;
  hold_ = std::move(other.hold_);
  lease_ = std::move(other.lease_);
  head_ = other.head_;
  gathered_ = std::move(other.gathered_);
  gathered_next_ = other.gathered_next_;
  upload_ = std::move(other.upload_);
  new_sticky_ = other.new_sticky_;
  origin_time_ = other.origin_time_;
  attempts_ = other.attempts_;
  return *this;
}
Fetched::~Fetched() {
  TENFOLD_ASSERT(!uploading());
  give_account();
}

void Fetched::give_account() {
  if (!lease_) return;
  lease_.owner().admission().returned(claim_, {.end = OriginUse::End::answered,
                                               .status = head_->status,
                                               .attempts = attempts_,
                                               .time = origin_time_,
                                               .held = lease_.owner().loop().now() - lease_.since(),
                                               .held_told = hold_ ? hold_->charged() : Duration(0),
                                               .pool = &lease_.pool()});
}

net::Buffer Fetched::take_ready_body() {
  if (gathered_next_ < gathered_.size()) return std::move(gathered_[gathered_next_++]);
  return connection().take_ready_body();
}

bool Fetched::body_done() const { return gathered_next_ == gathered_.size() && connection().body_done(); }

net::Task<Result<net::Buffer>> Fetched::read_body(TimePoint deadline) {
  if (gathered_next_ < gathered_.size()) co_return std::move(gathered_[gathered_next_++]);
  auto part = co_await connection().read_body(deadline);
  if (!part && part.error().code != Errc::cancelled) {
    Server& server = lease_.server();
    Upstreams& owner = lease_.owner();
    const auto blame =
        owner.directory_.witnesses().hear(server.id(), claim_.client, target_, connection().stream().loop().now());
    server.failed(part.error().code == Errc::timed_out ? Outcome::no_answer : Outcome::broken, blame);
  }
  co_return part;
}

bool Fetched::hold_for_client() {
  if (hold_ || claim_.client == 0) return true;
  const std::uint32_t half = std::max<std::uint32_t>(route()->places / 2, 1);
  hold_ = lease_.owner().directory_.held().take(claim_.client, HeldPlaces::Kind::download, half, half,
                                                lease_.owner().admission().holds_as(claim_));
  if (hold_ && hold_->may_begin(lease_.member(), lease_.owner().loop().now())) return true;
  hold_.reset();
  lease_.owner().metrics_.holds_denied.add();
  return false;
}

bool Fetched::keep_hold(std::optional<std::uint64_t> bytes_per_s) {
  if (!hold_) return true;
  const TimePoint now = lease_.owner().loop().now();
  lease_.owner().admission().held(claim_, pool(), hold_->uncharged(now));
  if (hold_->keep(lease_.member(), bytes_per_s, now)) return true;
  lease_.owner().metrics_.holds_denied.add();
  return false;
}

void Fetched::call_when_hold_is_lost(HeldPlaces::Held::Told told, void* owner) {
  if (hold_) hold_->call_when_lost(lease_.owner().loop(), told, owner);
}

bool Fetched::uploading() const { return upload_ != nullptr && upload_->running(); }

net::Task<void> Fetched::finish() {
  if (!uploading()) co_return;
  upload_->stop();
  co_await upload_->wait_end(connection().stream().loop());
}

void Fetched::Upload::stop() {
  stopping_ = true;
  if (running_) body_.interrupt();
}

// Who sends slowly and holds a place that others need more has it ended: at once where the client is waited for.
void Fetched::Upload::on_second() {
  const Duration client_took = client_took_ + (reading_since_ ? loop_.now() - *reading_since_ : Duration(0));
  std::optional<std::uint64_t> pace;
  if (client_took >= known_after) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(client_took).count();
    pace = received_ * 1000 / static_cast<std::uint64_t>(ms);
  }
  const bool lasts = client_took >= HeldPlaces::counts_after || loop_.now() - began_ >= HeldPlaces::counts_at_last;
  owner_.admission().held(claim_, *member_.pool, hold_->uncharged(loop_.now()));
  if (!lasts || hold_->keep(member_, pace, loop_.now())) {
    loop_.timers().arm(look_, loop_.now() + look_every);
    return;
  }
  owner_.metrics_.holds_denied.add();
  lost_ = true;
  if (reading_since_) body_.interrupt();
}

net::Task<Result<net::Buffer>> Fetched::Upload::read(TimePoint deadline) {
  const auto fail_lost = [] { return fail(Errc::timed_out, "too slow while others need a connection to the origin"); };
  if (lost_) co_return fail_lost();  // while the server was waited for
  reading_since_ = loop_.now();
  auto part = co_await body_.read(deadline);
  client_took_ += loop_.now() - *std::exchange(reading_since_, std::nullopt);
  if (lost_) co_return fail_lost();
  if (part) received_ += part->size();
  co_return part;
}

net::Task<void> Fetched::Upload::run(std::shared_ptr<Upload> self, http::ClientConnection& connection,
                                     Duration timeout) {
  RequestBody& body = self->body_;
  const net::Loop& loop = connection.stream().loop();
  self->last_progress_ = loop.now();
  self->began_ = loop.now();
  if (self->hold_ != nullptr) {
    self->loop_.timers().arm(self->look_, loop.now() + look_every);
    self->hold_->call_when_lost(self->loop_, &on_time, self.get());
  }
  // Put off by the time that the server takes: that is not the client's.
  TimePoint slowest = loop.now() + timeout;
  for (;;) {
    auto part = co_await self->read(std::min(loop.now() + timeout, slowest));
    if (!part) {
      if (!self->stopping_) self->client_error_ = std::move(part.error());
      break;
    }
    if (self->stopping_) break;
    const TimePoint came = loop.now();
    const http::BodyEnd end = part->empty() ? http::BodyEnd::last : http::BodyEnd::more;
    const http::Headers* const trailers = part->empty() ? body.trailers() : nullptr;
    const net::WriteLimit limit(no_deadline, timeout);
    auto sent = co_await connection.send_body(part->view(), end, limit, trailers);
    // A server that does not want more may have answered: whoever reads finds out.
    if (!sent || end == http::BodyEnd::last) break;
    self->last_progress_ = loop.now();
    slowest += (loop.now() - came) + std::chrono::nanoseconds(1s) * part->size() / least_bytes_per_s;
  }
  self->running_ = false;
  self->look_.cancel();
  if (self->hold_ != nullptr) self->hold_->call_when_lost(self->loop_, nullptr, nullptr);
  self->last_progress_ = loop.now();
  // Without the rest of the request there will be no answer: whoever waits for it need not. The connection may be gone
  // after that.
  if (self->client_error_ && !self->stopping_) connection.stream().cancel();
  self->ended_.notify_all();
}

bool Fetched::Upload::has_moved(const net::Stream& stream) {
  const std::uint64_t taken = stream.bytes_taken();
  if (taken == std::exchange(taken_, taken)) return false;
  last_progress_ = stream.loop().now();
  return true;
}

net::Task<void> Fetched::Upload::wait_end(net::Loop& loop) {
  // The upload's own waits have deadlines, so that this ends.
  while (running_) co_await ended_.wait(loop, no_deadline);
}

}  // namespace tenfold::origin
