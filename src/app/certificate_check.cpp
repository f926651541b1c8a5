#include "app/certificate_check.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace tenfold::app {
namespace {

using Finding = config::CertificateFinding;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::unique_ptr<BIO, decltype(&BIO_free)> open(const std::string& path) {
  return {BIO_new_file(path.c_str(), "r"), BIO_free};
}

Certificate read_certificate(const std::string& path) {
  const auto file = open(path);
  return {file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr, X509_free};
}

// An encrypted key asks for no passphrase here: it is simply not readable.
int no_passphrase(char*, int, int, void*) { return -1; }

Key read_key(const std::string& path) {
  const auto file = open(path);
  return {file ? PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr) : nullptr, EVP_PKEY_free};
}

std::string day(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? fmt::format("{:%Y-%m-%d}", parts) : std::string("an unknown day");
}

void check_dates(const X509& certificate, WallTime now, std::vector<Finding>& findings) {
  const auto seconds = [](WallTime at) {
    return static_cast<std::time_t>(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
  };
  std::time_t today = seconds(now);
  std::time_t soon = seconds(now + std::chrono::days(14));
  const ASN1_TIME* from = X509_get0_notBefore(&certificate);
  const ASN1_TIME* until = X509_get0_notAfter(&certificate);
  if (X509_cmp_time(until, &today) < 0) {
    findings.push_back(
        {.weight = Finding::Weight::warning, .message = fmt::format("the certificate expired on {}", day(until))});
  } else if (X509_cmp_time(until, &soon) < 0) {
    findings.push_back(
        {.weight = Finding::Weight::warning, .message = fmt::format("the certificate expires on {}", day(until))});
  }
  if (X509_cmp_time(from, &today) > 0) {
    findings.push_back({.weight = Finding::Weight::warning,
                        .message = fmt::format("the certificate is valid only from {}", day(from))});
  }
}

std::vector<Finding> look(const config::Certificate& files, WallTime now) {
  std::vector<Finding> findings;
  const Certificate certificate = read_certificate(files.chain);
  const Key key = read_key(files.key);
  if (!certificate) {
    findings.push_back(
        {.message = fmt::format("{} holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\")", files.chain)});
  }
  if (!key) {
    findings.push_back({.about = Finding::About::key,
                        .message = fmt::format("{} holds no unencrypted private key in PEM form", files.key)});
  }
  if (certificate && key && X509_check_private_key(certificate.get(), key.get()) != 1) {
    findings.push_back({.about = Finding::About::key,
                        .message = fmt::format("{} is not the key of the certificate in {}", files.key, files.chain)});
  }
  if (certificate) check_dates(*certificate, now, findings);
  ERR_clear_error();
  return findings;
}

}  // namespace

config::CertificateCheck certificate_check(WallTime now) {
  return [now](const config::Certificate& files) { return look(files, now); };
}

}  // namespace tenfold::app
