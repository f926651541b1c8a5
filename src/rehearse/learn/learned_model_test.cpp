#include <gtest/gtest.h>

#include <random>
#include <string>

#include "rehearse/learn/learner.hpp"
#include "rehearse/log/line_parser.hpp"
#include "rehearse/model/model_json.hpp"

namespace tenfold::rehearse {
namespace {

// Logs as they come: any agents, any escapes, any bytes that strangers send.
class AnyLog {
 public:
  explicit AnyLog(std::uint64_t seed) : random_(seed) {}

  std::string line(std::int64_t at_s) {
    const std::string target =
        "/" + any({"", "a", "product/" + number(500), "search?q=" + text(), text() + "/" + text(),
                   "static/" + number(20) + ".css", "robots.txt", std::string(number_below(90), 'x')});
    return "{\"ts\":" + std::to_string(at_s) + ",\"remote_addr\":\"" +
           any({"192.0.2." + number(60), "2001:db8::" + number(9)}) + "\",\"request_method\":\"" +
           any({"GET", "GET", "GET", "POST", "HEAD", "PUT"}) + "\",\"request_uri\":\"" + target +
           "\",\"status\":" + any({"200", "200", "304", "301", "404", "500", "0"}) +
           ",\"body_bytes_sent\":" + number(99'999) + ",\"http_referer\":\"" +
           any({"", "https://shop.example/", "https://shop.example" + target, text()}) + "\",\"http_user_agent\":\"" +
           any({"", "Mozilla/5.0", "Googlebot/2.1", "curl/8", text()}) + "\"}";
  }
  std::uint64_t number_below(std::uint64_t below) { return random_() % below; }

 private:
  std::string number(std::uint64_t below) { return std::to_string(number_below(below)); }
  std::string any(std::initializer_list<std::string> choices) {
    return *(choices.begin() + number_below(choices.size()));
  }
  // Whatever may stand in a JSON text, in escapes or as it is; also what is no UTF-8.
  std::string text() {
    std::string result;
    for (std::uint64_t left = number_below(8) + 1; left > 0; --left)
      result += any({"\\u0000",     "\\n",      "\\t",
                     "\\\"",        "\\\\",     "\xC3\xA9",
                     "\xC3",        "\xFF\xFE", "\\ud83d\\ude00",
                     "\\ud83d",     "{id}",     "{number:9-1}",
                     " ",           "%",        "%zz",
                     "a@b.example", "\x7f",     "#",
                     "?",           "&=",       "(other pages)",
                     "word",        "31",       "0123456789abcdef0123"});
    return result;
  }
  std::mt19937_64 random_;
};

// Whatever the log: the model that is written is one that the rehearsal takes, and reads as what it was.
TEST(LearnedModel, IsOneThatTheRehearsalTakes) {
  for (std::uint64_t seed = 1; seed <= 14; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    AnyLog log(seed);
    LearnOptions options;
    options.session_gap_s = seed % 3 == 0 ? 20 : 1800;
    options.most_open_sessions = seed % 4 == 0 ? 3 : 500'000;
    options.most_targets = seed % 5 == 0 ? 2 : 2'000;
    Learner learner(options);
    LineParser parser;
    std::int64_t at_s = 1'700'000'000;
    const std::uint64_t lines = 1 + log.number_below(seed % 2 == 0 ? 250 : 12);
    for (std::uint64_t i = 0; i < lines; ++i) {
      const std::string line = log.line(at_s += static_cast<std::int64_t>(log.number_below(seed % 7 == 0 ? 1'000 : 3)));
      Entry entry;
      std::string_view why;
      if (parser.parse(line, entry, why)) learner.take(entry);
    }
    const auto learned = learner.finish();
    if (learned.summary.requests == 0) continue;
    const std::string json = to_json(learned.model);
    const auto back = model_from_json(json, "shop.traffic.json");
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(to_json(*back), json);
  }
}

}  // namespace
}  // namespace tenfold::rehearse
