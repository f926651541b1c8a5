#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "http/message.hpp"

// In which form and language whoever asks wants to read a page of our own. Pure; any thread.
namespace tenfold::http {

enum class PageFormat : std::uint8_t { html, json, text };
inline constexpr std::size_t page_formats = 3;
enum class PageLanguage : std::uint8_t { en, de, fr, es };
inline constexpr std::size_t page_languages = 4;

// "text/html; charset=utf-8", "application/problem+json" (RFC 9457), "text/plain; charset=utf-8"
std::string_view content_type(PageFormat format);
std::string_view tag(PageLanguage language);  // "en", "de", "fr", "es"

// True for "application/json" and for "application/vnd.api+json" and the like (RFC 6839, 3.1): whoever reads those
// reads any JSON. Without parameters.
bool is_json(std::string_view media_type);

// What the request's Accept and Accept-Language ask for; HTML and English when they leave it open.
PageFormat preferred_format(const Headers& request);
PageLanguage preferred_language(const Headers& request);

}  // namespace tenfold::http
