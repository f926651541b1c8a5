#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "edge/forward/forwarding_oracle.hpp"

// The first byte chooses who connects: a stranger or a trusted proxy; the rest are field lines. Whatever they are: the
// origin hears of the client from the edge alone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  if (size == 0) return 0;
  http::RequestHead request;
  request.method_name = "GET";
  request.authority = "shop.example";
  request.target = "/";
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  while (!rest.empty() && request.headers.size() < 100) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(':');
    if (colon != 0 && colon != std::string_view::npos)
      request.headers.add(line.substr(0, colon), line.substr(colon + 1));
  }
  static const std::vector<net::IpNetwork> networks{*net::IpNetwork::parse("10.0.0.0/8")};
  static const edge::TrustedNetworks trusted(networks);
  const net::Endpoint peer{net::IpAddress::v4(data[0] % 2 == 0 ? 0xc0000201 : 0x0a000001), 1};
  std::optional<edge::ProxyChain> chain;
  Arena arena;
  const edge::ClientFacts client = edge::client_facts(trusted, peer, edge::Scheme::http, request.headers, chain);
  request.headers.remove(http::Field::tenfold_rehearsal);
  edge::keep_what_crosses(request, chain, edge::Via::on, arena);
  http::RequestHead sent;
  edge::make_origin_head(request, client, peer.address, edge::Via::on, sent, arena);
  TENFOLD_ASSERT(edge::oracle::fault_of(sent, client, peer.address).empty());
  return 0;
}
