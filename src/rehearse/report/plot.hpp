#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenfold::rehearse {

struct PlotPoint {
  double x = 0;
  double y = 0;
  std::string note;  // shown when pointed at; empty: the values
};

struct PlotSeries {
  std::string name;
  std::string colour;  // a CSS class of report_style: "a" to "d", "bad", "good"
  std::vector<PlotPoint> points;
  enum class Form : std::uint8_t { line, area, dots } form = Form::line;
};

struct PlotTick {
  double at = 0;
  std::string text;
};

struct Plot {
  std::string title;
  std::string description;  // for those who do not see it
  std::string x_unit;
  std::string y_unit;
  std::vector<PlotSeries> series;
  std::vector<PlotTick> x_ticks;  // empty: found
  enum class Scale : std::uint8_t { linear, logarithmic } y_scale = Scale::linear;
  enum class Values : std::uint8_t { numbers, milliseconds } y_values = Values::numbers;
  double limit = 0;  // a dashed line across; 0: none
  std::string limit_name;
};

// An inline SVG element that needs nothing from outside. At most 600 points a series: neighbours are joined by their
// greatest.
std::string svg_of(const Plot& plot);

}  // namespace tenfold::rehearse
