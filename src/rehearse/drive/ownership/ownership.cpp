#include "rehearse/drive/ownership/ownership.hpp"

#include <algorithm>

#include "base/hmac.hpp"
#include "rehearse/drive/ownership/token_file.hpp"

namespace tenfold::rehearse {

namespace {

// A proof that has less than this left is made anew, in good time for another try or two.
constexpr Duration renewal = std::chrono::seconds(20);
constexpr Duration address_timeout = std::chrono::seconds(5);

// Looks at every line, and at every byte of those as long as the token, wherever they differ.
bool holds(std::string_view text, std::string_view token) {
  int found = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (equal_in_constant_time(line, token)) ++found;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found > 0;
}

std::string what_to_do(const Target& target, std::string_view token) {
  return "; to show that " + target.host + " is yours, put this line into " + target.origin() +
         std::string(token_path) + ": " + std::string(token);
}

}  // namespace

bool is_loopback(const net::IpAddress& address) { return address.is_loopback(); }

std::string ownership_token(std::string_view key, std::string_view host) {
  return "tenfold-verify=" + hmac_sha256_hex(key, "verify:" + std::string(host));
}

Ownership::Ownership(net::Loop& loop, net::Resolver& resolver, std::string key)
    : loop_(loop), resolver_(resolver), key_(std::move(key)) {}

net::Task<Result<Proof>> Ownership::prove(Target target, std::shared_ptr<net::TlsClientContext> tls,
                                          TimePoint deadline) {
  auto resolution = co_await resolver_.resolve(target.host, deadline);
  if (!resolution) co_return std::unexpected(resolution.error());
  if (resolution->addresses.empty()) co_return fail(Errc::unreachable, target.host + " has no address");
  auto& addresses = resolution->addresses;
  std::ranges::sort(addresses);
  addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());

  if (!std::ranges::all_of(addresses, is_loopback)) {
    auto proof = co_await prove_all(target, std::move(*resolution), tls, deadline);
    co_return proof;
  }
  Proof proof;
  for (const net::IpAddress& address : addresses) {
    proof.addresses.push_back(ProvenAddress({address, target.port}, TimePoint::max()));
  }
  proof.look_again = loop_.now() + resolution->time_to_live;
  co_return proof;
}

net::Task<Result<Proof>> Ownership::prove_all(const Target& target, net::Resolution resolution,
                                              std::shared_ptr<net::TlsClientContext> tls, TimePoint deadline) {
  if (resolution.addresses.size() > most_addresses) resolution.addresses.resize(most_addresses);
  Proof proof;
  proof.look_again = loop_.now() + resolution.time_to_live;
  std::string no_route;
  for (const net::IpAddress& address : resolution.addresses) {
    const net::Endpoint endpoint{address, target.port};
    auto good_until = co_await prove_one(target, endpoint, tls, deadline);
    if (!good_until && good_until.error().code == Errc::not_found) {
      no_route = good_until.error().detail;
      continue;
    }
    if (!good_until) co_return std::unexpected(good_until.error());
    proof.addresses.push_back(ProvenAddress(endpoint, *good_until));
    proof.look_again = std::min(proof.look_again, *good_until - renewal);
  }
  if (proof.addresses.empty()) co_return fail(Errc::unreachable, no_route);
  co_return proof;
}

// Until when the address may be driven. Besides prove()'s errors: not_found, when there is no way to it from here.
net::Task<Result<TimePoint>> Ownership::prove_one(const Target& target, net::Endpoint endpoint,
                                                  std::shared_ptr<net::TlsClientContext> tls, TimePoint deadline) {
  const TimePoint began = loop_.now();
  if (const Known* known = find_known(target, endpoint); known != nullptr && known->good_until - began > renewal) {
    co_return known->good_until;
  }
  auto text = co_await read_token_file(loop_, target, endpoint, tls, std::min(deadline, began + address_timeout));
  const std::string token = ownership_token(key_, target.host);
  std::string found = "a file without the token";
  if (!text) {
    found = text.error().detail;
    if (text.error().code != Errc::refused) {
      co_return fail(text.error().code, "reading the ownership token at " + endpoint.text() + ": " + found);
    }
  } else if (holds(*text, token)) {
    const TimePoint good_until = began + ownership_period;
    std::erase_if(known_, [&](const Known& known) {
      return known.good_until <= began || (known.endpoint == endpoint && known.origin == target.origin());
    });
    if (known_.size() == most_known) known_.erase(known_.begin());
    known_.push_back({target.origin(), endpoint, good_until});
    co_return good_until;
  }
  // What was proven is no more.
  std::erase_if(known_, [&](const Known& known) { return known.endpoint == endpoint; });
  co_return fail(Errc::refused,
                 "ownership is not proven at " + endpoint.text() + ": found " + found + what_to_do(target, token));
}

const Ownership::Known* Ownership::find_known(const Target& target, const net::Endpoint& endpoint) const {
  const auto found = std::ranges::find_if(
      known_, [&](const Known& known) { return known.endpoint == endpoint && known.origin == target.origin(); });
  return found == known_.end() ? nullptr : &*found;
}

}  // namespace tenfold::rehearse
