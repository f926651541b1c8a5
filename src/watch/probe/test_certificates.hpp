#pragma once

// Certificates made on the spot; not part of the program.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "base/result.hpp"

namespace tenfold::watch {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using TestX509 = std::unique_ptr<X509, FreeWith<X509_free>>;
using TestKey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using TestContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

struct TestIdentity {
  TestX509 certificate;
  TestKey key = TestKey(EVP_EC_gen("P-256"));
};

struct TestIdentityOptions {
  std::string name = "Test Leaf";
  std::string alternatives = "DNS:shop.test,IP:127.0.0.1";  // as OpenSSL writes them
  int from_days = -10;
  int until_days = 60;
  enum class Kind : std::uint8_t { leaf, authority } kind = Kind::leaf;
};

inline void add_test_extension(X509& certificate, int id, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  TENFOLD_ASSERT(extension != nullptr);
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`; null: by itself.
inline TestIdentity make_test_identity(const TestIdentity* issuer, const TestIdentityOptions& options) {
  static long serial = 1;
  TestIdentity made;
  X509* const certificate = X509_new();
  made.certificate.reset(certificate);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_time_adj_ex(X509_getm_notBefore(certificate), options.from_days, 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate), options.until_days, 60, nullptr);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer != nullptr ? issuer->certificate.get() : certificate));
  X509_set_pubkey(certificate, made.key.get());
  if (options.kind == TestIdentityOptions::Kind::authority) {
    add_test_extension(*certificate, NID_basic_constraints, "critical,CA:TRUE");
  } else if (!options.alternatives.empty()) {
    add_test_extension(*certificate, NID_subject_alt_name, options.alternatives);
  }
  X509_sign(certificate, issuer != nullptr ? issuer->key.get() : made.key.get(), EVP_sha256());
  return made;
}

inline TestIdentity make_test_authority(const std::string& name, const TestIdentity* issuer = nullptr) {
  return make_test_identity(issuer, {.name = name, .until_days = 3650, .kind = TestIdentityOptions::Kind::authority});
}

// A server's context that shows `identity` and, behind it, `chain`.
inline TestContext make_test_context(const TestIdentity& identity, const std::vector<const TestIdentity*>& chain = {}) {
  TestContext context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  for (const TestIdentity* link : chain) SSL_CTX_add1_chain_cert(context.get(), link->certificate.get());
  return context;
}

// A PEM file of its own, removed at the end.
class TestPem {
 public:
  TestPem() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tenfold-watch-XXXXXX").string();
    const int descriptor = ::mkstemp(pattern.data());
    TENFOLD_ASSERT(descriptor >= 0);
    ::close(descriptor);
    path_ = pattern;
  }
  TestPem(const TestPem&) = delete;
  TestPem& operator=(const TestPem&) = delete;
  ~TestPem() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  void write(const TestIdentity& identity) const {
    BIO* const file = BIO_new_file(path_.c_str(), "w");
    PEM_write_bio_X509(file, identity.certificate.get());
    BIO_free(file);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace tenfold::watch
