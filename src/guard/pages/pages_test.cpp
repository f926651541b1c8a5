#include "guard/pages/pages.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>

#include "base/sha256.hpp"
#include "base/text/base64.hpp"

namespace tenfold::guard {
namespace {

using http::PageFormat;
using http::PageLanguage;
using nlohmann::json;

constexpr std::array languages = {PageLanguage::en, PageLanguage::de, PageLanguage::fr, PageLanguage::es};
constexpr std::string_view seed_digits = "0123456789abcdef0123456789abcdef0123456789abcdef";

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// What stands between the first of one text and the next of the other.
std::string_view between(std::string_view text, std::string_view from, std::string_view to) {
  const std::size_t start = text.find(from);
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start + from.size());
  return text.substr(0, text.find(to));
}

ChallengeOffer offer(Asked asked = Asked::page) {
  return {.seed = seed_digits, .bits = 13, .to = "/p/tea?x=1&y='2'", .asked = asked};
}

QueuePlace place(Asked asked = Asked::page) {
  return {.ahead = 123,
          .eta = std::chrono::seconds(200),
          .retry_after = std::chrono::seconds(5),
          .to = "/p/tea?x=1&y='2'",
          .asked = asked};
}

// ---- contracts ----

TEST(GuardPages, TheFieldsAreThoseOfTheContract) {
  EXPECT_EQ(challenge_field(offer()), "v1; seed=" + std::string(seed_digits) + "; bits=13; path=/.tenfold/clear");
  EXPECT_EQ(queue_field(place()), "v1; ahead=123; eta=200");
  QueuePlace unknown = place();
  unknown.eta.reset();
  EXPECT_EQ(queue_field(unknown), "v1; ahead=123; eta=5");
}

TEST(GuardPages, JsonSaysWhatAProgramNeeds) {
  const GuardPages pages("Corner \"Shop\"");
  for (const PageLanguage language : languages) {
    const GuardPage challenge = pages.challenge(PageFormat::json, language, offer());
    EXPECT_EQ(challenge.content_type, "application/problem+json");
    const json asked = json::parse(challenge.body);
    EXPECT_EQ(asked.at("error"), "challenge");
    EXPECT_EQ(asked.at("status"), 503);
    EXPECT_FALSE(asked.at("title").get<std::string>().empty() || asked.at("detail").get<std::string>().empty());
    EXPECT_EQ(asked.at("challenge"),
              json({{"seed", seed_digits}, {"bits", 13}, {"path", "/.tenfold/clear"}, {"algorithm", "sha-256"}}));

    const json waiting = json::parse(pages.waiting(PageFormat::json, language, place()).body);
    EXPECT_EQ(waiting.at("error"), "queue");
    EXPECT_EQ(waiting.at("queue").at("ahead"), 123);
    EXPECT_EQ(waiting.at("queue").at("eta_s"), 200);
    // What the page's script shows.
    EXPECT_TRUE(contains(waiting.at("queue").at("place").get<std::string>(), "124"));
    EXPECT_TRUE(contains(waiting.at("queue").at("wait").get<std::string>(), "4"));
  }
}

TEST(GuardPages, AnEtaThatIsNotKnownIsNoNumber) {
  const GuardPages pages("Corner Shop");
  QueuePlace unknown = place();
  unknown.eta.reset();

  const json waiting = json::parse(pages.waiting(PageFormat::json, PageLanguage::en, unknown).body);

  EXPECT_TRUE(waiting.at("queue").at("eta_s").is_null());
  EXPECT_EQ(waiting.at("queue").at("wait"), "How long it takes cannot be told yet.");
}

TEST(GuardPages, TheWaitIsRoundedUp) {
  const GuardPages pages("Corner Shop");
  const auto wait = [&](int seconds) {
    QueuePlace at = place();
    at.eta = std::chrono::seconds(seconds);
    return json::parse(pages.waiting(PageFormat::json, PageLanguage::en, at).body)
        .at("queue")
        .at("wait")
        .get<std::string>();
  };
  EXPECT_EQ(wait(0), "It is your turn in a few seconds.");
  EXPECT_EQ(wait(10), "It is your turn in a few seconds.");
  EXPECT_EQ(wait(11), "It is your turn within a minute.");
  EXPECT_EQ(wait(60), "It is your turn within a minute.");
  EXPECT_EQ(wait(61), "It is your turn in about 2 minutes.");
  EXPECT_EQ(wait(3600), "It is your turn in about 60 minutes.");
  EXPECT_EQ(wait(3601), "It takes more than an hour until it is your turn.");
}

// ---- the documents ----

TEST(GuardPages, EveryPageIsWholeInEveryLanguage) {
  const GuardPages pages("Corner Shop");
  std::set<std::string> titles;
  for (const PageLanguage language : languages) {
    for (const Asked asked : {Asked::page, Asked::form}) {
      for (const GuardPage& page : {pages.challenge(PageFormat::html, language, offer(asked)),
                                    pages.waiting(PageFormat::html, language, place(asked))}) {
        EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
        EXPECT_EQ(page.content_language, http::tag(language));
        EXPECT_TRUE(page.body.starts_with("<!doctype html>") && page.body.ends_with("</html>\n"));
        EXPECT_TRUE(contains(page.body, "<html lang=\"" + std::string(http::tag(language)) + "\">"));
        EXPECT_TRUE(contains(page.body, "<p class=\"shop\">Corner Shop</p>\n<h1>"));
        EXPECT_TRUE(contains(page.body, "role=\"status\" aria-live=\"polite\""));
        EXPECT_TRUE(contains(page.body, "prefers-color-scheme:dark"));
        EXPECT_FALSE(contains(page.body, "\x1f"));  // a gap left open
        EXPECT_FALSE(contains(between(page.body, "<body>", "<script>"), "{}"));
        EXPECT_LT(page.body.size(), 8192u);
        titles.emplace(between(page.body, "<h1>", "</h1>"));
      }
    }
  }
  EXPECT_EQ(titles.size(), 8u);
}

TEST(GuardPages, NothingComesFromElsewhereAndNothingMoves) {
  const GuardPages pages("Corner Shop");
  for (const GuardPage& page : {pages.challenge(PageFormat::html, PageLanguage::en, offer()),
                                pages.waiting(PageFormat::html, PageLanguage::en, place())}) {
    for (const char* part : {"src=", "http:", "https:", "@import", "url(", "animation", "transition", " style="}) {
      EXPECT_FALSE(contains(page.body, part)) << part;
    }
  }
}

TEST(GuardPages, ThePolicyAllowsTheScriptAndTheStyleThatAreThere) {
  const GuardPages pages("Corner Shop");
  for (const GuardPage& page : {pages.challenge(PageFormat::html, PageLanguage::fr, offer()),
                                pages.waiting(PageFormat::html, PageLanguage::fr, place(Asked::form))}) {
    const auto source = [](std::string_view text) {
      const Sha256 digest = sha256(text);
      return "'sha256-" + base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
    };
    const std::string_view policy = page.content_security_policy;
    EXPECT_TRUE(contains(policy, "default-src 'none'; "));
    EXPECT_EQ(between(policy, "script-src ", ";"), source(between(page.body, "<script>", "</script>")));
    EXPECT_EQ(between(policy, "style-src ", ";"), source(between(page.body, "<style>", "</style>")));
    EXPECT_FALSE(contains(policy, "unsafe"));
    EXPECT_EQ(between(policy, "worker-src ", ";"), "blob:");
  }
  EXPECT_EQ(pages.challenge(PageFormat::json, PageLanguage::en, offer()).content_security_policy, "");
}

TEST(GuardPages, TheChallengeLeadsOnWithAndWithoutAScript) {
  const GuardPages pages("Corner Shop");

  const GuardPage page = pages.challenge(PageFormat::html, PageLanguage::en, offer());

  EXPECT_TRUE(contains(page.body, "data-seed=\"" + std::string(seed_digits) +
                                      "\" data-bits=\"13\" "
                                      "data-to=\"%2Fp%2Ftea%3Fx%3D1%26y%3D%272%27\" data-sent=\"page\""));
  EXPECT_TRUE(contains(page.body,
                       "<noscript><meta http-equiv=\"refresh\" content=\"2; "
                       "url=/.tenfold/wait?to=%2Fp%2Ftea%3Fx%3D1%26y%3D%272%27&amp;seed=" +
                           std::string(seed_digits) + "\"></noscript>"));
  EXPECT_TRUE(contains(page.body, "<a href=\"/.tenfold/wait?to=%2Fp%2Ftea%3Fx%3D1%26y%3D%272%27&amp;seed=" +
                                      std::string(seed_digits) + "\">"));
  EXPECT_TRUE(contains(page.body, "href=\"/p/tea?x=1&amp;y=&#39;2&#39;\">Try again</a>"));
  EXPECT_FALSE(contains(page.body, "has not reached the shop"));
}

// In a siege it is one of few who are still to be let in, and it is not queued before it goes there.
TEST(GuardPages, WithoutAScriptItGoesIntoTheQueueAfterAFormToo) {
  const GuardPages pages("Corner Shop");
  const GuardPage page = pages.challenge(PageFormat::html, PageLanguage::en, offer(Asked::form));
  EXPECT_TRUE(contains(page.body, "<noscript><meta http-equiv=\"refresh\" content=\"8; url=/.tenfold/wait?to="));
}

TEST(GuardPages, AfterAFormThePageSaysThatNothingWasOrderedAndGoesBack) {
  const GuardPages pages("Corner Shop");
  for (const GuardPage& page : {pages.challenge(PageFormat::html, PageLanguage::en, offer(Asked::form)),
                                pages.waiting(PageFormat::html, PageLanguage::en, place(Asked::form))}) {
    EXPECT_TRUE(contains(page.body, "has not reached the shop: nothing was ordered"));
    EXPECT_TRUE(contains(page.body, "data-sent=\"form\""));
    EXPECT_TRUE(contains(page.body, ">Go back</a>"));
    EXPECT_TRUE(contains(page.body, "url=/.tenfold/wait?to="));
  }
}

TEST(GuardPages, TheWaitingRoomSaysThePlaceAndAsksAgain) {
  const GuardPages pages("Corner Shop");

  const GuardPage page = pages.waiting(PageFormat::html, PageLanguage::de, place());

  EXPECT_EQ(between(page.body, "<title>", "</title>"), "124 · Sie sind in der Warteschlange · Corner Shop");
  EXPECT_TRUE(contains(page.body, "<p id=\"place\">Ihr Platz: 124</p>"));
  EXPECT_TRUE(contains(page.body, ">Sie sind in etwa 4 Minuten an der Reihe.</p>"));
  EXPECT_TRUE(contains(page.body, "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"));
  EXPECT_TRUE(contains(page.body, "data-ahead=\"123\" data-retry=\"5\""));
  EXPECT_TRUE(contains(page.body, "länger als eine Minute geschlossen"));
}

TEST(GuardPages, NobodyIsToldToAskAgainAtOnce) {
  const GuardPages pages("Corner Shop");
  QueuePlace at = place();
  at.retry_after = std::chrono::seconds(0);

  EXPECT_TRUE(contains(pages.waiting(PageFormat::html, PageLanguage::en, at).body, "content=\"1\""));
}

TEST(GuardPages, TextIsShort) {
  const GuardPages pages("Corner Shop");
  for (const PageLanguage language : languages) {
    const std::string challenge = pages.challenge(PageFormat::text, language, offer()).body;
    const std::string waiting = pages.waiting(PageFormat::text, language, place()).body;
    EXPECT_TRUE(challenge.starts_with("Corner Shop: ") && challenge.ends_with("\n"));
    EXPECT_TRUE(contains(waiting, "124"));
    EXPECT_LT(challenge.size(), 512u);
    EXPECT_LT(waiting.size(), 512u);
  }
}

// ---- what is put in ----

TEST(GuardPages, WhatIsPutInIsEscaped) {
  const GuardPages pages("<b>Tom & \"Anna's\"\x1f\x30</b>");
  ChallengeOffer hostile = offer();
  hostile.to = "/\"><script>alert(1)</script>";
  hostile.seed = "\"><i>";
  QueuePlace at = place();
  at.to = hostile.to;

  for (const std::string& body : {pages.challenge(PageFormat::html, PageLanguage::en, hostile).body,
                                  pages.waiting(PageFormat::html, PageLanguage::en, at).body}) {
    EXPECT_FALSE(contains(body, "<b>") || contains(body, "<i>") || contains(body, "<script>alert"));
    EXPECT_TRUE(contains(body, "<p class=\"shop\">&lt;b&gt;Tom &amp; &quot;Anna&#39;s&quot; 0&lt;/b&gt;</p>"));
    EXPECT_TRUE(contains(body, "data-to=\"%2F%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E\""));
    EXPECT_TRUE(contains(body, "href=\"/&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""));
  }
  EXPECT_EQ(json::parse(pages.challenge(PageFormat::json, PageLanguage::en, hostile).body).at("challenge").at("seed"),
            "\"><i>");
}

TEST(GuardPages, AShopWithoutANameIsNotNamed) {
  const GuardPages pages("");

  EXPECT_FALSE(contains(pages.waiting(PageFormat::html, PageLanguage::en, place()).body, "class=\"shop\""));
  EXPECT_TRUE(pages.waiting(PageFormat::text, PageLanguage::en, place()).body.starts_with("You are in the queue."));
}

TEST(GuardPages, TheAccentIsTheShops) {
  const GuardPages pages("Corner Shop", http::PageAccent::of({0, 0, 128}));

  const std::string body = pages.challenge(PageFormat::html, PageLanguage::en, offer()).body;

  EXPECT_TRUE(contains(body, "--accent:#000080"));
  EXPECT_FALSE(contains(body, "--accent:#6fd3ba"));
}

}  // namespace
}  // namespace tenfold::guard
