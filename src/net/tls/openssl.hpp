#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

// OpenSSL's objects with owners, and what server and client side have in common.
namespace tenfold::net {

template <auto free_function>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using SslContextPtr = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslFree<SSL_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, OpensslFree<SSL_SESSION_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, OpensslFree<BIO_meth_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, OpensslFree<EVP_CIPHER_free>>;

// The reason for the thread's oldest queued OpenSSL error, in OpenSSL's words; empties the queue.
std::string take_openssl_reason();
// Empties the queue, which SSL_get_error() wants to be empty before the call that it is asked about.
void forget_openssl_errors();

// The names a certificate is for: its DNS and IP subjectAltNames, lower case. The subject's common name counts only
// for a certificate that has none of them, and for display: RFC 9525 does not match against it.
std::vector<std::string> certificate_names(const X509& certificate);
WallTime wall_time_of(const ASN1_TIME& time);

// ALPN's wire form (RFC 7301, 3.1). Errors: invalid, for a protocol of 0 or more than 255 bytes.
Result<std::string> alpn_wire(const std::vector<std::string>& protocols);

// A context with Mozilla's "intermediate" settings (version 5.7) less finite-field Diffie-Hellman, which costs a server
// more than its client: TLS 1.2 and 1.3, forward secrecy and authenticated ciphers only, no compression,
// no renegotiation, no early data, buffers held only while in use.
SslContextPtr make_ssl_context(const SSL_METHOD* method);

}  // namespace tenfold::net
