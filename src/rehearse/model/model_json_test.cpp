#include "rehearse/model/model_json.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "rehearse/model/test_models.hpp"

namespace tenfold::rehearse {
namespace {

using testing_models::small_shop;

TEST(ModelJson, ComesBackAsItWas) {
  const TrafficModel model = small_shop();
  const auto again = model_from_json(to_json(model), "m");
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(to_json(*again), to_json(model));
  EXPECT_EQ(again->populations, model.populations);
}

// As models of earlier versions have it.
TEST(ModelJson, OnePatternMayStandWithoutAList) {
  std::string text = to_json(small_shop());
  const std::size_t from = text.find("\"rare_like\": [");
  ASSERT_NE(from, std::string::npos);
  const std::size_t to = text.find("\"targets\"", from);
  text.replace(from, to - from, "\"rare_like\": \"/product/{number:1000-1999}\", ");
  const auto again = model_from_json(text, "m");
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->templates[1].rare_like, small_shop().templates[1].rare_like);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(ModelJson, NamesThePlaceOfWhatIsWrong) {
  const std::string good = to_json(small_shop());
  TrafficModel nobody_comes = small_shop();
  nobody_comes.populations[1].visits[0].pages[0].entry = 0;
  const struct {
    std::string text, expected;
  } rows[] = {
      {replaced(good, "\"mean_per_s\": 1.0", "\"mean_per_s\": \"two\""),
       "m: populations[0].arrivals.mean_per_s: expected a number, not \"two\""},
      {replaced(good, "\"gap_s\": {", "\"offset_s\": {"), "pages[0].first: \"offset_s\" is not known"},
      {replaced(good, "\"sessions\": 1.0", "\"sessions\": 0"), "populations[1].visits: none has sessions above 0"},
      {to_json(nobody_comes), "populations[1].visits[0].pages: no page has an entry weight above 0"},
      {replaced(good, "\"version\": 2", "\"version\": 1"),
       "m: version: expected 2, which is what this program knows, not 1"},
      {replaced(good, "\"kind\": \"crawlers\"", "\"kind\": \"robots\""), "m: populations[1].kind: expected \"people\""},
      {replaced(good, "\"dispersion\"", "\"dispersoin\""), "m: populations[0].arrivals: \"dispersoin\" is not known"},
      {replaced(good, "\"page\": \"/\"", "\"page\": \"/gone\""), "there is none named \"/gone\""},
      {replaced(good, "\"/product/1\"", "\"product 1\""), "targets[0]: expected a path that begins with \"/\""},
      {"{", "m: not JSON"},
      {"[]", "m: the file: expected an object, not []"},
  };
  for (const auto& row : rows) {
    const auto read = model_from_json(row.text, "m");
    ASSERT_FALSE(read) << row.expected;
    EXPECT_NE(read.error().detail.find(row.expected), std::string::npos) << read.error().detail;
  }
}

TEST(ModelJson, IsWrittenWholeOrNotAtAll) {
  const std::string folder = ::testing::TempDir() + "model-json-test";
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(write_model(small_shop(), folder + "/a.json"));
  EXPECT_TRUE(read_model(folder + "/a.json"));
  EXPECT_FALSE(std::filesystem::exists(folder + "/a.json.new"));
  EXPECT_FALSE(write_model(small_shop(), folder + "/missing/a.json"));
  EXPECT_EQ(read_model(folder + "/none.json").error().code, Errc::not_found);
  std::filesystem::remove_all(folder);
}

TEST(Distribution, IsLinearBetweenItsPoints) {
  const Distribution values{.points = {{0, 1}, {0.5, 1}, {1, 11}}, .mean = 3.5};
  EXPECT_DOUBLE_EQ(values.at(0), 1);
  EXPECT_DOUBLE_EQ(values.at(0.25), 1);
  EXPECT_DOUBLE_EQ(values.at(0.75), 6);
  EXPECT_DOUBLE_EQ(values.at(1), 11);
  EXPECT_DOUBLE_EQ((Distribution{.mean = 4}).at(0.9), 4);
}

}  // namespace
}  // namespace tenfold::rehearse
