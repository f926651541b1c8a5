#pragma once

#include <cstdint>
#include <memory>

#include "net/tls/tls.hpp"
#include "record.hpp"
#include "web.hpp"

// Attackers that want a connection and its memory rather than an answer. Each counts itself in `open`; all that is
// given by reference must outlive the run.
namespace tenfold::siege {

// A head that never ends, or a form that is announced and never comes whole: some bytes each second, until the other
// side ends it or the run is over.
net::Task<void> drip(World& world, Vector what, net::IpAddress source, std::uint32_t& open, WaveRecord& record);

// Asks for a hundred pages in one go, with a receive window of a few kilobytes, and takes 256 bytes a second.
net::Task<void> read_slowly(World& world, net::IpAddress source, std::uint32_t& open, WaveRecord& record);

// A TLS handshake in full, and nothing else.
net::Task<void> handshake(World& world, std::shared_ptr<net::TlsClientContext> context, net::IpAddress source,
                          std::uint32_t& open, WaveRecord& record);
// Null: OpenSSL could not.
std::shared_ptr<net::TlsClientContext> handshake_context();

}  // namespace tenfold::siege
