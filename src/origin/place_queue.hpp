#pragma once

#include <cstdint>

#include "net/intrusive_list.hpp"
#include "net/scope.hpp"
#include "origin/choice.hpp"
#include "origin/topology.hpp"

namespace tenfold::origin {

// A request's place in the queue; part of the fetch.
struct PlaceTicket : net::ListNode {
  explicit PlaceTicket(const Route& wanted) : route(wanted) {}
  const Route& route;
  net::Event called;  // try again now
};

// A worker's requests that wait for a place at a server, first come first served among those that the server suits.
// Bounded by whoever lets requests join (PoolSettings::max_waiting). One thread only.
class PlaceQueue {
 public:
  void join(PlaceTicket& ticket) {
    tickets_.push_back(ticket);
    ++size_;
  }
  void leave(PlaceTicket& ticket) {
    ticket.unlink();
    --size_;
  }
  std::uint32_t size() const { return size_; }

  // Whether somebody waits who could take a place on this route: newcomers then queue up behind.
  bool waits_on(const Route& route) {
    return size_ != 0 && first([&](const PlaceTicket& ticket) { return &ticket.route == &route; }) != nullptr;
  }
  bool waits_for(const Server& server) { return size_ != 0 && first_for(server) != nullptr; }
  // Lets the first that the server suits try again; it runs on the caller's stack.
  void call_for(const Server& server) {
    if (PlaceTicket* const ticket = first_for(server)) ticket->called.notify_one();
  }

 private:
  PlaceTicket* first_for(const Server& server) {
    return first([&](const PlaceTicket& ticket) { return leads_to(ticket.route, server); });
  }
  template <class Predicate>
  PlaceTicket* first(Predicate fits) {
    PlaceTicket* found = nullptr;
    tickets_.for_each([&](PlaceTicket& ticket) {
      if (found == nullptr && fits(ticket)) found = &ticket;
    });
    return found;
  }

  net::IntrusiveList<PlaceTicket> tickets_;
  std::uint32_t size_ = 0;
};

}  // namespace tenfold::origin
