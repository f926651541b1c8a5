#include <cstddef>
#include <cstdint>
#include <string_view>

#include "edge/worker/proxy_protocol.hpp"

// Whatever arrives: the verdict on a beginning agrees with the verdict on the whole, and no bound is passed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold::edge;
  using Status = ProxyHeader::Status;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ProxyHeader whole = parse_proxy_header(bytes);

  if (whole.status == Status::need_more) TENFOLD_ASSERT(bytes.size() < longest_proxy_v2_bytes);
  if (whole.status == Status::invalid) TENFOLD_ASSERT(!whole.reason.empty());
  if (whole.status == Status::complete) {
    TENFOLD_ASSERT(whole.consumed <= bytes.size() && whole.consumed <= longest_proxy_v2_bytes);
    TENFOLD_ASSERT(whole.source.has_value() == whole.destination.has_value());
    const ProxyHeader exact = parse_proxy_header(bytes.substr(0, whole.consumed));
    TENFOLD_ASSERT(exact.status == Status::complete && exact.source == whole.source);
    TENFOLD_ASSERT(parse_proxy_header(bytes.substr(0, whole.consumed - 1)).status == Status::need_more);
  }
  const ProxyHeader half = parse_proxy_header(bytes.substr(0, size / 2));
  if (half.status == Status::invalid) TENFOLD_ASSERT(whole.status == Status::invalid);
  if (half.status == Status::complete) TENFOLD_ASSERT(whole.consumed == half.consumed);
  return 0;
}
