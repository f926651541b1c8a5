#include "rehearse/model/model_json.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "rehearse/model/test_models.hpp"

namespace tenfold::rehearse {
namespace {

using testing_models::small_shop;

TrafficModel with_pace() {
  TrafficModel model = small_shop();
  model.populations[0].pace = {{.pages_up_to = 3, .tenths = {0, 0, 0, 0, 0, 1, 1, 1, 1, 2}},
                               {.pages_up_to = 40, .tenths = {3, 2, 1, 1, 1, 1, 1, 0, 0, 0}}};
  model.populations[0].pages[0].first.together = 0.25;
  return model;
}

TEST(ModelJson, ComesBackAsItWas) {
  const TrafficModel model = with_pace();
  const auto again = model_from_json(to_json(model), "m");
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(to_json(*again), to_json(model));
  EXPECT_EQ(again->populations, model.populations);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

TEST(ModelJson, NamesThePlaceOfWhatIsWrong) {
  const std::string good = to_json(with_pace());
  const struct {
    std::string text, expected;
  } rows[] = {
      {replaced(good, "\"mean_per_s\": 1.0", "\"mean_per_s\": \"two\""),
       "m: populations[0].arrivals.mean_per_s: expected a number, not \"two\""},
      {replaced(good, "\"pages_up_to\": 40.0", "\"pages_up_to\": 3"),
       "populations[0].pace[1].pages_up_to: expected a number greater than the one before"},
      {replaced(good, "\"tenths\": [", "\"tenths\": [1,"), "populations[0].pace[0].tenths: expected 10 weights"},
      {replaced(good, "\"together\": 0.25", "\"together\": 1.5"),
       "populations[0].pages[0].first.together: expected a number from 0 to 1"},
      {replaced(good, "\"version\": 1", "\"version\": 2"),
       "m: version: expected 1, which is what this program knows, not 2"},
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
