#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>

#include "http/exchange.hpp"

namespace tenfold::edge {

struct Visit;

// How many connections each bearer holds at this worker for which it has more than a stranger: that it is not ended for
// what neighbours burn (ServerExchange::spare()), and that it is not closed for a newcomer (IdleTurn::last). One
// cookie, earned or stolen, would else have it for a thousand. Has an entry for each bearer that holds one now, thus
// not more than there are connections. One thread only.
class FavouredPlaces {
 public:
  // A browser opens six to a host, and may have left as many half-dead in another network.
  static constexpr std::uint8_t most = 12;

  // Null: the bearer holds as many as it may. The place may outlive this.
  std::unique_ptr<const http::FavouredPlace> take(std::uint64_t bearer);
  std::size_t bearers() const { return held_->size(); }

 private:
  using Held = absl::flat_hash_map<std::uint64_t, std::uint8_t>;
  class Place;
  std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

// Whether the visit's connection is one of those for which a customer may have more; takes a place for it where it has
// none. The visit must be a customer's.
bool is_favoured(Visit& visit);

}  // namespace tenfold::edge
