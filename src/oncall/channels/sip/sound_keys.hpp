#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "oncall/channels/sip/re.hpp"

namespace tenfold::oncall::sip {

// Key and salt of AES_CM_128_HMAC_SHA1_80, the suite that all who encrypt sound have (RFC 4568, section 6.2).
using SoundKey = std::array<std::uint8_t, 30>;

// What an SDP says of the other side's key: "1 AES_CM_128_HMAC_SHA1_80 inline:<base64>|2^20".
struct CryptoLine {
  std::string tag;
  SoundKey key{};
};
// Nothing: another suite, session parameters that change what it means, several keys, or no key at all. Pure.
std::optional<CryptoLine> read_crypto(std::string_view line);

// Encrypts the sound (SRTP, RFC 3711) with keys that the SDP carries (SDES, RFC 4568): whoever reads the signalling can
// hear, so that it wants TLS. Between the RTP socket and the network. On the loop's thread.
class SoundKeys {
 public:
  SoundKeys() = default;
  SoundKeys(const SoundKeys&) = delete;
  SoundKeys& operator=(const SoundKeys&) = delete;

  // Makes a key and offers it in the media's description. An errno.
  int offer(RtpSocket* socket, sdp_media* audio);
  // Takes the other side's from its description: ENOKEY where there is none that is understood.
  int settle(sdp_media* audio);

 private:
  int describe(sdp_media* audio) const;

  std::string tag_ = "1";
  SoundKey own_{};
  SoundKey theirs_{};
  Re<srtp> sends_;
  Re<srtp> hears_;
  Re<udp_helper> helper_;
};

}  // namespace tenfold::oncall::sip
