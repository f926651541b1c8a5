#include "rehearse/report/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text/markup.hpp"

namespace tenfold::rehearse {
namespace {

// So narrow that its text can be read on a telephone; on a screen two stand side by side.
constexpr double width = 440;
constexpr double height = 230;
constexpr double left = 58;
constexpr double right = 10;
constexpr double top = 18;
constexpr double bottom = 38;
constexpr std::size_t most_points = 600;

std::string short_number(double value) {
  if (value == 0) return "0";
  if (std::abs(value) >= 10'000) return fmt::format("{:.0f} k", value / 1000);
  if (std::abs(value) >= 1000) return fmt::format("{:.1f} k", value / 1000);
  if (std::abs(value) >= 10) return fmt::format("{:.0f}", value);
  return fmt::format("{:.3g}", value);
}

std::string short_time(double ms) {
  if (ms == 0) return "0";
  if (ms < 1) return fmt::format("{:.3g} µs", ms * 1000);
  if (ms < 1000) return fmt::format("{:.3g} ms", ms);
  return fmt::format("{:.3g} s", ms / 1000);
}

// 1, 2 or 5 times a power of ten: four to eight of them.
std::vector<PlotTick> even_ticks(double from, double to) {
  std::vector<PlotTick> ticks;
  if (!(to > from)) return {{from, short_number(from)}};
  const double rough = (to - from) / 6;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double share = rough / power;
  const double step = (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10) * power;
  for (double at = std::ceil(from / step) * step; at <= to + step / 1000; at += step)
    ticks.push_back({at, short_number(at)});
  return ticks;
}

// Points that are too many for the eye: of each few the greatest.
std::vector<PlotPoint> thinned(const std::vector<PlotPoint>& points) {
  if (points.size() <= most_points) return points;
  std::vector<PlotPoint> kept;
  const std::size_t each = (points.size() + most_points - 1) / most_points;
  for (std::size_t i = 0; i < points.size(); i += each) {
    const auto end = points.begin() + static_cast<std::ptrdiff_t>(std::min(i + each, points.size()));
    kept.push_back(*std::max_element(points.begin() + static_cast<std::ptrdiff_t>(i), end,
                                     [](const PlotPoint& a, const PlotPoint& b) { return a.y < b.y; }));
  }
  return kept;
}

class Drawing {
 public:
  explicit Drawing(const Plot& plot) : plot_(plot) { find_range(); }

  std::string run() {
    out_ = fmt::format(
        "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {} {}\" role=\"img\"><title>{}</title>"
        "<desc>{}</desc>",
        markup_escaped(plot_.title), width, height, markup_escaped(plot_.title), markup_escaped(plot_.description));
    grid();
    if (plot_.limit > 0) limit();
    for (const PlotSeries& series : plot_.series) draw(series);
    out_ += "</svg>";
    legend();
    return out_ + "</figure>\n";
  }

 private:
  void find_range() {
    bool any = false;
    for (const PlotSeries& series : plot_.series) {
      for (const PlotPoint& point : series.points) {
        if (logarithmic() && point.y <= 0) continue;
        x_from_ = any ? std::min(x_from_, point.x) : point.x;
        x_to_ = any ? std::max(x_to_, point.x) : point.x;
        y_from_ = any ? std::min(y_from_, point.y) : point.y;
        y_to_ = any ? std::max(y_to_, point.y) : point.y;
        any = true;
      }
    }
    if (plot_.limit > 0) y_to_ = std::max(y_to_, plot_.limit);
    if (logarithmic()) {
      y_from_ = std::pow(10, std::floor(std::log10(std::max(1e-6, y_from_))));
      y_to_ = std::max(y_from_ * 10, std::pow(10, std::ceil(std::log10(std::max(1e-6, y_to_)))));
    } else {
      y_from_ = 0;
      y_to_ = y_to_ > 0 ? y_to_ * 1.05 : 1;
    }
    if (!(x_to_ > x_from_)) x_to_ = x_from_ + 1;
  }
  std::string y_text(double value) const {
    return plot_.y_values == Plot::Values::milliseconds ? short_time(value) : short_number(value);
  }
  bool logarithmic() const { return plot_.y_scale == Plot::Scale::logarithmic; }
  double x(double value) const { return left + (value - x_from_) / (x_to_ - x_from_) * (width - left - right); }
  double y(double value) const {
    const double share = logarithmic() ? std::log(std::max(value, y_from_) / y_from_) / std::log(y_to_ / y_from_)
                                       : (value - y_from_) / (y_to_ - y_from_);
    return height - bottom - share * (height - top - bottom);
  }

  void grid() {
    std::vector<PlotTick> ticks;
    if (logarithmic()) {
      for (double at = y_from_; at <= y_to_ * 1.001; at *= 10) ticks.push_back({at, y_text(at)});
    } else {
      ticks = even_ticks(y_from_, y_to_);
    }
    for (const PlotTick& tick : ticks)
      out_ += fmt::format(
          "<line class=\"g\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
          "<text x=\"{3}\" y=\"{4:.1f}\" class=\"t e\">{5}</text>",
          left, width - right, y(tick.at), left - 6, y(tick.at) + 4, markup_escaped(tick.text));
    for (const PlotTick& tick : plot_.x_ticks.empty() ? even_ticks(x_from_, x_to_) : plot_.x_ticks)
      out_ += fmt::format(
          "<line class=\"g\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
          "<text x=\"{0:.1f}\" y=\"{3}\" class=\"t m\">{4}</text>",
          x(tick.at), top, height - bottom, height - bottom + 15, markup_escaped(tick.text));
    out_ +=
        fmt::format("<text x=\"{}\" y=\"{}\" class=\"t e\">{}</text><text x=\"{}\" y=\"{}\" class=\"t\">{}</text>",
                    width - right, height - 4, markup_escaped(plot_.x_unit), 2, top - 3, markup_escaped(plot_.y_unit));
  }
  void limit() {
    out_ += fmt::format(
        "<line class=\"limit\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
        "<text x=\"{1}\" y=\"{3:.1f}\" class=\"t e promise\">{4}</text>",
        left, width - right, y(plot_.limit), y(plot_.limit) - 4, markup_escaped(plot_.limit_name));
  }
  void draw(const PlotSeries& series) {
    const auto points = thinned(series.points);
    if (points.empty()) return;
    if (series.form == PlotSeries::Form::dots) {
      for (const PlotPoint& point : points) dot(point, series, 4.5);
      return;
    }
    std::string path;
    for (const PlotPoint& point : points)
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x(point.x), y(point.y));
    if (series.form == PlotSeries::Form::area) {
      const double floor = y(y_from_);
      out_ += fmt::format("<path class=\"area {}\" d=\"{}L{:.1f} {:.1f}L{:.1f} {:.1f}Z\"/>", series.colour, path,
                          x(points.back().x), floor, x(points.front().x), floor);
    } else {
      out_ += fmt::format("<path class=\"line {}\" d=\"{}\"/>", series.colour, path);
    }
    if (points.size() <= 120) {
      for (const PlotPoint& point : points) dot(point, series, points.size() == 1 ? 3 : 1.6);
    }
  }
  void dot(const PlotPoint& point, const PlotSeries& series, double radius) {
    const std::string note =
        point.note.empty() ? fmt::format("{}: {} {}", series.name, y_text(point.y), plot_.y_unit) : point.note;
    out_ += fmt::format("<circle class=\"dot {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"><title>{}</title></circle>",
                        series.colour, x(point.x), y(point.y), radius, markup_escaped(note));
  }
  void legend() {
    out_ += "<p class=\"legend\">";
    for (const PlotSeries& series : plot_.series)
      out_ += fmt::format("<span><i class=\"{}\"></i>{}</span>", series.colour, markup_escaped(series.name));
    out_ += "</p>";
  }

  const Plot& plot_;
  double x_from_ = 0, x_to_ = 1, y_from_ = 0, y_to_ = 1;
  std::string out_;
};

}  // namespace

std::string svg_of(const Plot& plot) { return Drawing(plot).run(); }

}  // namespace tenfold::rehearse
