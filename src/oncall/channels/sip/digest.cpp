#include "oncall/channels/sip/digest.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"

namespace tenfold::oncall::sip {
namespace {

constexpr std::size_t longest_value_bytes = 1'024;  // of anything in a challenge

const EVP_MD* hash_of(std::string_view algorithm) {
  if (algorithm.empty() || equal_but_for_case(algorithm, "MD5")) return EVP_md5();
  if (equal_but_for_case(algorithm, "SHA-256")) return EVP_sha256();
  if (equal_but_for_case(algorithm, "SHA-512-256")) return EVP_sha512_256();
  return nullptr;
}

std::string hashed(const EVP_MD* hash, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, hash, nullptr) != 1) return {};
  return hex({reinterpret_cast<const char*>(digest.data()), size});
}

bool stays_in_quotes(std::string_view text) {
  return text.size() <= longest_value_bytes && std::ranges::none_of(text, [](char c) {
           return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

bool offers_auth(std::string_view qop) {
  while (!qop.empty()) {
    const std::size_t comma = std::min(qop.find(','), qop.size());
    if (equal_but_for_case(trimmed(qop.substr(0, comma)), "auth")) return true;
    qop.remove_prefix(std::min(comma + 1, qop.size()));
  }
  return false;
}

struct Search {
  const Proof& proof;
  std::string found;
};

bool is_answered(const sip_hdr* field, Search& search) {
  httpauth_digest_chall read{};
  if (httpauth_digest_challenge_decode(&read, &field->val) != 0) return false;
  const Challenge challenge{.realm = text(read.realm),
                            .nonce = text(read.nonce),
                            .opaque = text(read.opaque),
                            .algorithm = text(read.algorithm),
                            .qop = text(read.qop)};
  const auto proof = digest_of(challenge, search.proof);
  if (proof) search.found = *proof;
  return proof.has_value();
}

std::string first_answer(const sip_msg& refusal, sip_hdrid kind, const Proof& proof) {
  Search search{proof, {}};
  sip_msg_hdr_apply(
      &refusal, true, kind,
      [](const sip_hdr* field, const sip_msg*, void* into) -> bool {
        return is_answered(field, *static_cast<Search*>(into));
      },
      &search);
  return search.found;
}

}  // namespace

std::optional<std::string> digest_of(const Challenge& challenge, const Proof& proof) {
  const EVP_MD* const hash = hash_of(challenge.algorithm);
  const bool has_qop = !challenge.qop.empty();
  if (hash == nullptr || (has_qop && !offers_auth(challenge.qop))) return std::nullopt;
  for (const std::string_view value : {std::string_view(challenge.realm), std::string_view(challenge.nonce),
                                       std::string_view(challenge.opaque), proof.user, proof.uri}) {
    if (!stays_in_quotes(value)) return std::nullopt;
  }
  const std::string own_nonce = fmt::format("{:016x}", proof.own_nonce);
  const std::string who = hashed(hash, fmt::format("{}:{}:{}", proof.user, challenge.realm, proof.password));
  const std::string what = hashed(hash, fmt::format("{}:{}", proof.method, proof.uri));
  const std::string between =
      has_qop ? fmt::format("{}:00000001:{}:auth", challenge.nonce, own_nonce) : challenge.nonce;
  std::string out = fmt::format(R"(Digest username="{}", realm="{}", nonce="{}", uri="{}", response="{}")", proof.user,
                                challenge.realm, challenge.nonce, proof.uri,
                                hashed(hash, fmt::format("{}:{}:{}", who, between, what)));
  if (!challenge.algorithm.empty()) out += ", algorithm=" + challenge.algorithm;
  if (!challenge.opaque.empty()) out += fmt::format(R"(, opaque="{}")", challenge.opaque);
  if (has_qop) out += fmt::format(R"(, qop=auth, nc=00000001, cnonce="{}")", own_nonce);
  return out;
}

std::string proof_for(const sip_msg& refusal, const Proof& proof) {
  std::string out;
  const std::array<std::pair<sip_hdrid, std::string_view>, 2> kinds{
      {{SIP_HDR_WWW_AUTHENTICATE, "Authorization"}, {SIP_HDR_PROXY_AUTHENTICATE, "Proxy-Authorization"}}};
  for (const auto& [kind, name] : kinds) {
    const std::string answer = first_answer(refusal, kind, proof);
    if (!answer.empty()) out += fmt::format("{}: {}\r\n", name, answer);
  }
  return out;
}

}  // namespace tenfold::oncall::sip
