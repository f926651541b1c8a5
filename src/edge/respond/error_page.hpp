#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"
#include "http/page/frame.hpp"
#include "http/page/preference.hpp"

namespace tenfold::edge {

// Points into the ErrorPages that gave it.
struct ErrorPage {
  std::string_view content_type;
  std::string_view content_language;  // "en", "de", "fr", "es"
  std::string_view retry_after;       // seconds, for that field; empty: none
  std::string_view body;
};

// What a status leaves open of its cause.
enum class Trouble : std::uint8_t {
  usual,        // 503: too many want something at once
  unreachable,  // 503: no server can be reached
  either,       // 503: one of the two
  refused,      // 429: by a measure of the guard's, for a time
};

// What a customer reads when a request fails: HTML, JSON (RFC 9457) or plain text as Accept prefers, in English,
// German, French or Spanish as Accept-Language prefers. All pages are rendered once, at construction (about 270 KiB).
// Immutable; thread-safe. Answers with them want "Cache-Control: no-store" and "Vary: Accept, Accept-Language".
class ErrorPages {
 public:
  explicit ErrorPages(std::string_view shop_name, const http::PageAccent& accent = {});

  // For any status from 400 to 599; those without a page of their own get the general one of their class.
  ErrorPage find(int status, const http::Headers& request, Trouble trouble = Trouble::usual) const;

  using Format = http::PageFormat;
  using Language = http::PageLanguage;
  ErrorPage find(int status, Format format, Language language, Trouble trouble = Trouble::usual) const;

 private:
  std::vector<std::array<std::array<std::string, 3>, 4>> pages_;  // [row of the table][language][format]
};

}  // namespace tenfold::edge
