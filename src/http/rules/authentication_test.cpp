#include "http/rules/authentication.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace tenfold::http {
namespace {

bool of_connection(Field field, std::string_view value) {
  Headers headers;
  headers.add("Accept", "*/*");
  headers.add(field, value);
  return authenticates_connection(headers);
}

TEST(Authentication, OfAConnectionIsNamedByItsScheme) {
  for (const Field field :
       {Field::authorization, Field::proxy_authorization, Field::www_authenticate, Field::proxy_authenticate}) {
    for (const std::string_view value :
         {"NTLM", "NTLM TlRMTVNTUAAB", "ntlm\tTlRM", "Negotiate YII=", "nEGOTIATE", "Negotiate:Kerberos",
          "Basic realm=\"a\", NTLM", "Basic realm=\"a\",,negotiate", "Digest realm=\"a, NTLM", ", NTLM"}) {
      EXPECT_TRUE(of_connection(field, value)) << value;
    }
    for (const std::string_view value : {"", ",", "Basic TlRMTQ==", "Bearer ntlm", "NTLMv3 x", "Digest realm=\"NTLM\"",
                                         "Basic realm=\"a\", charset=\"UTF-8\"", "Digest x=negotiate", "NT LM"}) {
      EXPECT_FALSE(of_connection(field, value)) << value;
    }
  }
  EXPECT_FALSE(of_connection(Field::cookie, "NTLM"));
}

}  // namespace
}  // namespace tenfold::http
