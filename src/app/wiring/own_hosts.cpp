#include "app/wiring/own_hosts.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include "config/listening.hpp"
#include "config/surroundings.hpp"
#include "net/tls/openssl.hpp"

namespace tenfold::app {

namespace {

// Of the server's own certificate, the first of the file.
std::vector<std::string> names_in(const std::string& chain) {
  const net::BioPtr file(BIO_new_file(chain.c_str(), "r"));
  const net::X509Ptr certificate(file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr);
  net::forget_openssl_errors();
  return certificate ? net::certificate_names(*certificate) : std::vector<std::string>();
}

std::uint16_t usual_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

bool stands_for(std::string_view name, std::string_view host) {
  constexpr std::string_view wildcard = "*.", www = "www.";
  if (!name.starts_with(wildcard)) return name == host;
  return host.starts_with(www) && host.substr(www.size()) == name.substr(wildcard.size());
}

}  // namespace

OwnHosts::OwnHosts(std::vector<config::Listener> listeners) : listeners_(std::move(listeners)) {
  for (const config::Listener& listener : listeners_) {
    for (const config::Certificate& certificate : listener.certificates) {
      std::ranges::move(names_in(certificate.chain), std::back_inserter(names_));
    }
  }
}

bool OwnHosts::have_port(const watch::Destination& to) const {
  const bool is_secure = to.scheme == "https";
  return to.port == usual_port(to.scheme) || std::ranges::any_of(listeners_, [&](const config::Listener& listener) {
           return listener.address.port == to.port && listener.certificates.empty() != is_secure;
         });
}

bool OwnHosts::has_name(const watch::Destination& to) const {
  return std::ranges::any_of(names_, [&](const std::string& name) { return stands_for(name, to.host); });
}

// The machine's addresses may move to another and back, and are asked for anew; loopback needs none of them.
bool OwnHosts::has_addresses(const watch::Destination& to) const {
  if (to.addresses.empty()) return false;
  const auto all_are_ours = [&](const std::vector<std::string>& own_addresses) {
    return std::ranges::all_of(
        to.addresses, [&](const std::string& address) { return is_address_of_ours(address, to, own_addresses); });
  };
  return all_are_ours({}) || all_are_ours(config::system_surroundings().own_addresses);
}

bool OwnHosts::is_address_of_ours(const std::string& address, const watch::Destination& to,
                                  const std::vector<std::string>& own_addresses) const {
  const config::HostPort server{address, to.port};
  const auto leads_to = [&](const config::HostPort& there) { return config::leads_to(server, there, own_addresses); };
  const std::uint16_t usual = usual_port(to.scheme);
  return leads_to({"0.0.0.0", usual}) || leads_to({"::", usual}) ||
         std::ranges::any_of(listeners_, [&](const config::Listener& listener) { return leads_to(listener.address); });
}

}  // namespace tenfold::app
