#include "guard/challenge/clear_request.hpp"

#include <gtest/gtest.h>

#include <string>

#include "guard/pages/request.hpp"

namespace tenfold::guard {
namespace {

TEST(ClearRequestTest, IsReadFromAQuery) {
  const ClearRequest request = read_clear_query("seed=abc&nonce=42&to=%2Fcart%3Fitem%3D7%26n%3D2");
  EXPECT_EQ(request.seed, "abc");
  EXPECT_EQ(request.nonce, "42");
  EXPECT_EQ(request.to, "/cart?item=7&n=2");
  // What was escaped in the page's own address stays so.
  EXPECT_EQ(read_clear_query("to=%2Fcaf%25C3%25A9%2520cr%25C3%25A8me").to, "/caf%C3%A9%20cr%C3%A8me");
  EXPECT_EQ(read_clear_query("to=/a+b").to, "/a+b");
}

TEST(ClearRequestTest, TakesTheFirstOfEachAndPassesOverTheRest) {
  const ClearRequest request = read_clear_query("x=1&seed=a&&=&seed=b&nonce&nonce=3&to=%2Fa&to=%2Fb");
  EXPECT_EQ(request.seed, "a");
  EXPECT_EQ(request.nonce, "");
  EXPECT_EQ(request.to, "/a");
}

TEST(ClearRequestTest, OfNothingIsEmptyAndLeadsHome) {
  for (const std::string_view query : {"", "&", "=", "to", "to=", "seed", "to=%", "to=%2", "to=%zz", "TO=/a"}) {
    const ClearRequest request = read_clear_query(query);
    EXPECT_EQ(request.seed, "") << query;
    EXPECT_EQ(request.to, "/") << query;
  }
}

TEST(ClearRequestTest, LeadsToPagesOfThisShopOnly) {
  for (const std::string_view query :
       {"to=%2F%2Fother.example", "to=/%2Fother.example", "to=///other.example", "to=%5C%5Cother.example",
        "to=/%5Cother.example", "to=https://other.example", "to=javascript:alert(1)", "to=other", "to=%20/a", "to=*",
        "to=%2F.tenfold%2Fclear%3Fto%3D%2F"}) {
    EXPECT_EQ(read_clear_query(query).to, "/") << query;
  }
  EXPECT_EQ(read_clear_query("to=/%252Fother.example").to, "/%2Fother.example");
  EXPECT_EQ(read_clear_query("to=/%3Fnext=https://other.example").to, "/?next=https://other.example");
  // What would end a field's line is escaped.
  EXPECT_EQ(read_clear_query("to=/%0d%0aX:y").to, "/%0D%0AX:y");
  EXPECT_EQ(read_clear_query("to=/%09/other.example").to, "/%09/other.example");
  EXPECT_EQ(read_clear_query("to=/a%5Cb").to, "/a%5Cb");
}

TEST(ClearRequestTest, LeadsHomeFromALongWay) {
  const std::string longest = "/" + std::string(longest_way_back - 1, 'a');
  EXPECT_EQ(read_clear_query("to=%2F" + std::string(longest_way_back - 1, 'a')).to, longest);
  EXPECT_EQ(read_clear_query("to=" + longest + "a").to, "/");
  EXPECT_EQ(read_clear_query("to=/" + std::string(3 * longest_way_back, '?')).to, "/");
}

TEST(AnswerTo, EverySolution) {
  EXPECT_EQ(answer_to(Solution::right), ClearAnswer::grant);
  EXPECT_EQ(answer_to(Solution::rationed), ClearAnswer::wait);
  for (const Solution solution :
       {Solution::wrong, Solution::malformed, Solution::expired, Solution::other_network, Solution::spent}) {
    EXPECT_EQ(answer_to(solution), ClearAnswer::challenge) << name(solution);
  }
}

}  // namespace
}  // namespace tenfold::guard
