#include "edge/respond/error_page.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "edge/respond/error_page_texts.hpp"

namespace tenfold::edge {
namespace {

using Format = ErrorPages::Format;
using Language = ErrorPages::Language;

http::Headers with(std::string_view name, std::string_view value) {
  http::Headers headers;
  headers.add("Host", "shop.example");
  headers.add(name, value);
  return headers;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// ---- what it says ----

TEST(ErrorPages, EveryPageIsWholeInEveryLanguageAndFormat) {
  const ErrorPages pages("Corner Shop");
  for (const int status : {400, 403, 404, 405, 408, 413, 414, 421, 429, 431, 500, 501, 502, 503, 504, 505, 418, 507}) {
    for (const Language language : {Language::en, Language::de, Language::fr, Language::es}) {
      const ErrorPage html = pages.find(status, Format::html, language);
      EXPECT_EQ(html.content_type, "text/html; charset=utf-8");
      EXPECT_TRUE(html.body.starts_with("<!doctype html>") && html.body.ends_with("</html>\n"));
      EXPECT_TRUE(contains(html.body, "lang=\"" + std::string(html.content_language) + "\""));
      EXPECT_TRUE(contains(html.body, "Corner Shop"));
      EXPECT_FALSE(contains(html.body, "src=") || contains(html.body, "http:") || contains(html.body, "https:"));
      EXPECT_LT(html.body.size(), 4096u);

      const ErrorPage json = pages.find(status, Format::json, language);
      EXPECT_EQ(json.content_type, "application/problem+json");
      const auto read = nlohmann::json::parse(json.body);
      EXPECT_FALSE(read.at("title").get<std::string>().empty());
      EXPECT_FALSE(read.at("detail").get<std::string>().empty());
      EXPECT_EQ(read.value("status", status), status);

      const ErrorPage text = pages.find(status, Format::text, language);
      EXPECT_EQ(text.content_type, "text/plain; charset=utf-8");
      EXPECT_TRUE(text.body.starts_with("Corner Shop: ") && text.body.ends_with("\n"));
      EXPECT_FALSE(contains(text.body, "<"));
    }
  }
}

TEST(ErrorPages, SayWhichTroubleItIs) {
  const ErrorPages pages("Corner Shop");
  const auto of = [&](int status, Trouble trouble) {
    return std::string(pages.find(status, Format::text, Language::en, trouble).body);
  };
  EXPECT_TRUE(contains(of(503, Trouble::usual), "very busy"));
  EXPECT_TRUE(contains(of(503, Trouble::unreachable), "cannot be reached just now"));
  EXPECT_FALSE(contains(of(503, Trouble::unreachable), "busy"));
  EXPECT_TRUE(contains(of(503, Trouble::either), "cannot be reached, or has too much to do"));
  EXPECT_TRUE(contains(of(429, Trouble::usual), "wait a few seconds"));
  EXPECT_TRUE(contains(of(429, Trouble::refused), "try again later")) << "for how long, Retry-After says";
  EXPECT_FALSE(contains(of(429, Trouble::refused), "seconds"));
  // Where a status has one page, that is it.
  EXPECT_EQ(of(504, Trouble::unreachable), of(504, Trouble::usual));
}

TEST(ErrorPages, PicksTheLanguageAndFormatOfTheRequest) {
  const ErrorPages pages("Corner Shop");
  http::Headers request = with("Accept", "text/html");
  request.add("accept-language", "de-AT");

  const ErrorPage page = pages.find(503, request);

  EXPECT_EQ(page.content_language, "de");
  EXPECT_EQ(page.retry_after, "10");
  EXPECT_TRUE(contains(page.body, "<h1>Im Shop ist gerade viel los</h1>"));
  EXPECT_TRUE(contains(page.body, "503 Service Unavailable"));
  EXPECT_TRUE(contains(page.body, "Noch einmal versuchen"));
}

TEST(ErrorPages, AStatusWithoutAPageGetsTheGeneralOneWhichNamesNoStatus) {
  const ErrorPages pages("Corner Shop");

  const auto client = nlohmann::json::parse(pages.find(418, Format::json, Language::en).body);
  const auto server = nlohmann::json::parse(pages.find(599, Format::json, Language::en).body);

  EXPECT_EQ(client.at("title"), "This request was not accepted");
  EXPECT_EQ(server.at("title"), "Something went wrong");
  EXPECT_FALSE(client.contains("status") || server.contains("status"));
}

TEST(ErrorPages, TheShopsNameIsEscaped) {
  const ErrorPages pages("<b>Tom & \"Anna's\"\\\n</b>");

  const ErrorPage html = pages.find(404, Format::html, Language::en);
  EXPECT_TRUE(contains(html.body, "&lt;b&gt;Tom &amp; &quot;Anna&#39;s&quot;\\\n&lt;/b&gt;"));
  EXPECT_FALSE(contains(html.body, "<b>"));
}

TEST(ErrorPages, AShopWithoutANameIsNotNamed) {
  const ErrorPages pages("");

  EXPECT_FALSE(contains(pages.find(404, Format::html, Language::en).body, "class=\"shop\""));
  EXPECT_TRUE(pages.find(404, Format::text, Language::en).body.starts_with("This page does not exist."));
}

TEST(ErrorPages, OnlyWhatMayPassIsToBeRetried) {
  const ErrorPages pages("Corner Shop");
  for (const int status : {429, 502, 503, 504}) {
    EXPECT_FALSE(pages.find(status, http::Headers()).retry_after.empty()) << status;
  }
  for (const int status : {400, 403, 404, 413, 431, 500, 501}) {
    EXPECT_TRUE(pages.find(status, http::Headers()).retry_after.empty()) << status;
  }
}

}  // namespace
}  // namespace tenfold::edge
