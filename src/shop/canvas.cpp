#include "shop/canvas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "shop/html.hpp"

namespace tenfold::shop {
namespace {

std::string hsl(int hue, int saturation, int lightness) {
  return fmt::format("hsl({},{}%,{}%)", ((hue % 360) + 360) % 360, std::clamp(saturation, 0, 100),
                     std::clamp(lightness, 0, 100));
}

}  // namespace

Tones tones_of(const Colour& colour) {
  const auto [name, hue, saturation, lightness] = colour;
  // Light objects stand before a deeper background and the other way round, so that each has an outline.
  const int back_lightness = lightness > 68 ? 86 : 92;
  return {.main = hsl(hue, saturation, lightness),
          .deep = hsl(hue, saturation + 4, lightness - 14),
          .soft = hsl(hue, saturation, std::min(lightness + 14, 93)),
          .accent = hsl(hue + 165, std::min(saturation, 38), lightness > 50 ? 42 : 70),
          .back = hsl(hue + 150, 20, back_lightness),
          .floor = hsl(hue + 150, 18, back_lightness - 7)};
}

void Canvas::path(std::string_view fill, std::string_view d, double opacity) {
  fmt::format_to(std::back_inserter(shapes_), R"(<path fill="{}" d="{}" opacity="{:.3g}"/>)", fill, d, opacity);
}

void Canvas::stroke(std::string_view colour, double width, std::string_view d, double opacity) {
  fmt::format_to(std::back_inserter(shapes_),
                 R"(<path fill="none" stroke="{}" stroke-width="{:.3g}" stroke-linecap="round" )"
                 R"(stroke-linejoin="round" d="{}" opacity="{:.3g}"/>)",
                 colour, width, d, opacity);
}

void Canvas::ellipse(std::string_view fill, double cx, double cy, double rx, double ry, double opacity) {
  fmt::format_to(std::back_inserter(shapes_),
                 R"(<ellipse fill="{}" cx="{:.4g}" cy="{:.4g}" rx="{:.4g}" ry="{:.4g}" opacity="{:.3g}"/>)", fill, cx,
                 cy, rx, ry, opacity);
}

void Canvas::rect(std::string_view fill, double x, double y, double width, double height, double corner,
                  double opacity) {
  fmt::format_to(
      std::back_inserter(shapes_),
      R"(<rect fill="{}" x="{:.4g}" y="{:.4g}" width="{:.4g}" height="{:.4g}" rx="{:.4g}" opacity="{:.3g}"/>)", fill, x,
      y, width, height, corner, opacity);
}

void Canvas::body(std::string_view fill, std::string_view d, Pattern pattern) {
  const int clip = clips_++;
  fmt::format_to(std::back_inserter(shapes_), R"(<clipPath id="c{}"><path d="{}"/></clipPath><path fill="{}" d="{}"/>)",
                 clip, d, fill, d);
  fmt::format_to(std::back_inserter(shapes_), R"svg(<g clip-path="url(#c{})">)svg", clip);
  decorate(pattern);
  shapes_ += "</g>";
  fmt::format_to(std::back_inserter(shapes_), R"svg(<path fill="url(#light)" d="{}"/>)svg", d);
}

void Canvas::decorate(Pattern pattern) {
  switch (pattern) {
    case Pattern::plain: return;
    case Pattern::stripes: {
      const int gap = between(26, 44);
      for (int y = between(60, 80); y < 340; y += gap) rect(tones_.soft, 0, y, 400, gap / 3.0, 0, 0.75);
      return;
    }
    case Pattern::dots: {
      const int gap = between(30, 40);
      for (int y = 60, row = 0; y < 340; y += gap, ++row) {
        for (int x = row % 2 == 0 ? 40 : 40 + gap / 2; x < 380; x += gap) ellipse(tones_.soft, x, y, 5, 5, 0.85);
      }
      return;
    }
    case Pattern::dipped: {
      const int edge = between(210, 260);
      path(tones_.soft,
           fmt::format("M0,{0} C100,{1} 150,{2} 210,{0} S340,{1} 400,{0} V400 H0Z", edge, edge - 14, edge + 16), 0.9);
      return;
    }
    case Pattern::speckled:
      for (int i = 0; i < 90; ++i) {
        const double radius = 0.8 + random_.unit() * 1.7;
        ellipse(tones_.deep, between(40, 360), between(50, 345), radius, radius, 0.7);
      }
      return;
  }
}

void Canvas::shadow(double cx, double cy, double rx) {
  ellipse("url(#shadow)", cx + rx * 0.08, cy, rx * 1.25, std::max(9.0, rx * 0.16));
}

void Canvas::open_group(double x, double y, double scale, double degrees) {
  fmt::format_to(std::back_inserter(shapes_),
                 R"svg(<g transform="translate({:.4g} {:.4g}) scale({:.4g}) rotate({:.4g} 200 200)">)svg", x, y, scale,
                 degrees);
}

void Canvas::close_group() { shapes_ += "</g>"; }

std::string Canvas::svg(int width, int height, std::string_view title, std::string_view background) const {
  std::string out;
  html::put(out, R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img"><title>{}</title>)", width,
            height, title);
  out += R"(<defs><linearGradient id="light"><stop stop-color="#fff" stop-opacity=".28"/>)"
         R"(<stop offset=".35" stop-color="#fff" stop-opacity=".04"/><stop offset=".6" stop-opacity=".03"/>)"
         R"(<stop offset="1" stop-opacity=".24"/></linearGradient>)"
         R"(<radialGradient id="shadow"><stop stop-opacity=".34"/><stop offset=".7" stop-opacity=".12"/>)"
         R"(<stop offset="1" stop-opacity="0"/></radialGradient>)"
         R"(<radialGradient id="glow"><stop stop-color="#fff3c4" stop-opacity=".95"/>)"
         R"(<stop offset="1" stop-color="#fff3c4" stop-opacity="0"/></radialGradient></defs>)";
  out.append(background).append(shapes_).append("</svg>");
  return out;
}

}  // namespace tenfold::shop
