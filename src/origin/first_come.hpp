#pragma once

#include <cstdint>

#include "origin/admission.hpp"
#include "origin/choice.hpp"

namespace tenfold::origin {

// First come, first served among those that a server suits, whoever they are. Bounded by PoolSettings::max_waiting.
class FirstComeFirstServed final : public Admission {
 public:
  Turn turn_of(const Ticket& newcomer) override {
    const bool others_first =
        size_ != 0 && first([&](const Ticket& ticket) { return &ticket.route == &newcomer.route; }) != nullptr;
    return others_first ? Turn::later : Turn::now;
  }
  Joined join(Ticket& ticket) override {
    if (size_ >= ticket.most_waiting) return Joined::full;
    tickets_.push_back(ticket);
    ++size_;
    return Joined::waits;
  }
  void leave(Ticket& ticket, Left) override {
    ticket.unlink();
    --size_;
  }
  bool inherit(Ticket&, const Claim&) override { return false; }
  std::uint8_t holds_as(const Claim&) const override { return ranks - 1; }
  void held(const Claim&, const Pool&, Duration) override {}
  bool waits_for(const Server& server) override { return size_ != 0 && first_for(server) != nullptr; }
  void call_for(const Server& server) override {
    if (Ticket* const ticket = first_for(server)) ticket->call();
  }
  bool may_look(const Ticket&) override { return true; }
  void answered(const Claim&, const OriginUse&) override {}
  void returned(const Claim&, const OriginUse&) override {}

 private:
  Ticket* first_for(const Server& server) {
    return first([&](const Ticket& ticket) { return leads_to(ticket.route, server); });
  }
  template <class Predicate>
  Ticket* first(Predicate fits) {
    Ticket* found = nullptr;
    tickets_.for_each([&](Ticket& ticket) {
      if (found == nullptr && fits(ticket)) found = &ticket;
    });
    return found;
  }

  net::IntrusiveList<Ticket> tickets_;
  std::uint32_t size_ = 0;
};

}  // namespace tenfold::origin
