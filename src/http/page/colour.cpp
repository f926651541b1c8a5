#include "http/page/colour.hpp"

#include <algorithm>
#include <cmath>

#include "base/text/hex.hpp"

namespace tenfold::http {
namespace {

// WCAG 2.2, "relative luminance".
double linear(std::uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}
double luminance(Colour colour) {
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

// `percent` of the way from one to the other.
Colour mixed(Colour from, Colour to, int percent) {
  const auto channel = [&](int a, int b) { return static_cast<std::uint8_t>(a + (b - a) * percent / 100); };
  return {channel(from.red, to.red), channel(from.green, to.green), channel(from.blue, to.blue)};
}

}  // namespace

std::optional<Colour> parse_colour(std::string_view text) {
  if (text.size() != 7 || text.front() != '#') return std::nullopt;
  const auto bytes = from_hex(text.substr(1));
  if (!bytes) return std::nullopt;
  const auto channel = [&](std::size_t at) { return static_cast<std::uint8_t>((*bytes)[at]); };
  return Colour{channel(0), channel(1), channel(2)};
}

std::string text(Colour colour) {
  std::string out = "#";
  for (const std::uint8_t channel : {colour.red, colour.green, colour.blue}) {
    append_hex(out, static_cast<char>(channel));
  }
  return out;
}

double contrast(Colour one, Colour other) {
  const auto [darker, lighter] = std::minmax({luminance(one), luminance(other)});
  return (lighter + 0.05) / (darker + 0.05);
}

Colour readable_on(Colour paper, Colour colour) {
  constexpr Colour black{};
  constexpr Colour white{255, 255, 255};
  const Colour towards = contrast(paper, black) > contrast(paper, white) ? black : white;
  for (int percent = 0; percent < 100; ++percent) {
    const Colour candidate = mixed(colour, towards, percent);
    if (contrast(paper, candidate) >= readable_contrast) return candidate;
  }
  return towards;
}

}  // namespace tenfold::http
