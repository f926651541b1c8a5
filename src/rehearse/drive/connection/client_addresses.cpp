#include "rehearse/drive/connection/client_addresses.hpp"

#include "rehearse/drive/drive.hpp"

namespace tenfold::rehearse {

Result<ClientAddresses> ClientAddresses::in(const AddressRange& range, std::uint32_t begin, std::uint32_t step) {
  const bool loopback = range.first.is_v4() && range.first.is_loopback();
  if (!loopback || range.prefix_bits < 8 || range.prefix_bits > 32) {
    return fail(Errc::invalid,
                "client addresses " + range.first.text() + "/" + std::to_string(range.prefix_bits) +
                    " are not all in 127.0.0.0/8: others than loopback addresses are nobody's to choose");
  }
  const auto size = static_cast<std::uint32_t>(std::uint64_t{1} << (32 - range.prefix_bits));
  ClientAddresses made;
  made.first_ = range.first.v4_host_order() & ~(size - 1);
  made.count_ = size;
  if (size > 2) {
    ++made.first_;
    made.count_ -= 2;
  }
  made.turn_ = begin % made.count_;
  made.step_ = step;
  return made;
}

}  // namespace tenfold::rehearse
