#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/address.hpp"

// Whatever is read is written in a form that reads back as the same, within the room that write_to asks for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::net;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  if (const auto address = IpAddress::parse(text)) {
    char out[46];
    const std::size_t length = address->write_to(out);
    TENFOLD_ASSERT(length <= sizeof out);
    TENFOLD_ASSERT(IpAddress::parse(std::string_view(out, length)) == *address);
  }
  if (const auto network = IpNetwork::parse(text)) {
    TENFOLD_ASSERT(IpNetwork::parse(network->text()) == *network);
  }
  if (const auto endpoint = Endpoint::parse(text)) {
    TENFOLD_ASSERT(Endpoint::parse(endpoint->text()) == *endpoint);
    sockaddr_storage storage;
    endpoint->to(storage);
    TENFOLD_ASSERT(Endpoint::from(storage) == *endpoint);
  }
  return 0;
}
