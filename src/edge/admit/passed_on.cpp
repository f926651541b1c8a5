#include "edge/admit/passed_on.hpp"

#include <string_view>

#include "edge/visit.hpp"

namespace tenfold::edge {

PassedOn& PassedOn::operator+=(const PassedOn& more) {
  if (requests == 0) {
    *this = more;
    return *this;
  }
  one_address = one_address && more.one_address && address == more.address;
  requests += more.requests;
  named.merge(more.named);
  with_a_cookie.merge(more.with_a_cookie);
  return *this;
}

void PassedOnTable::note(const net::IpAddress& from, std::uint64_t named, std::optional<std::uint64_t> cookie) {
  const guard::Prefix network = guard::Prefix::of(from, guard::Level::network);
  auto found = networks_.find(network);
  if (found == networks_.end()) {
    if (networks_.size() >= most) return;
    found = networks_.try_emplace(network, PassedOn{.address = from, .named = {}, .with_a_cookie = {}}).first;
  }
  PassedOn& passed = found->second;
  passed.one_address = passed.one_address && passed.address == from;
  ++passed.requests;
  passed.named.add(named);
  if (cookie) passed.with_a_cookie.add(*cookie);
}

void note_passed_on(const Visit& visit, const SipKey& key, PassedOnTable& table) {
  if (visit.named_by_peer.empty()) return;
  constexpr std::size_t enough = 128;  // of a list that a stranger may have made as long as it likes
  const auto& seen = visit.guarded.seen;
  table.note(visit.client.address, siphash(key, visit.named_by_peer.substr(0, enough)),
             seen ? std::optional(siphash(key, seen->id)) : std::nullopt);
}

}  // namespace tenfold::edge
