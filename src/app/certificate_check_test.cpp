#include "app/certificate_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "net/tls/test_certificates.hpp"

namespace tenfold::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Finding = config::CertificateFinding;
using namespace std::chrono_literals;

struct Issued {
  net::TestCertificate made;
  std::string pem() const { return made.certificate_pem(); }
};

enum class Kind { authority, server };

// A certificate of that name, by that issuer or by itself.
Issued issue(const std::string& name, Kind kind, const Issued* by, int until_days = 90) {
  Issued one;
  one.made.key = net::detail::make_test_key(net::TestKeyKind::p256);
  one.made.certificate = net::detail::start_test_certificate(*one.made.key, name, {.valid_until_days = until_days});
  X509* const certificate = one.made.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(by != nullptr ? by->made.certificate.get() : certificate));
  if (kind == Kind::authority) net::detail::add_extension(*certificate, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate, by != nullptr ? by->made.key.get() : one.made.key.get(), EVP_sha256());
  return one;
}

// A root that this machine trusts for as long as the test runs, what it has issued, and what `tenfold check` says of a
// chain.
class CertificateCheck : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("SSL_CERT_FILE", folder_.write("trusted.pem", root_.pem()).c_str(), 1);
    ::setenv("SSL_CERT_DIR", folder_.path("none").c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("SSL_CERT_DIR");
  }

  std::vector<Finding> look(const std::string& chain, const Issued& key) {
    const config::Certificate files{.chain = folder_.write("chain.pem", chain),
                                    .key = folder_.write("chain.key", key.made.key_pem())};
    return certificate_check(SystemClock().wall_now())(files);
  }
  std::string only_message(const std::string& chain, const Issued& key, Finding::Weight weight) {
    const auto findings = look(chain, key);
    EXPECT_EQ(findings.size(), 1u);
    if (findings.size() != 1) return {};
    EXPECT_EQ(findings[0].weight, weight);
    return findings[0].message;
  }
  std::string warning(const std::string& chain) { return only_message(chain, server_, Finding::Weight::warning); }

  net::TestFolder folder_;
  Issued root_ = issue("Trusted Root", Kind::authority, nullptr);
  Issued upper_ = issue("Upper", Kind::authority, &root_);
  Issued lower_ = issue("Lower", Kind::authority, &upper_);
  Issued server_ = issue("shop.example", Kind::server, &lower_);
};

TEST_F(CertificateCheck, AWholeChainIsGoodWithAndWithoutItsRoot) {
  EXPECT_TRUE(look(server_.pem() + lower_.pem() + upper_.pem(), server_).empty());
  EXPECT_TRUE(look(server_.pem() + lower_.pem() + upper_.pem() + root_.pem(), server_).empty());
}

TEST_F(CertificateCheck, AMissingIntermediateIsNamed) {
  EXPECT_THAT(warning(server_.pem()), AllOf(HasSubstr("an intermediate certificate is missing: CN=shop.example was "
                                                      "issued by CN=Lower"),
                                            HasSubstr("chain.pem")));
  EXPECT_THAT(warning(server_.pem() + lower_.pem()), HasSubstr("missing: CN=Lower was issued by CN=Upper"));
  // The root stands for nobody between it and the server.
  EXPECT_THAT(warning(server_.pem() + root_.pem()), HasSubstr("missing: CN=shop.example was issued by CN=Lower"));
  EXPECT_THAT(warning(server_.pem() + upper_.pem()), HasSubstr("missing: CN=shop.example was issued by CN=Lower"));
}

TEST_F(CertificateCheck, AnotherAuthorityOfTheSameNameIsNotTheIssuer) {
  const Issued impostor = issue("Lower", Kind::authority, &upper_);
  EXPECT_THAT(warning(server_.pem() + impostor.pem() + upper_.pem()), HasSubstr("intermediate certificate is missing"));
}

