#include "config/yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace tenfold::config {
namespace {

struct Bad {
  std::string text;
  int line;
  int column;
  std::string message;
};

std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.message; }

class BadYaml : public ::testing::TestWithParam<Bad> {};

TEST_P(BadYaml, IsRefusedAtItsPlace) {
  std::vector<Problem> problems;
  EXPECT_FALSE(parse_yaml(GetParam().text, "f", problems));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].message, ::testing::HasSubstr(GetParam().message));
  EXPECT_EQ(problems[0].line, GetParam().line);
  EXPECT_EQ(problems[0].column, GetParam().column);
}

std::string nested(int levels) { return "a: " + std::string(levels, '[') + std::string(levels, ']') + "\n"; }

INSTANTIATE_TEST_SUITE_P(
    Yaml, BadYaml,
    ::testing::Values(
        Bad{"a: 1\n\tb: 2\n", 2, 1, "a tab in the indentation"}, Bad{"a:\n\tb: 1\n", 2, 1, "a tab in the indentation"},
        Bad{"a: \"x\nb: 1\n", 1, 4, "the quote that opens here is never closed"},
        Bad{"a: 'x\nb: 1\n", 1, 4, "the quote that opens here is never closed"},
        Bad{"a: [1, 2\nb: 3\n", 2, 2, "a list that opens with ["}, Bad{"a: 1\n b: 2\n", 2, 3, "check the indentation"},
        Bad{"a: b: c\n", 1, 5, "put text that holds \": \" in quotes"},
        Bad{"- a\nb: 1\n", 2, 1, "belongs to nothing above it"}, Bad{"a: 1\n---\nb: 1\n", 3, 1, "second document"},
        Bad{"a: @x\n", 1, 4, "put the value in quotes"}, Bad{"a: *nope\n", 1, 4, "refers to no anchor"},
        Bad{"a: !foo 1\n", 1, 4, "the tag !foo has no meaning"}, Bad{"? [a]\n: 1\n", 1, 3, "a list cannot be a key"},
        Bad{"a: 1\nä: \xff\n", 2, 4, "the byte 0xff is not UTF-8"}, Bad{"a: \xed\xa0\x80\n", 1, 4, "is not UTF-8"},
        Bad{std::string("a: x\0y\n", 7), 1, 5, "control character 0x00"},
        Bad{"a: [::]:80\n", 1, 4, "must be in quotes: \"[::]:80\""},
        Bad{nested(max_nesting), 1, 3 + max_nesting, "nested more than 32 levels deep"},
        Bad{std::string(max_file_bytes + 1, '#'), 1, 1, "at most 1MiB"},
        Bad{"a: 1\nb: {<<: 3}\n", 2, 9, "takes an alias of a mapping"},
        Bad{"a: &x\n  <<: *x\n", 1, 4, "takes an alias of a mapping"}));

TEST(Yaml, CountsColumnsInCharacters) {
  std::vector<Problem> problems;
  const auto document = parse_yaml("ä: [ö, x]\r\nb:\r\n", "f", problems);
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root->find("ä")->items[1]->mark.column, 8);
  EXPECT_EQ(document->root->find("b")->mark.line, 2) << "an empty value stands at its key";
}

TEST(Yaml, FollowsAnchorsAndMerges) {
  std::vector<Problem> problems;
  const auto document = parse_yaml("x: &base {a: 1, b: 2}\ny:\n  <<: *base\n  b: 3\nz: [*base]\n", "f", problems);
  ASSERT_TRUE(document);
  const Node& y = *document->root->find("y");
  EXPECT_EQ(y.find("a")->text, "1");
  EXPECT_EQ(y.find("b")->text, "3");
  EXPECT_EQ(y.entries.size(), 2u);
  EXPECT_EQ(document->root->find("z")->items[0], document->root->find("x"));
}

TEST(Yaml, TakesAsManyLevelsAsAllowed) {
  std::vector<Problem> problems;
  EXPECT_TRUE(parse_yaml(nested(max_nesting - 1), "f", problems));
}

TEST(Yaml, TakesNothingForAnEmptyDocument) {
  for (const auto* text : {"", "# only a comment\n", "\xef\xbb\xbf", "---\n"}) {
    std::vector<Problem> problems;
    const auto document = parse_yaml(text, "f", problems);
    ASSERT_TRUE(document) << text;
    EXPECT_EQ(document->root->kind, Node::Kind::null);
  }
}

TEST(Yaml, SurvivesADeepFlood) {
  for (const auto* unit : {"[", "{a: ", "- ", "? ", "a: ", "&a [", "!!x "}) {
    std::string text;
    while (text.size() < 100'000) text += unit;
    std::vector<Problem> problems;
    EXPECT_FALSE(parse_yaml(text, "f", problems)) << unit;
    EXPECT_EQ(problems.size(), 1u);
  }
}

}  // namespace
}  // namespace tenfold::config
