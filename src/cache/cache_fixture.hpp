#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <variant>

#include "cache/cache.hpp"
#include "cache/test_requests.hpp"

namespace tenfold::cache {

// A cache on a hand-moved clock, and an "origin" that the test plays. For this module's tests.
class CacheTest : public ::testing::Test {
 protected:
  CacheTest() { cache = std::make_unique<Cache>(options, clock); }
  void remake() {
    held = {};  // no entry may outlive its cache
    cache = std::make_unique<Cache>(options, clock);
  }

  Found look(const http::RequestHead& request) {
    const auto key = cache->key_of(request, arena);
    EXPECT_TRUE(key.has_value());
    return cache->lookup(*key, request, clock.now());
  }
  FetchTimes now() const { return {clock.now(), clock.now(), clock.wall_now()}; }

  // Looks the request up, which must miss, and answers it from the "origin".
  EntryPtr fill(const http::RequestHead& request, const http::ResponseHead& response, std::string_view body) {
    Found found = look(request);
    auto* miss = std::get_if<Miss>(&found);
    EXPECT_NE(miss, nullptr) << "index " << found.index();
    if (miss == nullptr) return {};
    return complete(miss->fill, request, response, body);
  }
  EntryPtr complete(Fill& fill, const http::RequestHead& request, const http::ResponseHead& response,
                    std::string_view body) {
    last_verdict = fill.head(request, response, testing::known(body.size()), now());
    if (last_verdict == FillVerdict::store) fill.body(body);
    return fill.finish();
  }
  template <class T>
  bool gives(const http::RequestHead& request) {
    return std::holds_alternative<T>(look(request));
  }
  std::string_view body_of(const http::RequestHead& request) {
    Found found = look(request);
    if (auto* hit = std::get_if<Hit>(&found)) return held = hit->entry, held->body();
    if (auto* stale = std::get_if<Stale>(&found)) return held = stale->entry, held->body();
    return "(not stored)";
  }

  ManualClock clock;
  CacheOptions options;
  Arena arena;
  std::unique_ptr<Cache> cache;
  EntryPtr held;
  FillVerdict last_verdict = FillVerdict::pass;
};

}  // namespace tenfold::cache
