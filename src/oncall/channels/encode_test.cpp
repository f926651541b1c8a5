#include "oncall/channels/encode.hpp"

#include <gtest/gtest.h>

#include "oncall/channels/phrases.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

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

TEST(Encode, NoTextEndsAHeader) { EXPECT_EQ(header_safe("a\r\nb c"), "a%0D%0Ab%20c"); }

TEST(Phrases, AreThereInEveryLanguage) {
  for (const Language language : {Language::en, Language::de, Language::fr, Language::es}) {
    const Phrases& said = phrases(language);
    for (const std::string_view text :
         {said.goodbye_drill, said.goodbye_over, said.not_understood, said.goodbye, said.only_keys, said.no_digits_here,
          said.acknowledge_label, said.escalate_label}) {
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
