// The cache beside a small model of RFC 9111, written apart from it: one page, what a client may ask, what an origin
// may answer, and 304s about this and that, in thousands of courses told by their seeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cache/cache_fixture.hpp"
#include "cache/reply.hpp"
#include "http/date.hpp"

namespace tenfold::cache {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using http::Field;

std::string date_text(WallTime moment) {
  const auto text = http::format_date(std::chrono::floor<std::chrono::seconds>(moment));
  return {text.begin(), text.end()};
}

// What an origin says, and a client asks, as far as it matters here. Empty texts: the field is not there.
struct Said {
  int status = 200;
  std::string control;
  std::string etag;
  std::string last_modified;
  std::string vary;
  std::string cookie;
  std::string age;
  std::string version;
  std::string body;
};
struct Wish {
  std::string language;
  std::string if_none_match;
  std::string if_modified_since;
  bool authorized = false;
};

// ---- the model ----

struct Stored {
  Said said;             // the head as it stands: after each 304 brought up to date
  std::string language;  // by which it is selected, if anything selects
  std::int64_t lifetime_s = 0;
  std::int64_t age_at_receipt_s = 0;
  TimePoint received{};

  bool has(std::string_view directive) const { return said.control.find(directive) != std::string::npos; }
  std::int64_t age_s(TimePoint now) const {
    return age_at_receipt_s + std::chrono::duration_cast<std::chrono::seconds>(now - received).count();
  }
  bool fresh(TimePoint now) const { return !has("no-cache") && lifetime_s > age_s(now); }
  bool never_fresh() const { return has("no-cache") || lifetime_s <= age_at_receipt_s; }
  bool for_authorized() const { return has("public") || has("must-revalidate"); }
};

class Model {
 public:
  Stored* select(const Wish& wanted) {
    for (Stored& each : stored) {
      if (!by_language || each.language == wanted.language) return &each;
    }
    return nullptr;
  }
  // What must not be kept for others, of a final answer or of a head that a 304 brought up to date.
  static bool keepable(const Said& said, const Wish& wanted) {
    const auto has = [&](std::string_view text) { return said.control.find(text) != std::string::npos; };
    if (has("no-store") || has("private") || !said.cookie.empty() || said.vary == "*") return false;
    if (said.status == 400 || said.status == 500) return false;
    if (wanted.authorized && !has("public") && !has("must-revalidate")) return false;
    const bool usable = !has("no-cache") && lifetime_of(said) > age_of(said);
    return usable || !said.etag.empty() || !said.last_modified.empty();
  }
  // What came to a password, and can be shown to nobody, in the place of what can.
  bool displaces(const Said& said, const Wish& wanted, TimePoint now) {
    const bool showable = said.control.find("no-cache") == std::string::npos && lifetime_of(said) > age_of(said);
    const Stored* selected = select(wanted);
    return wanted.authorized && !showable && selected != nullptr && selected->fresh(now);
  }
  void keep(const Said& said, const Wish& wanted, TimePoint now) {
    if (!said.vary.empty() && !by_language) {
      stored.clear();
      by_language = true;
    }
    std::erase_if(stored, [&](const Stored& each) { return !by_language || each.language == wanted.language; });
    stored.push_back({said, wanted.language, lifetime_of(said), age_of(said), now});
  }
  void forget(const Stored* which) {
    std::erase_if(stored, [&](const Stored& each) { return &each == which; });
    if (stored.empty()) by_language = false;
  }
  static bool is_about(const Said& not_modified, const Stored& stored) {
    const auto opaque = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
    if (not_modified.etag.starts_with("W/")) return opaque(not_modified.etag) == opaque(stored.said.etag);
    if (!not_modified.etag.empty()) return not_modified.etag == stored.said.etag;
    return not_modified.last_modified.empty() || stored.said.last_modified.empty()
               ? not_modified.last_modified.empty()
               : not_modified.last_modified == stored.said.last_modified;
  }
  // RFC 9111, 4.3.4 with 3.2.
  static Said updated(const Said& old, const Said& by) {
    Said head = old;
    const auto take = [](std::string& into, const std::string& from) {
      if (!from.empty()) into = from;
    };
    take(head.control, by.control);
    take(head.etag, by.etag);
    take(head.last_modified, by.last_modified);
    take(head.vary, by.vary);
    take(head.version, by.version);
    head.cookie = by.cookie;
    head.age = by.age;
    return head;
  }
  static bool answers_304(const Stored& stored, const Wish& wanted) {
    if (stored.said.status != 200) return false;
    const auto opaque = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
    if (!wanted.if_none_match.empty()) {
      return wanted.if_none_match == "*" ||
             (!stored.said.etag.empty() && opaque(wanted.if_none_match) == opaque(stored.said.etag));
    }
    // The dates of these courses stand in the order of their texts.
    return !wanted.if_modified_since.empty() && !stored.said.last_modified.empty() &&
           stored.said.last_modified <= wanted.if_modified_since;
  }

  std::vector<Stored> stored;
  bool by_language = false;

