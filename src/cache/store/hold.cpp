#include "cache/store/hold.hpp"

#include <algorithm>

namespace tenfold::cache {

namespace {

// So many are looked at to find the slowest, a bound on the time under the lock. Who was looked at comes last the next
// time.
constexpr std::size_t most_looks = 256;

}  // namespace

bool Holds::take(Hold& hold, Ref<const Body> body, std::uint64_t client) {
  const std::lock_guard lock(mutex_);
  const std::size_t bytes = body->charged_bytes();
  const auto own = clients_.find(client);
  if (own != clients_.end() && !own->second->bodies.contains(body->number()) &&
      own->second->bytes + bytes > share_bytes_) {
    return false;
  }
  while (body->holds_ == 0 && held_bytes_.load(std::memory_order_relaxed) + bytes > limit_bytes_) {
    Hold* const loser = slowest();
    if (loser == nullptr || lost_bytes_ + loser->body_->charged_bytes() > limit_bytes_ / 2) return false;
    const std::size_t before = held_bytes_.load(std::memory_order_relaxed);
    subtract(*loser);
    loser->lost_bytes_ = before - held_bytes_.load(std::memory_order_relaxed);
    lost_bytes_ += loser->lost_bytes_;
    loser->lost_.store(true, std::memory_order_relaxed);
  }
  add(hold, std::move(body), client);
  return true;
}

Hold* Holds::slowest() {
  Hold* found = nullptr;
  std::uint64_t slowest = slow_bytes_per_s;
  for (std::size_t i = std::min(count_, most_looks); i > 0; --i) {
    Hold& hold = holds_.front();
    holds_.push_back(hold);
    const std::uint64_t pace = hold.pace_.load(std::memory_order_relaxed);
    if (pace >= slowest) continue;
    found = &hold;
    slowest = pace;
  }
  return found;
}

void Holds::add(Hold& hold, Ref<const Body> body, std::uint64_t client) {
  auto& of_client = clients_[client];
  if (!of_client) of_client = std::make_unique<Client>();
  const std::size_t bytes = body->charged_bytes();
  if (++of_client->bodies[body->number()] == 1) of_client->bytes += bytes;
  if (body->holds_++ == 0) held_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  hold.holds_ = this;
  hold.body_ = std::move(body);
  hold.client_ = client;
  hold.of_client_ = of_client.get();
  holds_.push_back(hold);
  ++count_;
}

void Holds::subtract(Hold& hold) {
  hold.unlink();
  --count_;
  const Body& body = *hold.body_;
  Client& client = *std::exchange(hold.of_client_, nullptr);
  const auto same = client.bodies.find(body.number());
  if (--same->second == 0) {
    client.bodies.erase(same);
    client.bytes -= body.charged_bytes();
  }
  if (client.bodies.empty()) clients_.erase(hold.client_);
  if (--body.holds_ == 0) held_bytes_.fetch_sub(body.charged_bytes(), std::memory_order_relaxed);
}

void Holds::give_back(Hold& hold) {
  const std::lock_guard lock(mutex_);
  if (hold.lost()) {
    lost_bytes_ -= hold.lost_bytes_;
  } else {
    subtract(hold);
  }
}

}  // namespace tenfold::cache
