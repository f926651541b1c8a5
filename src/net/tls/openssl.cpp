#include "net/tls/openssl.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "base/text/letters.hpp"
#include "net/address.hpp"

namespace tenfold::net {

void forget_openssl_errors() {
  // Clearing an empty queue frees its 16 entries one by one, which shows in profiles.
  if (ERR_peek_error() != 0) ERR_clear_error();
}

std::string take_openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  std::array<char, 128> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

namespace {

std::string lower_text(const ASN1_STRING& text) {
  std::string result(reinterpret_cast<const char*>(ASN1_STRING_get0_data(&text)),
                     static_cast<std::size_t>(ASN1_STRING_length(&text)));
  for (char& c : result) c = c < ' ' || c > '~' ? '?' : to_lower(c);
  return result;
}

std::string address_text(const ASN1_STRING& octets) {
  const unsigned char* const data = ASN1_STRING_get0_data(&octets);
  if (ASN1_STRING_length(&octets) == 4) {
    return IpAddress::v4(std::uint32_t{data[0]} << 24 | std::uint32_t{data[1]} << 16 | std::uint32_t{data[2]} << 8 |
                         data[3])
        .text();
  }
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), data, std::min<std::size_t>(bytes.size(), ASN1_STRING_length(&octets)));
  return IpAddress::from_bytes(bytes).text();
}

}  // namespace

std::vector<std::string> certificate_names(const X509& certificate) {
  std::vector<std::string> names;
  auto* const alternatives =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(alternatives, i);
    if (name.type == GEN_DNS) names.push_back(lower_text(*name.d.dNSName));
    if (name.type == GEN_IPADD) names.push_back(address_text(*name.d.iPAddress));
  }
  GENERAL_NAMES_free(alternatives);
  if (!names.empty()) return names;

  const X509_NAME* const subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) names.push_back(lower_text(*X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  return names;
}

WallTime wall_time_of(const ASN1_TIME& time) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(&time, &utc) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&utc));
}

Result<std::string> alpn_wire(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) return fail(Errc::invalid, "ALPN protocol of 0 or over 255 bytes");
    wire.append(1, static_cast<char>(protocol.size())).append(protocol);
  }
  return wire;
}

SslContextPtr make_ssl_context(const SSL_METHOD* method) {
  SslContextPtr context(SSL_CTX_new(method));
  TENFOLD_ASSERT(context != nullptr);
  SSL_CTX* const raw = context.get();
  TENFOLD_ASSERT(SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1);
  TENFOLD_ASSERT(SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) == 1);
  TENFOLD_ASSERT(
      SSL_CTX_set_ciphersuites(raw, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1);
  TENFOLD_ASSERT(SSL_CTX_set_cipher_list(
                     raw,
                     "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                     "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") == 1);
  TENFOLD_ASSERT(SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384") == 1);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_max_early_data(raw, 0);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace tenfold::net