 private:
  static std::int64_t lifetime_of(const Said& said) {
    const auto at = said.control.find("max-age=");
    return at == std::string::npos ? 0 : std::atoll(said.control.c_str() + at + 8);
  }
  static std::int64_t age_of(const Said& said) { return said.age.empty() ? 0 : std::atoll(said.age.c_str()); }
};

// ---- the course ----

class ModelTest : public CacheTest {
 protected:
  void begin(std::uint64_t seed) {
    random.emplace(seed);
    options.memory_bytes = 1024 * 1024;
    options.stale_if_error = 0s;
    options.hit_for_miss = 0s;
    remake();
  }
  template <std::size_t n>
  std::string one_of(const char* const (&choices)[n]) {
    return choices[random->below(n)];
  }
  bool one_in(std::uint64_t n) { return random->below(n) == 0; }

  std::string a_date() {
    return one_of({"Wed, 31 Dec 2025 14:00:00 GMT", "Wed, 31 Dec 2025 15:00:00 GMT", "Wed, 31 Dec 2025 16:00:00 GMT"});
  }
  Wish a_wish() {
    Wish wanted;
    wanted.language = one_of({"", "de", "en"});
    if (one_in(3)) wanted.if_none_match = one_of({"\"a\"", "\"b\"", "W/\"a\"", "*"});
    if (one_in(3)) wanted.if_modified_since = a_date();
    wanted.authorized = one_in(6);
    return wanted;
  }
  std::string a_control() {
    return one_of({"max-age=30", "max-age=30", "public, max-age=30", "max-age=5", "max-age=30, must-revalidate",
                   "max-age=0", "no-cache", "no-store", "private", "private, max-age=30"});
  }
  Said an_answer() {
    Said said;
    said.status = one_in(8) ? (one_in(2) ? 404 : 400) : 200;
    said.control = a_control();
    if (!one_in(3)) said.etag = one_of({"\"a\"", "\"b\"", "W/\"a\""});
    if (!one_in(3)) said.last_modified = a_date();
    said.vary = one_in(3) ? "Accept-Language" : one_in(20) ? "*" : "";
    if (one_in(10)) said.cookie = "id=1";
    if (one_in(6)) said.age = one_of({"2", "7", "40", "7, 0"});
    said.version = std::to_string(++count);
    said.body = "body " + std::to_string(count);
    return said;
  }
  Said a_304(const Stored& about) {
    Said said;
    said.status = 304;
    if (one_in(3)) said.control = a_control();
    said.etag = one_in(3) ? one_of({"", "\"a\"", "\"b\"", "W/\"a\""}) : about.said.etag;
    said.last_modified = one_in(3) ? (one_in(2) ? a_date() : "") : about.said.last_modified;
    if (one_in(6)) said.vary = one_in(4) ? "*" : "Accept-Language";
    if (one_in(6)) said.cookie = "id=1";
    if (one_in(6)) said.age = "3";
    if (one_in(2)) said.version = std::to_string(++count);
    return said;
  }

