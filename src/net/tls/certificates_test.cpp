#include "net/tls/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/tls/test_certificates.hpp"

namespace tenfold::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CertificateFilesTest : public testing::Test {
 protected:
  void expect_refused(const CertificateFiles& given, const std::string& file, const std::string& reason) {
    const auto made = make_tls_server_context({given}, {});
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, Errc::invalid);
    EXPECT_THAT(made.error().detail, testing::StartsWith(file + ": "));
    EXPECT_THAT(made.error().detail, HasSubstr(reason));
  }

  TestFolder folder;
  TestAuthority authority;
  TestCertificate shop = authority.issue("DNS:shop.example,DNS:*.Shop.example,IP:127.0.0.1,IP:::1");
  CertificateFiles files = shop.save(folder, "shop");
};

TEST_F(CertificateFilesTest, tells_names_and_validity) {
  const auto context = make_tls_server_context({files}, {});
  ASSERT_TRUE(context.has_value()) << context.error().text();
  EXPECT_THAT((*context)->names(), ElementsAre("*.shop.example", "127.0.0.1", "::1", "shop.example"));
  ASSERT_EQ((*context)->certificates().size(), 1u);
  const CertificateInfo& info = (*context)->certificates().front();
  EXPECT_EQ(info.chain_file, files.chain);
  const WallTime now = SystemClock().wall_now();
  EXPECT_NEAR(std::chrono::duration<double>(info.not_after - now).count(), 30 * 86400.0, 60);
  EXPECT_NEAR(std::chrono::duration<double>(info.not_before - now).count(), -86400.0, 60);
}

TEST_F(CertificateFilesTest, takes_an_expired_certificate_and_tells_its_end) {
  const auto old = authority.issue("DNS:old.example", {.valid_from_days = -30, .valid_until_days = -1});
  const auto context = make_tls_server_context({old.save(folder, "old")}, {});
  ASSERT_TRUE(context.has_value()) << context.error().text();
  EXPECT_LT((*context)->certificates().front().not_after, SystemClock().wall_now());
}

TEST_F(CertificateFilesTest, refuses_files_that_cannot_be_read) {
  expect_refused({folder.path("missing.pem"), files.key}, folder.path("missing.pem"), "No such file");
  expect_refused({files.chain, folder.path("missing.key")}, folder.path("missing.key"), "No such file");
  expect_refused({folder.path(""), files.key}, folder.path(""), "Is a directory");
}

TEST_F(CertificateFilesTest, refuses_what_is_not_pem) {
  const std::string text = folder.write("text", "hello");
  expect_refused({text, files.key}, text, "holds no certificate in PEM form");
  expect_refused({files.chain, text}, text, "holds no private key in PEM form");
  const std::string empty = folder.write("empty", "");
  expect_refused({empty, files.key}, empty, "holds no certificate in PEM form");
  const std::string large = folder.write("large", std::string((1 << 20) + 1, 'x'));
  expect_refused({large, files.key}, large, "larger than 1 MiB");
}

TEST_F(CertificateFilesTest, refuses_swapped_files) {
  expect_refused({files.key, files.chain}, files.key, "holds a private key where the certificate chain is expected");
}

TEST_F(CertificateFilesTest, refuses_damaged_pem_and_says_which_certificate) {
  std::string second = shop.certificate_pem();
  second[100] = '!';
  const std::string chain = folder.write("damaged.pem", shop.certificate_pem() + second);
  expect_refused({chain, files.key}, chain, "certificate 2 is damaged");
}

TEST_F(CertificateFilesTest, refuses_an_encrypted_key) {
  const std::string key = folder.write("locked.key", shop.key_pem("secret"));
  expect_refused({files.chain, key}, key, "the key is encrypted");
}

TEST_F(CertificateFilesTest, refuses_the_key_of_another_certificate) {
  const auto other = authority.issue("DNS:other.example").save(folder, "other");
  expect_refused({files.chain, other.key}, other.key, "does not belong to the certificate in " + files.chain);
}

TEST_F(CertificateFilesTest, refuses_a_chain_in_the_wrong_order) {
  const std::string chain = folder.write("order.pem", authority.pem() + shop.certificate_pem());
  expect_refused({chain, files.key}, chain, "must come first; it is number 2");
}

TEST(TlsServerContext, needs_a_certificate) { EXPECT_FALSE(make_tls_server_context({}, {}).has_value()); }

TEST(CertificateNames, exact_names_come_before_wildcards_and_the_first_certificate_is_the_default) {
  CertificateNames names;
  names.add({"default.example"}, 0);
  names.add({"*.shop.example"}, 1);
  names.add({"www.shop.example", "shop.example"}, 2);
  names.add({"www.shop.example"}, 3);
  EXPECT_EQ(names.find("www.shop.example"), 2u);
  EXPECT_EQ(names.find("shop.example"), 2u);
  EXPECT_EQ(names.find("cart.shop.example"), 1u);
  EXPECT_EQ(names.find("CART.Shop.Example."), 1u);
  EXPECT_EQ(names.find("a.cart.shop.example"), 0u);  // a wildcard stands for one label
  EXPECT_EQ(names.find(".shop.example"), 0u);
  EXPECT_EQ(names.find("other.example"), 0u);
  EXPECT_EQ(names.find("localhost"), 0u);
  EXPECT_EQ(names.find(""), 0u);
  EXPECT_EQ(names.find("."), 0u);
}

}  // namespace
}  // namespace tenfold::net
