#include "oncall/channels/sip/sound_keys.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text/base64.hpp"
#include "base/text/letters.hpp"

namespace tenfold::oncall::sip {
namespace {

constexpr std::string_view suite = "AES_CM_128_HMAC_SHA1_80";
constexpr std::size_t key_characters = 40;  // 30 bytes in base64
constexpr std::size_t longest_tag = 9;      // RFC 4568, section 9.2
constexpr int helper_layer = 10;            // above the network; nobody else is between

std::string_view taken_word(std::string_view& line) {
  line = trimmed(line);
  const std::string_view word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

int make_srtp(Re<srtp>& into, const SoundKey& key) {
  return make_re(into,
                 [&](srtp** out) { return srtp_alloc(out, SRTP_AES_CM_128_HMAC_SHA1_80, key.data(), key.size(), 0); });
}

struct Found {
  std::optional<CryptoLine> line;
};

}  // namespace

std::optional<CryptoLine> read_crypto(std::string_view line) {
  const std::string_view tag = taken_word(line);
  const bool is_tag = !tag.empty() && tag.size() <= longest_tag && std::ranges::all_of(tag, is_digit);
  if (!is_tag || !equal_but_for_case(taken_word(line), suite)) return std::nullopt;
  std::string_view key = taken_word(line);
  if (!trimmed(line).empty() || !key.starts_with("inline:")) return std::nullopt;
  key.remove_prefix(std::string_view("inline:").size());
  if (key.find(';') != std::string_view::npos) return std::nullopt;
  // Behind it a lifetime, which no call of ours reaches; a key index ("1:4") would be in every packet.
  const std::string_view rest = key.substr(std::min(key.find('|'), key.size()));
  if (rest.find(':') != std::string_view::npos) return std::nullopt;
  key = key.substr(0, key.size() - rest.size());
  CryptoLine read{.tag = std::string(tag)};
  std::size_t size = read.key.size();
  const bool is_base64 = std::ranges::all_of(key, [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; });
  if (!is_base64 || key.size() != key_characters ||
      base64_decode(key.data(), key.size(), read.key.data(), &size) != 0 || size != read.key.size()) {
    return std::nullopt;
  }
  return read;
}

int SoundKeys::describe(sdp_media* audio) const {
  const std::string key = base64({reinterpret_cast<const char*>(own_.data()), own_.size()});
  return sdp_media_set_lattr(audio, true, "crypto", "%s %s inline:%s", tag_.c_str(), std::string(suite).c_str(),
                             key.c_str());
}

int SoundKeys::offer(RtpSocket* socket, sdp_media* audio) {
  if (RAND_bytes(own_.data(), static_cast<int>(own_.size())) != 1) return EIO;
  if (const int code = make_srtp(sends_, own_); code != 0) return code;
  const int code = make_re(helper_, [&](udp_helper** out) {
    return udp_register_helper(
        out, static_cast<udp_sock*>(rtp_sock(socket)), helper_layer,
        [](int* error, sa*, mbuf* packet, void* self) -> bool {
          *error = srtp_encrypt(static_cast<SoundKeys*>(self)->sends_.get(), packet);
          return *error != 0;
        },
        // True: it goes no further. What does not bear the key's mark is of nobody whom we know.
        [](sa*, mbuf* packet, void* self) -> bool {
          srtp* const hears = static_cast<SoundKeys*>(self)->hears_.get();
          return hears == nullptr || srtp_decrypt(hears, packet) != 0;
        },
        this);
  });
  return code != 0 ? code : describe(audio);
}

int SoundKeys::settle(sdp_media* audio) {
  Found found;
  sdp_media_rattr_apply(
      audio, "crypto",
      [](const char*, const char* value, void* into) -> bool {
        auto& line = static_cast<Found*>(into)->line;
        if (value != nullptr) line = read_crypto(value);
        return line.has_value();
      },
      &found);
  if (!found.line) return ENOKEY;
  tag_ = found.line->tag;
  if (const int code = describe(audio); code != 0) return code;
  // A key that stays goes on counting its packets.
  if (hears_ != nullptr && found.line->key == theirs_) return 0;
  theirs_ = found.line->key;
  return make_srtp(hears_, theirs_);
}

}  // namespace tenfold::oncall::sip
