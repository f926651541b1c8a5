#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.hpp"
#include "shop/catalogue.hpp"

namespace tenfold::shop {

// The decoration of a drawn body.
enum class Pattern : std::uint8_t { plain, stripes, dots, dipped, speckled };

// The tones of one picture, as SVG colours.
struct Tones {
  std::string main;
  std::string deep;    // darker than main: shadows, rims, insides
  std::string soft;    // lighter than main
  std::string accent;  // a second colour that goes with it
  std::string back;    // the background
  std::string floor;
};

Tones tones_of(const Colour& colour);

// Collects an SVG drawing in a square of 400 by 400. What lights objects from the left and decorates them is here;
// their shapes are in the drawings.
class Canvas {
 public:
  Canvas(Tones tones, Random& random) : tones_(std::move(tones)), random_(random) {}

  const Tones& tones() const { return tones_; }
  Random& random() { return random_; }
  int between(int least, int most) {
    return least + static_cast<int>(random_.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  Pattern any_pattern() { return static_cast<Pattern>(random_.below(5)); }

  void path(std::string_view fill, std::string_view d, double opacity = 1);
  void stroke(std::string_view colour, double width, std::string_view d, double opacity = 1);
  void ellipse(std::string_view fill, double cx, double cy, double rx, double ry, double opacity = 1);
  void rect(std::string_view fill, double x, double y, double width, double height, double corner = 0,
            double opacity = 1);
  // A solid thing: filled, decorated and shaded as if lit from the left.
  void body(std::string_view fill, std::string_view d, Pattern pattern = Pattern::plain);
  // The soft shadow of what stands on the floor.
  void shadow(double cx, double cy, double rx);

  void open_group(double x, double y, double scale, double degrees = 0);
  void close_group();
  void use(Tones tones) { tones_ = std::move(tones); }

  // The whole drawing, `width` by `height` in its own units, with its background.
  std::string svg(int width, int height, std::string_view title, std::string_view background) const;

 private:
  void decorate(Pattern pattern);

  Tones tones_;
  Random& random_;
  std::string shapes_;
  int clips_ = 0;
};

// Draws the thing itself, standing on y = 330, without background.
void draw_ware(Canvas& canvas, Ware ware);

}  // namespace tenfold::shop
