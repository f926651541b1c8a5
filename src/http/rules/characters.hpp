#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// What names, values and targets are made of (RFC 9110, 5.1, 5.5, 5.6.2 and 7.1), whichever version carries them, and
// the scans that parsers are built from. Every scan returns the first byte at or behind `at` that is not of its class,
// or `end`.
namespace tenfold::http {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 0x20] = true;
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) table[c] = true;
  return table;
}
inline constexpr std::array<bool, 256> token_table = make_token_table();

constexpr bool is_token_char(char c) { return token_table[static_cast<unsigned char>(c)]; }

// What a request target may be made of: all but space, control bytes and "#". RFC 3986 allows less, but clients send
// characters such as "|" and "{", and UTF-8, unescaped, and no parser reads them two ways.
constexpr bool is_target_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7f && c != '#';
}

// What a field value is made of: all but control bytes (RFC 9110, 5.5); obs-text is let through as opaque bytes.
constexpr bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

inline const char* skip_token(const char* at, const char* end) {
#if defined(__SSE2__)
  // Names are letters, digits and "-" but for rare ones, which the loop below takes on.
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i from_a = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i from_0 = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i letter = _mm_cmpeq_epi8(_mm_min_epu8(from_a, _mm_set1_epi8(25)), from_a);
    const __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(from_0, _mm_set1_epi8(9)), from_0);
    const __m128i good = _mm_or_si128(_mm_or_si128(letter, digit), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(good)) ^ 0xffffu;
    if (mask != 0) {
      at += std::countr_zero(mask);
      break;
    }
  }
#endif
  while (at != end && is_token_char(*at)) ++at;
  return at;
}

inline const char* skip_target(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i lowest = _mm_set1_epi8(0x21);
  const __m128i del = _mm_set1_epi8(0x7f);
  const __m128i fragment = _mm_set1_epi8('#');
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i high_enough = _mm_cmpeq_epi8(_mm_max_epu8(bytes, lowest), bytes);
    const __m128i good =
        _mm_andnot_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, del), _mm_cmpeq_epi8(bytes, fragment)), high_enough);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(good)) ^ 0xffffu;
    if (mask != 0) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && is_target_char(*at)) ++at;
  return at;
}

inline const char* skip_value(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i highest_control = _mm_set1_epi8(0x1f);
  const __m128i del = _mm_set1_epi8(0x7f);
  const __m128i tab = _mm_set1_epi8('\t');
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest_control), bytes);
    const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control), _mm_cmpeq_epi8(bytes, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#endif
  while (at != end && is_value_char(*at)) ++at;
  return at;
}

// A method's name or a field's.
inline bool is_token(std::string_view text) {
  const char* const end = text.data() + text.size();
  return !text.empty() && skip_token(text.data(), end) == end;
}

inline bool is_target(std::string_view text) {
  const char* const end = text.data() + text.size();
  return !text.empty() && skip_target(text.data(), end) == end;
}

inline bool is_field_value(std::string_view text) {
  const char* const end = text.data() + text.size();
  return skip_value(text.data(), end) == end;
}

}  // namespace tenfold::http
