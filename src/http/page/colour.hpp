#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Colours of a page, and whether text in one can be read on another. Pure; any thread.
namespace tenfold::http {

struct Colour {  // sRGB
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  bool operator==(const Colour&) const = default;
};

std::optional<Colour> parse_colour(std::string_view text);  // "#0b5c4d" in either case, nothing else
std::string text(Colour colour);                            // "#0b5c4d"

// Of two colours: from 1, the same, to 21, black on white (WCAG 2.2, "contrast ratio").
double contrast(Colour one, Colour other);

inline constexpr double readable_contrast = 4.5;  // asked of text by WCAG 2.2, level AA

// The colour, or as little darker or lighter as it takes to be read on that paper.
Colour readable_on(Colour paper, Colour colour);

}  // namespace tenfold::http
