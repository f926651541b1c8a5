#include "config/listening.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tenfold::config {

namespace {

bool takes_all(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

bool is_v6(std::string_view host) { return host.find(':') != std::string_view::npos; }

// In the one form that inet_ntop writes; IPv4 in IPv6's clothes (RFC 4291, 2.5.5.2) as IPv4; names as they are.
std::string in_one_form(const std::string& host) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::array<std::uint8_t, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return host;
  const bool is_mapped = std::equal(mapped.begin(), mapped.end(), bytes.begin());
  const void* const from = is_mapped ? bytes.data() + mapped.size() : bytes.data();
  return ::inet_ntop(is_mapped ? AF_INET : AF_INET6, from, text.data(), text.size());
}

// The addresses that are tried. A connection to an unspecified address arrives at the loopback one (Linux, ip(7)).
std::vector<std::string> destinations(const std::string& server) {
  if (server == "localhost" || server.ends_with(".localhost")) return {"127.0.0.1", "::1"};
  const std::string host = in_one_form(server);
  if (host == "0.0.0.0") return {"127.0.0.1"};
  if (host == "::") return {"::1"};
  return {host};
}

}  // namespace

bool overlap(const HostPort& a, const HostPort& b) {
  if (a.port != b.port || a.port == 0 || a.host.empty() || b.host.empty()) return false;
  const std::string host_a = in_one_form(a.host);
  const std::string host_b = in_one_form(b.host);
  if (is_v6(host_a) != is_v6(host_b)) return false;
  return host_a == host_b || takes_all(host_a) || takes_all(host_b);
}

bool leads_to(const HostPort& server, const HostPort& listener, const std::vector<std::string>& own_addresses) {
  if (server.port != listener.port || server.port == 0 || server.host.empty()) return false;
  const std::string here = in_one_form(listener.host);
  const auto arrives = [&](const std::string& address) {
    if (address == here) return true;
    if (!takes_all(here) || is_v6(address) != is_v6(here)) return false;
    return HostPort{address, server.port}.is_loopback() ||
           std::ranges::find(own_addresses, address) != own_addresses.end();
  };
  return std::ranges::any_of(destinations(server.host), arrives);
}

}  // namespace tenfold::config
