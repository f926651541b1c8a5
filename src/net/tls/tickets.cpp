#include "net/tls/tickets.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

namespace tenfold::net {

TicketKeys::TicketKeys(const Clock* clock)
    : clock_(clock != nullptr ? *clock : system_clock_), cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)) {
  TENFOLD_ASSERT(cipher_ != nullptr);
  keys_.with([](Keys& keys) { keys.reserve(kept + 1); });  // so that no copy of a key is left in freed memory
}

TicketKeys::~TicketKeys() {
  keys_.with([](Keys& keys) { OPENSSL_cleanse(keys.data(), keys.size() * sizeof(Key)); });
}

// Drops keys that no valid ticket can need, and makes a new first one when it is time. False: no entropy.
bool TicketKeys::rotate(Keys& keys) const {
  const TimePoint now = clock_.now();
  while (!keys.empty() && now - keys.back().made >= rotation + ticket_lifetime) {
    OPENSSL_cleanse(&keys.back(), sizeof(Key));
    keys.pop_back();
  }
  if (!keys.empty() && now - keys.front().made < rotation) return true;

  Key fresh;
  fresh.made = now;
  if (RAND_bytes(fresh.name.data(), static_cast<int>(fresh.name.size())) != 1 ||
      RAND_priv_bytes(fresh.cipher_key.data(), static_cast<int>(fresh.cipher_key.size())) != 1 ||
      RAND_priv_bytes(fresh.mac_key.data(), static_cast<int>(fresh.mac_key.size())) != 1) {
    return false;
  }
  keys.insert(keys.begin(), fresh);
  OPENSSL_cleanse(&fresh, sizeof fresh);
  if (keys.size() > kept) {
    OPENSSL_cleanse(&keys.back(), sizeof(Key));
    keys.pop_back();
  }
  return true;
}

bool TicketKeys::prepare_mac(const Key& key, EVP_MAC_CTX& mac) const {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key.mac_key.data()),
                                        key.mac_key.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(&mac, parameters) == 1;
}

int TicketKeys::seal(unsigned char name[16], unsigned char* iv, EVP_CIPHER_CTX& cipher, EVP_MAC_CTX& mac) {
  return keys_.with([&](Keys& keys) {
    if (!rotate(keys)) return -1;
    const Key& key = keys.front();
    std::memcpy(name, key.name.data(), key.name.size());
    const bool ready = RAND_bytes(iv, EVP_CIPHER_get_iv_length(cipher_.get())) == 1 &&
                       EVP_EncryptInit_ex(&cipher, cipher_.get(), nullptr, key.cipher_key.data(), iv) == 1 &&
                       prepare_mac(key, mac);
    return ready ? 1 : -1;
  });
}

int TicketKeys::open(const unsigned char name[16], const unsigned char* iv, EVP_CIPHER_CTX& cipher, EVP_MAC_CTX& mac) {
  return keys_.with([&](Keys& keys) {
    if (!rotate(keys)) return -1;
    const auto named = [&](const Key& key) { return std::memcmp(key.name.data(), name, key.name.size()) == 0; };
    const auto key = std::find_if(keys.begin(), keys.end(), named);
    if (key == keys.end()) return 0;
    const bool ready =
        EVP_DecryptInit_ex(&cipher, cipher_.get(), nullptr, key->cipher_key.data(), iv) == 1 && prepare_mac(*key, mac);
    if (!ready) return -1;
    return key == keys.begin() ? 1 : 2;
  });
}

}  // namespace tenfold::net
