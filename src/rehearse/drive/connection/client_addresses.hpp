#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "net/address.hpp"

namespace tenfold::rehearse {

struct AddressRange;

// Addresses to come from, in turn. One thread only; a copy goes on where the original is.
class ClientAddresses {
 public:
  ClientAddresses() = default;  // none: as the system likes
  // Every `step`th of a range that lies in 127.0.0.0/8, from the `begin`th on; its first and last are left out if it
  // has others (they name the network and the broadcast). Errors: invalid.
  static Result<ClientAddresses> in(const AddressRange& range, std::uint32_t begin, std::uint32_t step);

  std::optional<net::IpAddress> next() {
    if (count_ == 0) return std::nullopt;
    const std::uint32_t turn = turn_;
    turn_ = (turn_ + step_) % count_;
    return net::IpAddress::v4(first_ + turn);
  }

 private:
  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t turn_ = 0;
  std::uint32_t step_ = 1;
};

}  // namespace tenfold::rehearse
