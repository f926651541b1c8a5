#pragma once

// Certificates made on the spot for tests of TLS; not part of the program.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "net/tls/openssl.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::net {

// A folder of its own, removed at the end.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tenfold-test-XXXXXX").string();
    TENFOLD_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string write(const std::string& name, std::string_view content) const {
    const auto path = path_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

enum class TestKeyKind { p256, rsa };

struct TestCertificate {
  X509Ptr certificate;
  KeyPtr key;

  std::string certificate_pem() const {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.get());
    return content(*bio);
  }
  std::string key_pem(const char* passphrase = nullptr) const {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), passphrase != nullptr ? EVP_aes_128_cbc() : nullptr, nullptr, 0,
                                  nullptr, const_cast<char*>(passphrase));
    return content(*bio);
  }
  CertificateFiles save(const TestFolder& folder, const std::string& name) const {
    return {folder.write(name + ".pem", certificate_pem()), folder.write(name + ".key", key_pem())};
  }

 private:
  static std::string content(BIO& bio) {
    char* data = nullptr;
    const long size = BIO_ctrl(&bio, BIO_CTRL_INFO, 0, &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

struct TestCertificateOptions {
  int valid_from_days = -1;  // from today
  int valid_until_days = 30;
  TestKeyKind key = TestKeyKind::p256;
};

namespace detail {

inline KeyPtr make_test_key(TestKeyKind kind) {
  return KeyPtr(kind == TestKeyKind::rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
}

inline void add_extension(X509& certificate, int id, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  TENFOLD_ASSERT(extension != nullptr);
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

inline X509Ptr start_test_certificate(EVP_PKEY& key, const std::string& common_name,
                                      const TestCertificateOptions& options) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  static long serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_time_adj_ex(X509_getm_notBefore(certificate.get()), options.valid_from_days, 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), options.valid_until_days, 0, nullptr);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), &key);
  return certificate;
}

}  // namespace detail

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "Test Authority") {
    self_.key = detail::make_test_key(TestKeyKind::p256);
    self_.certificate = detail::start_test_certificate(*self_.key, name, {.valid_until_days = 3650});
    X509_set_issuer_name(self_.certificate.get(), X509_get_subject_name(self_.certificate.get()));
    detail::add_extension(*self_.certificate, NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(self_.certificate.get(), self_.key.get(), EVP_sha256());
  }

  // alternatives: as OpenSSL writes them, e.g. "DNS:shop.example,DNS:*.shop.example,IP:127.0.0.1"; may be empty.
  TestCertificate issue(const std::string& alternatives, const TestCertificateOptions& options = {}) const {
    TestCertificate leaf;
    leaf.key = detail::make_test_key(options.key);
    leaf.certificate = detail::start_test_certificate(*leaf.key, "Test Leaf", options);
    X509_set_issuer_name(leaf.certificate.get(), X509_get_subject_name(self_.certificate.get()));
    if (!alternatives.empty()) detail::add_extension(*leaf.certificate, NID_subject_alt_name, alternatives);
    X509_sign(leaf.certificate.get(), self_.key.get(), EVP_sha256());
    return leaf;
  }

  std::string pem() const { return self_.certificate_pem(); }

 private:
  TestCertificate self_;
};

}  // namespace tenfold::net
