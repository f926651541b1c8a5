#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "net/tls/openssl.hpp"

namespace tenfold::net {

// The keys under which session tickets are sealed (RFC 5077, 4: AES-256-CBC and HMAC-SHA-256). A new one every 6 hours;
// a ticket is good for 12 hours, and the two keys before the newest are kept, so that every ticket finds its key.
// A key older than that is wiped, and what was sent under its tickets stays secret. Thread-safe.
class TicketKeys {
 public:
  static constexpr Duration rotation = std::chrono::hours(6);
  static constexpr Duration ticket_lifetime = std::chrono::hours(12);

  explicit TicketKeys(const Clock* clock);  // the system's when null; must be thread-safe
  ~TicketKeys();

  // OpenSSL's ticket callback (SSL_CTX_set_tlsext_ticket_key_evp_cb): sets the ciphers up to seal a new ticket, or to
  // open the one that `name` belongs to. Returns what OpenSSL wants: 1 good, 2 good but to be renewed,
  // 0 no such key, -1 failed.
  int seal(unsigned char name[16], unsigned char* iv, EVP_CIPHER_CTX& cipher, EVP_MAC_CTX& mac);
  int open(const unsigned char name[16], const unsigned char* iv, EVP_CIPHER_CTX& cipher, EVP_MAC_CTX& mac);

 private:
  struct Key {
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> cipher_key;
    std::array<unsigned char, 32> mac_key;
    TimePoint made;
  };
  using Keys = std::vector<Key>;  // newest first, at most `kept`
  static constexpr std::size_t kept = 3;

  bool rotate(Keys& keys) const;
  bool prepare_mac(const Key& key, EVP_MAC_CTX& mac) const;

  const SystemClock system_clock_;
  const Clock& clock_;
  const CipherPtr cipher_;  // fetched once: looking it up by name takes OpenSSL's global locks
  Guarded<Keys> keys_;
};

}  // namespace tenfold::net
