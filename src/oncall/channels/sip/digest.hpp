#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "oncall/channels/sip/re.hpp"

// The proof of a password by digest (RFC 3261, section 22; RFC 8760), for what the libre of Debian 12 does not do
// itself: it knows MD5 alone, and gives up where a provider names another algorithm first. Pure.
namespace tenfold::oncall::sip {

struct Challenge {
  std::string realm;
  std::string nonce;
  std::string opaque;     // empty: none
  std::string algorithm;  // as the provider writes it: "SHA-256"; empty: MD5
  std::string qop;        // "auth,auth-int"; empty: none
};

struct Proof {
  std::string_view user;
  std::string_view password;
  std::string_view method;  // "INVITE"
  std::string_view uri;     // of the request
  std::uint64_t own_nonce = 0;
};

// What stands behind "Authorization: ". Nothing: an algorithm (other than MD5, SHA-256 and SHA-512-256) or a protection
// that is not known here, or a text that would end the quotes it stands in.
std::optional<std::string> digest_of(const Challenge& challenge, const Proof& proof);

// The fields, with their names and line ends, that answer a 401 or 407: of each kind the first challenge that can be
// answered, since the provider names the one that it likes best first. Empty: none can be.
std::string proof_for(const sip_msg& refusal, const Proof& proof);

}  // namespace tenfold::oncall::sip