TEST_F(CertificateCheck, AWrongOrderIsNamed) {
  EXPECT_THAT(warning(server_.pem() + upper_.pem() + lower_.pem()),
              HasSubstr("is in the wrong order: certificate 3 (CN=Lower) has issued certificate 1 (CN=shop.example)"));
  EXPECT_THAT(warning(server_.pem() + root_.pem() + lower_.pem() + upper_.pem()), HasSubstr("is in the wrong order"));
}

TEST_F(CertificateCheck, TheServersOwnMustComeFirst) {
  const auto message = only_message(lower_.pem() + server_.pem() + upper_.pem(), server_, Finding::Weight::error);
  EXPECT_THAT(message, HasSubstr("the server's own certificate is number 2 (CN=shop.example)"));
}

TEST_F(CertificateCheck, AKeyThatFitsNoneIsNamed) {
  const auto findings = look(server_.pem() + lower_.pem() + upper_.pem(), root_);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].about, Finding::About::key);
  EXPECT_EQ(findings[0].weight, Finding::Weight::error);
  EXPECT_THAT(findings[0].message, HasSubstr("is not the key of the certificate in"));
}

TEST_F(CertificateCheck, AKeyThatOpensslDoesNotServeWithIsNamedBeforeTheStart) {
  Issued weak;
  weak.made.key = net::KeyPtr(EVP_RSA_gen(1024));
  weak.made.certificate = net::detail::start_test_certificate(*weak.made.key, "shop.example", {});
  X509_set_issuer_name(weak.made.certificate.get(), X509_get_subject_name(weak.made.certificate.get()));
  X509_sign(weak.made.certificate.get(), weak.made.key.get(), EVP_sha256());
  EXPECT_THAT(only_message(weak.pem(), weak, Finding::Weight::error),
              AllOf(HasSubstr("chain.pem: cannot be used: "), HasSubstr("key too small"),
                    HasSubstr("expected RSA keys of at least 2048 bits")));
}

TEST_F(CertificateCheck, WhatTheListenerCannotReadToItsEndIsAnError) {
  const std::string damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(only_message(server_.pem() + lower_.pem() + upper_.pem() + damaged, server_, Finding::Weight::error),
              HasSubstr("certificate 4 is damaged"));
}

TEST_F(CertificateCheck, ACertificateOfItsOwnIsSomebodysChoice) {
  const Issued own = issue("shop.example", Kind::server, nullptr);
  EXPECT_TRUE(look(own.pem(), own).empty());
}

TEST_F(CertificateCheck, DatesOfTheWholeChainAreLookedAt) {
  const std::string rest = lower_.pem() + upper_.pem();
  const Issued over = issue("shop.example", Kind::server, &lower_, 0);
  EXPECT_THAT(only_message(over.pem() + rest, over, Finding::Weight::warning), HasSubstr("the certificate expire"));
  const Issued soon = issue("shop.example", Kind::server, &lower_, 13);
  EXPECT_THAT(only_message(soon.pem() + rest, soon, Finding::Weight::warning), HasSubstr("the certificate expires on"));
  const Issued late = issue("shop.example", Kind::server, &lower_, 15);
  EXPECT_TRUE(look(late.pem() + rest, late).empty());
  const Issued short_lived = issue("Short", Kind::authority, &root_, 3);
  const Issued under_it = issue("shop.example", Kind::server, &short_lived);
  EXPECT_THAT(only_message(under_it.pem() + short_lived.pem(), under_it, Finding::Weight::warning),
              HasSubstr("certificate 2 (CN=Short) expires on"));
}

TEST_F(CertificateCheck, WhatIsNoCertificateOrKeyIsAnError) {
  const config::Certificate files{.chain = folder_.write("a.pem", "nothing"), .key = folder_.write("a.key", "nothing")};
  const auto findings = certificate_check(SystemClock().wall_now())(files);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_THAT(findings[0].message, HasSubstr("a.pem holds no certificate in PEM form"));
  EXPECT_THAT(findings[1].message, HasSubstr("a.key holds no unencrypted private key in PEM form"));
}

}  // namespace
}  // namespace tenfold::app