  static http::RequestHead request_of(const Wish& wanted) {
    auto request = get("/");
    const auto add = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) request.headers.add(name, value);
    };
    add("Accept-Language", wanted.language);
    add("If-None-Match", wanted.if_none_match);
    add("If-Modified-Since", wanted.if_modified_since);
    if (wanted.authorized) request.headers.add("Authorization", "Basic x");
    return request;
  }
  static http::ResponseHead response_of(const Said& said) {
    auto response = answer(said.status);
    const auto add = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) response.headers.add(name, value);
    };
    add("Cache-Control", said.control);
    add("ETag", said.etag);
    add("Last-Modified", said.last_modified);
    add("Vary", said.vary);
    add("Set-Cookie", said.cookie);
    add("Age", said.age);
    add("X-Version", said.version);
    response.headers.add("Tenfold-Queue", "1");
    response.headers.add("Content-Length", std::to_string(said.body.size()) == "0" ? "0" : "7");
    return response;
  }

  void step(const std::string& about) {
    clock.advance(std::chrono::seconds(random->below(12)));
    const Wish wanted = a_wish();
    const auto request = request_of(wanted);
    Found found = look(request);
    Stored* selected = model.select(wanted);
    const bool usable = selected != nullptr && !(wanted.authorized && !selected->for_authorized());
    if (usable && selected->fresh(clock.now())) {
      const auto* hit = std::get_if<Hit>(&found);
      ASSERT_NE(hit, nullptr) << about << "expected a hit, got " << found.index();
      check_reply(*hit, request, wanted, *selected, about);
      return;
    }
    auto* miss = std::get_if<Miss>(&found);
    ASSERT_NE(miss, nullptr) << about << "expected a miss, got " << found.index();
    fetch(miss->fill, request, wanted, usable ? selected : nullptr, about);
  }

  void check_reply(const Hit& hit, const http::RequestHead& request, const Wish& wanted, const Stored& stored,
                   const std::string& about) {
    const Reply reply = reply_from(*hit.entry, request, hit.age_s, {}, clock.wall_now(), arena);
    const http::Headers& headers = reply.head.headers;
    const bool is_304 = Model::answers_304(stored, wanted);
    EXPECT_EQ(reply.head.status, is_304 ? 304 : stored.said.status) << about;
    EXPECT_EQ(reply.body, is_304 ? "" : stored.said.body) << about;
    if (!is_304) {
      EXPECT_EQ(headers.find("x-version").value_or(""), stored.said.version) << about;
    }
    EXPECT_EQ(headers.find(Field::age).value_or(""), std::to_string(stored.age_s(clock.now()))) << about;
    EXPECT_EQ(headers.find(Field::etag).value_or(""), stored.said.etag) << about;
    EXPECT_EQ(headers.find(Field::cache_control).value_or(""), stored.said.control) << about;
    EXPECT_EQ(headers.find(Field::date).value_or(""), date_text(clock.wall_now() - (clock.now() - stored.received)))
        << about;
    EXPECT_FALSE(headers.has(Field::set_cookie) || headers.has(Field::tenfold_queue)) << about;
  }

  void fetch(Fill& fill, const http::RequestHead& request, const Wish& wanted, Stored* validated,
             const std::string& about) {
    auto upstream = request;
    fill.prepare(upstream);
    EXPECT_EQ(upstream.headers.find(Field::if_none_match).value_or(""), validated ? validated->said.etag : "") << about;
    EXPECT_EQ(upstream.headers.find(Field::if_modified_since).value_or(""),
              validated ? validated->said.last_modified : "")
        << about;
    const bool conditional =
        upstream.headers.has(Field::if_none_match) || upstream.headers.has(Field::if_modified_since);
    if (conditional && !one_in(3)) {
      const Said said = a_304(*validated);
      const FillVerdict verdict = fill.head(request, response_of(said), {}, now());
      if (Model::is_about(said, *validated)) {
        ASSERT_EQ(verdict, FillVerdict::not_modified) << about;
        finish_304(fill, wanted, validated, said, about);
        return;
      }
      ASSERT_EQ(verdict, FillVerdict::refetch) << about;
      model.forget(validated);
      validated = nullptr;
    }
    const bool own = wanted.authorized || (validated != nullptr && validated->never_fresh());
    const Said said = an_answer();
    const auto given = complete(fill, request, response_of(said), said.body);
    const bool kept = Model::keepable(said, wanted) && !model.displaces(said, wanted, clock.now());
    EXPECT_EQ(last_verdict, kept ? FillVerdict::store : FillVerdict::pass) << about;
    if (kept) {
      ASSERT_TRUE(given) << about;
      model.keep(said, wanted, clock.now());
    } else if (validated != nullptr && !own && said.status != 400) {
      model.forget(validated);
    }
  }

  void finish_304(Fill& fill, const Wish& wanted, Stored* validated, const Said& said, const std::string& about) {
    const Said head = Model::updated(validated->said, said);
    const EntryPtr given = fill.finish();
    ASSERT_TRUE(given) << about;
    // Whoever asked gets the body with the head as it is now, whether it may be kept or not.
    EXPECT_EQ(given->body(), head.body) << about;
    const std::string block(given->field_block());
    EXPECT_NE(block.find("Cache-Control: " + head.control + "\r\n"), std::string::npos) << about;
    EXPECT_NE(block.find("X-Version: " + head.version + "\r\n"), std::string::npos) << about;
    EXPECT_EQ(block.find("Set-Cookie"), std::string::npos) << about;
    const bool forbidden =
        head.control.find("no-store") != std::string::npos || head.control.find("private") != std::string::npos;
    if (Model::keepable(head, wanted)) {
      Said kept = head;
      kept.cookie.clear();
      model.keep(kept, wanted, clock.now());
    } else if (forbidden ||
               (head.vary == "*" && head.cookie.empty() && !(wanted.authorized && !authorized_may(head)))) {
      model.forget(validated);
    }
  }
  static bool authorized_may(const Said& head) {
    return head.control.find("public") != std::string::npos ||
           head.control.find("must-revalidate") != std::string::npos;
  }

  std::optional<FastRandom> random;
  Model model;
  int count = 0;
};

class Course final : public ModelTest {
 public:
  void TestBody() override {}
  void play(std::uint64_t seed) {
    begin(seed);
    for (int i = 0; i < 60 && !HasFailure(); ++i) {
      step("seed " + std::to_string(seed) + ", step " + std::to_string(i) + ": ");
    }
    EXPECT_EQ(cache->snapshot().entries, model.stored.size()) << "seed " << seed;
  }
};

// TENFOLD_SEEDS=100000 plays more of them.
TEST(ValidationByChance, TheCacheDoesWhatTheModelSays) {
  const char* const asked = std::getenv("TENFOLD_SEEDS");
  const std::uint64_t courses = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 3000;
  for (std::uint64_t seed = 1; seed <= courses && !::testing::Test::HasFailure(); ++seed) Course().play(seed);
}

}  // namespace
}  // namespace tenfold::cache
