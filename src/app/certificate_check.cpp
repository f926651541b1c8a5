#include "app/certificate_check.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/tls/tls.hpp"

namespace tenfold::app {
namespace {

using Finding = config::CertificateFinding;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Authorities = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;

constexpr std::size_t most_name_bytes = 200;    // of a name in a message
constexpr std::size_t most_certificates = 100;  // of one file; those after them are not looked at

std::unique_ptr<BIO, decltype(&BIO_free)> open(const std::string& path) {
  return {BIO_new_file(path.c_str(), "r"), BIO_free};
}

// Every certificate of the file, in its order; none if the first is damaged.
std::vector<Certificate> read_chain(const std::string& path) {
  std::vector<Certificate> chain;
  const auto file = open(path);
  while (file && chain.size() < most_certificates) {
    Certificate next(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
    if (!next) break;
    chain.push_back(std::move(next));
  }
  return chain;
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

void warn(std::string message, std::vector<Finding>& findings) {
  findings.push_back({.weight = Finding::Weight::warning, .message = std::move(message)});
}

// "CN=shop.example, O=Corner Shop", for messages; what is not ASCII is escaped.
std::string name_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  char* text = nullptr;
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ);
  const long bytes = BIO_get_mem_data(out.get(), &text);
  const std::string whole(text, static_cast<std::size_t>(std::max(bytes, 0L)));
  return whole.empty() ? std::string("a certificate without a name") : whole.substr(0, most_name_bytes);
}

std::string subject(const Certificate& certificate) { return name_of(X509_get_subject_name(certificate.get())); }
std::string issuer(const Certificate& certificate) { return name_of(X509_get_issuer_name(certificate.get())); }

// By names and key identifiers, and by the signature: names alone would take a renewed authority for the old one.
bool has_issued(const Certificate& one, const Certificate& other) {
  return X509_check_issued(one.get(), other.get()) == X509_V_OK &&
         X509_verify(other.get(), X509_get0_pubkey(one.get())) == 1;
}

bool is_own_authority(const Certificate& certificate) { return has_issued(certificate, certificate); }

// Whether this machine trusts an authority that has issued it: the system's own, or SSL_CERT_FILE and SSL_CERT_DIR.
bool issuer_is_trusted(const Certificate& certificate) {
  const Authorities authorities(X509_STORE_new(), X509_STORE_free);
  if (!authorities || X509_STORE_set_default_paths(authorities.get()) != 1) return false;
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(),
                                                                                X509_STORE_CTX_free);
  if (!context || X509_STORE_CTX_init(context.get(), authorities.get(), certificate.get(), nullptr) != 1) return false;
  X509* found = nullptr;
  const int trusted = X509_STORE_CTX_get1_issuer(&found, context.get(), certificate.get());
  const Certificate owned(found, X509_free);
  return trusted == 1;
}

// The certificate that the chain leads to from its first; where it stops being in order says so.
const Certificate& end_of_chain(const std::vector<Certificate>& chain, const std::string& file,
                                std::vector<Finding>& findings) {
  std::size_t at = 0;
  bool said = false;
  for (std::size_t step = 1; step < chain.size() && !is_own_authority(chain[at]); ++step) {
    const auto next = std::ranges::find_if(chain, [&](const Certificate& one) { return has_issued(one, chain[at]); });
    if (next == chain.end()) break;
    const auto place = static_cast<std::size_t>(next - chain.begin());
    if (place != at + 1 && !said) {
      warn(fmt::format("{} is in the wrong order: certificate {} ({}) has issued certificate {} ({}); expected the "
                       "server's own first and each one followed by its issuer",
                       file, place + 1, subject(*next), at + 1, subject(chain[at])),
           findings);
      said = true;
    }
    at = place;
  }
  return chain[at];
}

void check_chain(const std::vector<Certificate>& chain, const std::string& file, std::vector<Finding>& findings) {
  const Certificate& end = end_of_chain(chain, file, findings);
  if (is_own_authority(end) || issuer_is_trusted(end)) return;
  warn(fmt::format(
           "an intermediate certificate is missing: {} was issued by {}, which is neither in {} nor an authority "
           "that this machine trusts, so that browsers may refuse it; expected it after the certificate that it "
           "has issued (if it is an authority of your own, install it on this machine and on your visitors')",
           subject(end), issuer(end), file),
       findings);
}

void check_dates(const X509& certificate, const std::string& which, WallTime now, std::vector<Finding>& findings) {
  const auto seconds = [](WallTime at) {
    return static_cast<std::time_t>(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
  };
  std::time_t today = seconds(now);
  std::time_t soon = seconds(now + std::chrono::days(14));
  const ASN1_TIME* from = X509_get0_notBefore(&certificate);
  const ASN1_TIME* until = X509_get0_notAfter(&certificate);
  if (X509_cmp_time(until, &today) < 0) {
    warn(fmt::format("{} expired on {}", which, day(until)), findings);
  } else if (X509_cmp_time(until, &soon) < 0) {
    warn(fmt::format("{} expires on {}", which, day(until)), findings);
  }
  if (X509_cmp_time(from, &today) > 0) warn(fmt::format("{} is valid only from {}", which, day(from)), findings);
}

void check_all_dates(const std::vector<Certificate>& chain, WallTime now, std::vector<Finding>& findings) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const std::string which =
        i == 0 ? std::string("the certificate") : fmt::format("certificate {} ({})", i + 1, subject(chain[i]));
    check_dates(*chain[i], which, now, findings);
  }
}

