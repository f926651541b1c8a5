#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "net/stream.hpp"
#include "net/task.hpp"

// The receiving side of HAProxy's PROXY protocol, versions 1 and 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt,
// "the specification"). Whom to believe is the caller's business: a header is read only from peers that must send one.
namespace tenfold::edge {

enum class ProxyCommand : std::uint8_t {
  local,  // the proxy speaks for itself, e.g. a health check: the connection's own endpoints hold
  proxy,  // on behalf of the source endpoint, where one is given
};

struct ProxyHeader {
  enum class Status : std::uint8_t { need_more, invalid, complete };

  Status status = Status::need_more;
  std::string_view reason;   // if invalid: what was wrong; a literal
  std::size_t consumed = 0;  // if complete: the header's length in bytes
  ProxyCommand command = ProxyCommand::local;
  // Both or none. None for LOCAL, for "UNKNOWN", and for families other than TCP over IPv4 or IPv6.
  std::optional<net::Endpoint> source;
  std::optional<net::Endpoint> destination;
};

inline constexpr std::size_t longest_proxy_v1_bytes = 107;   // line end included (the specification, 2.1)
inline constexpr std::size_t longest_proxy_v2_bytes = 4096;  // ours; a longer header is invalid

// Reads the header at the front of the bytes that have arrived so far. Invalid as soon as no continuation could be
// valid, so need_more is never asked for more than longest_proxy_v2_bytes. Version 2's extensions (TLVs) are skipped,
// except that a CRC32c among them must be right.
ProxyHeader parse_proxy_header(std::string_view bytes);

struct ProxiedStart {
  ProxyCommand command = ProxyCommand::local;
  std::optional<net::Endpoint> source;       // the client, where the proxy told
  std::optional<net::Endpoint> destination;  // what the client connected to
};

// Reads the header from the stream; what came behind it is put back, so that the next read (by TLS or HTTP) begins
// there. Errors: invalid with the reason, timed_out, closed (also: the peer ended within the header), cancelled. After
// an error the stream is good for nothing but destruction.
net::Task<Result<ProxiedStart>> read_proxy_header(net::Stream& stream, TimePoint deadline);

}  // namespace tenfold::edge
