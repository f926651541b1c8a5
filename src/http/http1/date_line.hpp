#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "http/date.hpp"
#include "net/loop.hpp"

namespace tenfold::http::http1 {

// The current Date field value, formatted anew once a second at most. One for each loop.
class DateLine {
 public:
  std::string_view value(const net::Loop& loop) {
    if (loop.now() >= next_second_) refresh(loop);
    return {text_.data(), text_.size()};
  }

 private:
  void refresh(const net::Loop& loop) {
    const WallTime wall = loop.clock().wall_now();
    const auto second = std::chrono::floor<std::chrono::seconds>(wall);
    text_ = format_date(second);
    next_second_ = loop.now() + (second + std::chrono::seconds(1) - wall);
  }

  std::array<char, date_length> text_{};
  TimePoint next_second_ = TimePoint::min();
};

}  // namespace tenfold::http::http1