// The key belongs to the first certificate of the chain; to a later one, and the order is what is wrong.
void check_key(const std::vector<Certificate>& chain, const Key& key, const config::Certificate& files,
               std::vector<Finding>& findings) {
  const auto own = std::ranges::find_if(
      chain, [&](const Certificate& one) { return X509_check_private_key(one.get(), key.get()) == 1; });
  if (own == chain.begin()) return;
  if (own == chain.end()) {
    findings.push_back({.about = Finding::About::key,
                        .message = fmt::format("{} is not the key of the certificate in {}", files.key, files.chain)});
    return;
  }
  findings.push_back(
      {.message = fmt::format("{} is in the wrong order: the server's own certificate is number {} ({}); "
                              "expected it first and each one followed by its issuer",
                              files.chain, own - chain.begin() + 1, subject(*own))});
}

// What the listener will be made of: OpenSSL has rules of its own (the keys' length, the signatures' kind).
void check_use(const config::Certificate& files, std::vector<Finding>& findings) {
  const auto context = net::make_tls_server_context({{.chain = files.chain, .key = files.key}}, {"http/1.1"});
  if (context) return;
  const std::string& refused = context.error().detail;
  const bool by_rule = refused.find("too small") != std::string::npos || refused.find("too weak") != std::string::npos;
  findings.push_back({.about = refused.starts_with(files.key + ":") ? Finding::About::key : Finding::About::chain,
                      .message = refused + (by_rule ? "; expected RSA keys of at least 2048 bits (or ECDSA P-256) and "
                                                      "signatures with SHA-256, all along the chain"
                                                    : "")});
}

bool has_errors(const std::vector<Finding>& findings) {
  return std::ranges::any_of(findings, [](const Finding& finding) { return finding.weight == Finding::Weight::error; });
}

std::vector<Finding> look(const config::Certificate& files, WallTime now) {
  std::vector<Finding> findings;
  const std::vector<Certificate> chain = read_chain(files.chain);
  const Key key = read_key(files.key);
  if (chain.empty()) {
    findings.push_back(
        {.message = fmt::format("{} holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\")", files.chain)});
  }
  if (!key) {
    findings.push_back({.about = Finding::About::key,
                        .message = fmt::format("{} holds no unencrypted private key in PEM form", files.key)});
  }
  if (!chain.empty() && key) check_key(chain, key, files, findings);
  if (!has_errors(findings)) check_use(files, findings);
  if (!has_errors(findings)) check_chain(chain, files.chain, findings);
  check_all_dates(chain, now, findings);
  ERR_clear_error();
  return findings;
}

}  // namespace

config::CertificateCheck certificate_check(WallTime now) {
  return [now](const config::Certificate& files) { return look(files, now); };
}

}  // namespace tenfold::app
