#include "oncall/channels/encode.hpp"

#include <gtest/gtest.h>

#include "oncall/channels/hmac.hpp"
#include "oncall/channels/phrases.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

TEST(Encode, Base64AndHex) {  // RFC 4648, 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(hex("\x01\xff"), "01ff");
}

TEST(Encode, FormsComeBackAsTheyWere) {
  const Form form{{"a b", "1&2=3"}, {"ü", "%+"}, {"empty", ""}};
  const std::string text = form_encoded(form);
  EXPECT_EQ(text, "a%20b=1%262%3D3&%C3%BC=%25%2B&empty=");
  EXPECT_EQ(form_decoded(text, 3), form);
  EXPECT_EQ(form_decoded(text, 2), std::nullopt);
  EXPECT_EQ(form_decoded("a=b+c&&d", 10), Form({{"a", "b c"}, {"d", ""}}));
  EXPECT_EQ(form_decoded("a=%4", 10), std::nullopt);
  EXPECT_EQ(form_decoded("a=%zz", 10), std::nullopt);
}

TEST(Encode, NoTextEndsAnElementOrAHeader) {
  EXPECT_EQ(xml_escaped("<Say a='\"'>&\x01</Say>\n"), "&lt;Say a=&apos;&quot;&apos;&gt;&amp;&lt;/Say&gt;\n");
  EXPECT_EQ(header_safe("a\r\nb c"), "a%0D%0Ab%20c");
}

TEST(Hmac, IsThatOfTheRfcs) {  // RFC 4231, 4.3; RFC 2202, 3
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha1_base64("Jefe", "what do ya want for nothing?"), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(Phrases, AreThereInEveryLanguage) {
  for (const Language language : {Language::en, Language::de, Language::fr, Language::es}) {
    const Phrases& said = phrases(language);
    for (const std::string_view text : {said.acknowledged, said.escalated, said.not_understood, said.goodbye,
                                        said.only_keys, said.no_digits_here, said.acknowledge_label}) {
      EXPECT_FALSE(text.empty());
    }
  }
}

TEST(Written, KeepsTheLinkWhole) {
  Message message;
  message.text = "one two three four five\r\nsix\x07";
  message.acknowledge_url = "https://x/1";
  EXPECT_EQ(written(message, 1000), "one two three four five\nsix\nhttps://x/1");
  EXPECT_EQ(written(message, 25), "one two...\nhttps://x/1");
  message.text += "\nhttps://x/1";
  EXPECT_EQ(written(message, 1000), "one two three four five\nsix\nhttps://x/1");
  EXPECT_EQ(written(message, 25), "one two...\nhttps://x/1");
  EXPECT_EQ(written(message, 8), "one...");
}

}  // namespace
}  // namespace tenfold::oncall::channels
