#include "edge/admit/favoured.hpp"

#include <utility>

#include "edge/visit.hpp"

namespace tenfold::edge {

class FavouredPlaces::Place final : public http::FavouredPlace {
 public:
  Place(std::shared_ptr<Held> held, std::uint64_t bearer) : held_(std::move(held)), bearer_(bearer) {}
  ~Place() override {
    const auto mine = held_->find(bearer_);
    if (--mine->second == 0) held_->erase(mine);
  }
  std::uint64_t bearer() const override { return bearer_; }

 private:
  const std::shared_ptr<Held> held_;
  const std::uint64_t bearer_;
};

std::unique_ptr<const http::FavouredPlace> FavouredPlaces::take(std::uint64_t bearer) {
  std::uint8_t& held = (*held_)[bearer];
  if (held == most) return nullptr;
  ++held;
  return std::make_unique<const Place>(held_, bearer);
}

namespace {

// By what the visitor is a customer: its cookie, else its address. Not by its clearance, of which it may have many.
// 0: the owner lets it be.
std::uint64_t bearer_of(const Visit& visit) {
  const GuardFacts& facts = visit.guarded;
  if (facts.standing == guard::Standing::allowed) return 0;
  const bool by_cookie =
      facts.seen && (facts.standing == guard::Standing::known || facts.seen->deeds != guard::Deeds());
  if (by_cookie) return facts.seen->id;
  return subject_hash(visit.site.guard_memory->key, visit.client.address, guard::Level::client);
}

}  // namespace

bool is_favoured(Visit& visit) {
  const std::uint64_t bearer = bearer_of(visit);
  if (bearer == 0) return true;
  const http::FavouredPlace* const held = visit.exchange.place();
  if (held != nullptr && held->bearer() == bearer) return true;
  auto place = visit.site.guard_memory->favoured.take(bearer);
  if (place == nullptr) return false;
  visit.exchange.hold(std::move(place));
  return true;
}

}  // namespace tenfold::edge
