#include "guard/measure/meter.hpp"

#include "base/result.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::guard {

Meter::Meter(const Options& options)
    : request_us_(options.request_us),
      clients_(options.capacity, options.secret),
      networks_(options.capacity, options.secret),
      blocks_(options.capacity, options.secret) {
  TENFOLD_ASSERT(request_us_ > 0);
}

void Meter::add(const net::IpAddress& client, const Usage& usage) {
  const std::uint64_t key = client_key(client);
  const std::uint64_t network = key_at(Level::network, key);
  const std::uint64_t block = key_at(Level::block, key);
  const std::uint64_t hash = clients_.hash(key);
  const std::uint64_t network_hash = networks_.hash(network);
  const std::uint64_t block_hash = blocks_.hash(block);
  const std::uint64_t weight = weight_us(usage);
  clients_.add(key, hash, weight).note += usage;
  Group& in_network = networks_.add(network, network_hash, weight).note;
  in_network.usage += usage;
  in_network.spread.add(hash);
  Group& in_block = blocks_.add(block, block_hash, weight).note;
  in_block.usage += usage;
  in_block.spread.add(hash);
  total_ += usage;
}

void Meter::clear() {
  clients_.clear();
  networks_.clear();
  blocks_.clear();
  total_ = {};
}

std::size_t Meter::bytes() const { return sizeof(*this) + clients_.bytes() + networks_.bytes() + blocks_.bytes(); }

}  // namespace tenfold::guard
