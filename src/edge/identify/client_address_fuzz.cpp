#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "edge/identify/client_address.hpp"

// The first byte chooses the field; line feeds part its lines. Whatever the lines say: an untrusted peer is the client,
// and a client that a proxy named is either untrusted itself or the end of the walk.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  if (size == 0) return 0;
  const http::Field fields[] = {http::Field::x_forwarded_for, http::Field::forwarded, http::Field::x_forwarded_proto};
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  http::Headers headers;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    headers.add(fields[(data[0] + headers.size() / 8) % 3], line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  static const std::vector<net::IpNetwork> networks{*net::IpNetwork::parse("10.0.0.0/8")};
  static const edge::TrustedNetworks trusted(networks);

  const net::Endpoint stranger{net::IpAddress::v4(0xc0000201), 1};
  const auto direct = edge::client_facts(trusted, stranger, edge::Scheme::http, headers);
  TENFOLD_ASSERT(direct.address == stranger.address && direct.port == 1 && direct.scheme == edge::Scheme::http);

  const net::Endpoint proxy{net::IpAddress::v4(0x0a000001), 1};
  const auto named = edge::client_facts(trusted, proxy, edge::Scheme::http, headers);
  if (named.source == edge::ClientSource::connection) TENFOLD_ASSERT(named.address == proxy.address && named.port == 1);
  return 0;
}
