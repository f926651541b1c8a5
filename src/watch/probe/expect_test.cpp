#include "watch/probe/expect.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tenfold::watch {
namespace {

class ExpectTest : public ::testing::Test {
 protected:
  std::string what(const Expectation& expectation, const std::string& body = "") {
    Answer answer = answer_;
    answer.body = body;
    answer.body_bytes = body.size();
    return judge(expectation, answer, expressions_).what;
  }
  Answer answer_{.status = 200, .headers = {{"content-type", "text/html"}, {"x-a", "1"}, {"x-a", "2"}}};
  Expressions expressions_;
};

TEST_F(ExpectTest, StatusJustInsideAndJustOutside) {
  for (const auto& [status, good] : {std::pair(199, false), {200, true}, {399, true}, {400, false}}) {
    answer_.status = status;
    EXPECT_EQ(what({}).empty(), good) << status;
  }
}

TEST_F(ExpectTest, Headers) {
  EXPECT_EQ(what({.headers = {{"Content-Type", "text/html"}}}), "");
  EXPECT_EQ(what({.headers = {{"CONTENT-TYPE", ""}}}), "");
  EXPECT_EQ(what({.headers = {{"X-A", "2"}}}), "");
  EXPECT_EQ(what({.headers = {{"X-A", "3"}}}), "the header X-A is \"2\", expected \"3\"");
  EXPECT_EQ(what({.headers = {{"X-B", ""}}}), "the header X-B is missing");
}

TEST_F(ExpectTest, SizeJustInsideAndJustOutside) {
  EXPECT_EQ(what({.least_bytes = 3}, "abc"), "");
  EXPECT_EQ(what({.least_bytes = 4}, "abc"), "the page has 3 bytes, expected at least 4");
  EXPECT_EQ(what({.most_bytes = 3}, "abc"), "");
  EXPECT_EQ(what({.most_bytes = 2}, "abc"), "the page is larger than 2 bytes");
}

TEST_F(ExpectTest, RegularExpressions) {
  EXPECT_EQ(what({.matches = "€ *[0-9]+"}, "only € 42"), "");
  EXPECT_EQ(what({.matches = "^only$"}, "only € 42"), "nothing in the page matches \"^only$\"");
  EXPECT_EQ(what({.matches = "("}, "x").find("the regular expression \"(\" is not valid: "), 0u);
}

TEST_F(ExpectTest, ExpressionsAreKeptUpToTheirBound) {
  const auto first = expressions_.get("x0");
  for (std::size_t i = 1; i < Expressions::most; ++i) ASSERT_TRUE(expressions_.get(fmt::format("x{}", i)));
  EXPECT_EQ(expressions_.get("x0").value(), first.value());
  ASSERT_TRUE(expressions_.get("further"));  // x1 goes, which was used longest ago
  EXPECT_EQ(expressions_.get("x0").value(), first.value());
}

TEST_F(ExpectTest, JsonValues) {
  const std::string body = R"({"status": "up", "n": 1.0, "on": true, "list": [{"a": 1}], "none": null, "a/b": 3})";
  const auto at = [&](const std::string& pointer, const std::string& equals) {
    return what({.json_pointer = pointer, .json_equals = equals}, body);
  };
  EXPECT_EQ(at("/status", "up"), "");
  EXPECT_EQ(at("/status", "\"up\""), "");
  EXPECT_EQ(at("/n", "1"), "");
  EXPECT_EQ(at("/on", "true"), "");
  EXPECT_EQ(at("/list/0", "{ \"a\": 1 }"), "");
  EXPECT_EQ(at("/none", ""), "");
  EXPECT_EQ(at("/a~1b", "3"), "");
  EXPECT_EQ(at("/status", "down"), "the JSON has \"up\" at \"/status\", expected \"down\"");
  EXPECT_EQ(at("/list/1", ""), "the JSON has nothing at \"/list/1\"");
  EXPECT_EQ(at("/list/x", ""), "the JSON has nothing at \"/list/x\"");
  EXPECT_EQ(at("/status/x", ""), "the JSON has nothing at \"/status/x\"");
  EXPECT_EQ(at("status", ""), "\"status\" is not a JSON pointer");
  EXPECT_EQ(what({.json_pointer = "/a"}, "<html>"), "the answer is not JSON");
  EXPECT_EQ(what({.json_pointer = "/a"}, ""), "the answer is not JSON");
}

TEST_F(ExpectTest, JsonThatIsTooDeepIsNotFollowed) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\": " + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(what({.json_pointer = "/a"}, nested(250)), "");
  EXPECT_EQ(what({.json_pointer = "/a"}, nested(300)), "the JSON is deeper than 256 levels");
  EXPECT_EQ(what({.json_pointer = "/a"}, nested(1'000'000)), "the JSON is deeper than 256 levels");
}

TEST_F(ExpectTest, WordsStayOnOneLineAndShort) {
  const std::string words = what({.text = "a\nb\x1b[31m" + std::string(500, 'x')}, "page");
  EXPECT_EQ(words.find('\n'), std::string::npos);
  EXPECT_EQ(words.find('\x1b'), std::string::npos);
  EXPECT_LT(words.size(), 150u);
}

}  // namespace
}  // namespace tenfold::watch
