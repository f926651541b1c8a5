#include "http/page/preference.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenfold::http {
namespace {

using Format = PageFormat;
using Language = PageLanguage;

Headers with(std::string_view name, std::string_view value) {
  Headers headers;
  headers.add("Host", "shop.example");
  headers.add(name, value);
  return headers;
}

TEST(PreferredFormat, FollowsAccept) {
  const struct {
    const char* accept;
    Format format;
  } cases[] = {
      {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", Format::html},
      {"*/*", Format::html},
      {"", Format::html},
      {"application/json", Format::json},
      {"application/json, text/plain, */*", Format::json},
      {"application/problem+json", Format::json},
      {"application/vnd.api+json", Format::json},
      {"Application/LD+JSON;q=0.9, text/html;q=0.8", Format::json},
      {"+json", Format::html},
      {"application/json-seq", Format::html},
      {"APPLICATION/JSON;charset=utf-8", Format::json},
      {"text/plain", Format::text},
      {"text/*;q=0.5, text/html;q=0", Format::text},
      {"text/html;q=0.4, application/json;q=0.5", Format::json},
      {"text/html;q=0.5, application/json;q=0.5", Format::html},
      {"image/avif,image/webp", Format::html},
      {"text/html;q=0, */*;q=0.1", Format::json},
      {"text/html;q=x", Format::html},
      {"text/html;q=0.xyz, text/plain;q=0.999", Format::html},
  };
  for (const auto& [accept, format] : cases) EXPECT_EQ(preferred_format(with("Accept", accept)), format) << accept;
  EXPECT_EQ(preferred_format(Headers()), Format::html);
}

TEST(PreferredLanguage, FollowsAcceptLanguage) {
  const struct {
    const char* accept;
    Language language;
  } cases[] = {
      {"de-DE,de;q=0.9,en;q=0.8", Language::de},
      {"FR-ch", Language::fr},
      {"es", Language::es},
      {"it, nl;q=0.9, es;q=0.1", Language::es},
      {"en;q=0.4, fr;q=0.5", Language::fr},
      {"de;q=0.5, fr;q=0.5", Language::de},
      {"de;q=0", Language::en},
      {"den", Language::en},
      {"*", Language::en},
      {"", Language::en},
      {"pt-BR", Language::en},
  };
  for (const auto& [accept, language] : cases) {
    EXPECT_EQ(preferred_language(with("Accept-Language", accept)), language) << accept;
  }
}

TEST(PreferredLanguage, LooksAtThirtyTwoElements) {
  std::string list;
  for (int i = 0; i < 31; ++i) list += "it,";

  EXPECT_EQ(preferred_language(with("Accept-Language", list + "de")), Language::de);
  EXPECT_EQ(preferred_language(with("Accept-Language", list + "it,de")), Language::en);
}

}  // namespace
}  // namespace tenfold::http
