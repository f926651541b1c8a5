#include "cache/key/vary.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "cache/test_requests.hpp"

namespace tenfold::cache {
namespace {

using testing::answer;
using testing::Fields;
using testing::get;

Ref<const VarySpec> spec(std::string_view vary, const Ref<const VarySpec>& known = {}) {
  return VarySpec::read(answer(200, {{"Vary", vary}}).headers, known).spec;
}
std::string variant(std::string_view vary, Fields request) {
  Variant made;
  EXPECT_TRUE(made.select(spec(vary).get(), get("/", request)));
  return std::string(made.text());
}

TEST(Vary, NamesAreOneSetWhateverTheirCaseAndOrder) {
  EXPECT_EQ(spec("Accept-Language, accept-encoding ,,ACCEPT-ENCODING")->text(), "accept-encoding,accept-language");
  EXPECT_FALSE(spec(""));
}

TEST(Vary, KnownNamesStay) {
  const auto known = spec("Accept-Encoding");
  EXPECT_EQ(spec("Origin", known)->text(), "accept-encoding,origin");
  EXPECT_EQ(spec("accept-encoding", known), known);
  EXPECT_EQ(spec("", known), known);
  EXPECT_TRUE(spec("Origin", known)->covers(known.get()));
  EXPECT_FALSE(known->covers(spec("Origin").get()));
}

TEST(Vary, StarBadNamesAndTooManyAreUnusable) {
  const auto verdict = [](std::string_view vary) {
    return VarySpec::read(answer(200, {{"Vary", vary}}).headers, {}).verdict;
  };
  EXPECT_EQ(verdict("*"), VarySpec::Verdict::unusable);
  EXPECT_EQ(verdict("accept, *"), VarySpec::Verdict::unusable);
  EXPECT_EQ(verdict("b, a\"c"), VarySpec::Verdict::unusable);
  EXPECT_EQ(verdict("accept encoding"), VarySpec::Verdict::unusable);
  EXPECT_EQ(verdict("a,b,c,d,e,f,g,h"), VarySpec::Verdict::usable);
  EXPECT_EQ(verdict("a,b,c,d,e,f,g,h,i"), VarySpec::Verdict::unusable);
}

TEST(Vary, ACodingThatIsNotToldApartOrWasNotAskedForIsNotStored) {
  const auto tells = [](std::string_view asked, std::string_view came) {
    http::Headers request, response;
    request.add("Accept-Encoding", asked);
    response.add("Vary", "Accept-Encoding");
    response.add("Content-Encoding", came);
    return variant_tells_coding(VarySpec::read(response, {}).spec.get(), request, response);
  };
  EXPECT_TRUE(tells("gzip, br", "br"));
  EXPECT_TRUE(tells("x-gzip", "gzip"));
  EXPECT_TRUE(tells("*", "zstd"));
  EXPECT_TRUE(tells("gzip", "identity"));
  EXPECT_FALSE(tells("gzip, bzip2", "bzip2")) << "the variant is that of gzip alone";
  EXPECT_FALSE(tells("br, xgzip", "gzip"));
  EXPECT_FALSE(tells("gzip, br;q=0", "br"));
  EXPECT_FALSE(tells("*, br;q=0", "br")) << "what is named counts before the star";
  EXPECT_TRUE(tells("*, br;q=0", "gzip"));
  EXPECT_FALSE(tells("*;q=0, gzip", "br"));
  EXPECT_FALSE(tells("gzip", "gzip, bzip2"));
  EXPECT_TRUE(variant_tells_coding(nullptr, {}, {}));
}

// nginx compresses by Accept-Encoding and, unless told to, does not say so.
TEST(Vary, ACodedAnswerVariesByAcceptEncodingThoughItDoesNotSaySo) {
  const auto text = [](Fields response, const Ref<const VarySpec>& known = {}) {
    const auto made = VarySpec::read(answer(200, response).headers, known).spec;
    return made ? std::string(made->text()) : std::string();
  };
  EXPECT_EQ(text({{"Content-Encoding", "gzip"}}), "accept-encoding");
  EXPECT_EQ(text({{"Content-Encoding", "identity, br"}, {"Vary", "Origin"}}), "accept-encoding,origin");
  EXPECT_EQ(text({{"Content-Encoding", "identity"}, {"content-encoding", "gzip"}}), "accept-encoding");
  EXPECT_EQ(text({{"Content-Encoding", "Identity"}}), "");
  EXPECT_EQ(text({{"Content-Encoding", ""}}), "");
  EXPECT_EQ(text({}, spec("Accept-Encoding")), "accept-encoding");
}

// RFC 9110, 12.5.3.
TEST(Vary, EncodingsAreTheSetOfThoseKnown) {
  const auto of = [](std::string_view value) { return variant("Accept-Encoding", {{"Accept-Encoding", value}}); };
  EXPECT_EQ(of("gzip, br"), of("br;q=0.5 , gzip;q=1.0"));
  EXPECT_EQ(of("gzip"), of("x-gzip, compress, pack200-gzip"));
  EXPECT_NE(of("gzip"), of("gzip, br;q=0.001"));
  EXPECT_EQ(of("identity"), of(""));
  EXPECT_NE(of("gzip, identity;q=0"), of("gzip"));
  EXPECT_NE(of("gzip, *;q=0"), of("gzip"));
  EXPECT_EQ(of("gzip, *;q=0, identity"), of("gzip"));
  EXPECT_NE(variant("Accept-Encoding", {}), of(""));
}

// A client could otherwise make as many variants as it likes.
TEST(Vary, WhatIsRefusedOrUnknownMakesNoVariantOfItsOwn) {
  const auto of = [](std::string_view value) { return variant("Accept-Encoding", {{"Accept-Encoding", value}}); };
  EXPECT_EQ(of("gzip, br;q=0"), of("gzip"));
  EXPECT_EQ(of("x1;q=0"), of(""));
  EXPECT_EQ(of("gzip, x1;q=0, x2, identity;q=0.5"), of("gzip"));
  EXPECT_EQ(of("gzip, br;q=0, br"), of("gzip, br")) << "taken by one of the two";
  // "*" takes what is not named.
  EXPECT_NE(of("*, br;q=0"), of("*"));
  EXPECT_NE(of("*, br;q=0"), of("*, br"));
  EXPECT_EQ(of("*, x1;q=0"), of("*"));
}

TEST(Vary, OtherFieldsMatchButForSpacesAroundCommas) {
  const auto of = [](Fields request) { return variant("X-Kind", request); };
  EXPECT_EQ(of({{"X-Kind", "a, b"}}), of({{"x-kind", "a ,\tb"}}));
  EXPECT_EQ(of({{"X-Kind", "a,b"}}), of({{"X-Kind", "a"}, {"X-Kind", "b"}}));
  EXPECT_NE(of({{"X-Kind", "a b"}}), of({{"X-Kind", "ab"}}));
  EXPECT_NE(of({{"X-Kind", "a"}}), of({{"X-Kind", "A"}}));
  EXPECT_NE(of({{"X-Kind", ""}}), of({}));
}

// Of this thread alone: what else the machine does is not measured.
double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

// At a quadratic cost these take tens of seconds, at a linear one milliseconds.
TEST(Vary, ALongRunOfBlanksIsLookedAtOnce) {
  const std::string run(200'000, ' ');
  const double began = cpu_seconds();
  EXPECT_EQ(variant("X-Kind", {{"X-Kind", "a" + run + ",b"}}), variant("X-Kind", {{"X-Kind", "a,b"}}));
  EXPECT_EQ(variant("X-Kind", {{"X-Kind", "a," + run + "b"}}), variant("X-Kind", {{"X-Kind", "a,b"}}));
  Variant made;
  const std::string within = "a" + run + "b";
  const std::string refused = "br;q=0," + within;
  EXPECT_FALSE(made.select(spec("X-Kind").get(), get("/", {{"X-Kind", within}})));
  EXPECT_TRUE(made.select(spec("Accept-Encoding").get(), get("/", {{"Accept-Encoding", "gzip," + within}})));
  made.select(spec("Accept-Encoding").get(), get("/", {{"Accept-Encoding", refused}}));
  EXPECT_LT(cpu_seconds() - began, 1.0);
}

TEST(Vary, BlanksWithinAValueTellApart) {
  const auto of = [](std::string_view value) { return variant("X-Kind", {{"X-Kind", value}}); };
  EXPECT_EQ(of("a  b"), of("a  b"));
  EXPECT_NE(of("a  b"), of("a b"));
  EXPECT_NE(of("a\tb"), of("a b"));
  EXPECT_EQ(of("a b \t , \t c d"), of("a b,c d"));
  EXPECT_EQ(of(", ,a"), of(",,a"));
}

TEST(Vary, MoreCodingsThanAnybodySendsAreNotForTheCache) {
  const auto selects = [](int codings) {
    std::string value;
    for (int i = 0; i < codings; ++i) value += i == 0 ? "gzip" : ", a";
    Variant made;
    return made.select(spec("Accept-Encoding").get(), get("/", {{"Accept-Encoding", value}}));
  };
  EXPECT_TRUE(selects(32));
  EXPECT_FALSE(selects(33));
}

TEST(Vary, ValuesCannotRunIntoEachOther) {
  EXPECT_NE(variant("a, b", {{"a", "1"}, {"b", "2"}}), variant("a, b", {{"a", "1"}, {"a", "2"}}));
  EXPECT_NE(variant("a, b", {{"a", "x"}}), variant("a, b", {{"b", "x"}}));
}

TEST(Vary, ValuesThatAreTooLongAreNotForTheCache) {
  Variant made;
  const auto x = spec("x");
  const std::string fits(Variant::max_bytes - 2, 'v');
  const std::string too_long = fits + "v";
  EXPECT_TRUE(made.select(x.get(), get("/", {{"X", fits}})));
  EXPECT_FALSE(made.select(x.get(), get("/", {{"X", too_long}})));
}

// What the edge makes anew for each client is not in the request as received.
TEST(Vary, ByWhatDiffersFromClientToClientIsUnusable) {
  for (const std::string_view name :
       {"X-Forwarded-For", "x-real-ip", "Forwarded", "Via", "X-Forwarded-Port", "Accept, X-Real-IP"}) {
    EXPECT_EQ(VarySpec::read(answer(200, {{"Vary", name}}).headers, {}).verdict, VarySpec::Verdict::unusable) << name;
  }
}

TEST(Vary, ByWhatTheKeyHoldsSelectsNothing) {
  EXPECT_FALSE(spec("X-Forwarded-Proto, X-Forwarded-Host"));
  EXPECT_EQ(spec("X-Forwarded-Proto, Accept")->text(), "accept");
}

TEST(Vary, AFieldThatConnectionNamesIsAnotherThing) {
  const std::string plain = variant("Accept-Language", {{"Accept-Language", "de"}});
  EXPECT_NE(variant("Accept-Language", {{"Accept-Language", "de"}, {"Connection", "Accept-Language"}}), plain);
  EXPECT_NE(variant("Accept-Language",
                    {{"Connection", "close"}, {"Accept-Language", "de"}, {"Connection", "x, ACCEPT-language"}}),
            plain);
  EXPECT_EQ(variant("Accept-Language", {{"Accept-Language", "de"}, {"Connection", "keep-alive"}}), plain);
  EXPECT_EQ(variant("Accept-Language", {{"Accept-Language", "de"}, {"Connection", "X-Other"}}), plain);
}

}  // namespace
}  // namespace tenfold::cache
