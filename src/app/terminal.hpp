#pragma once

#include <string>
#include <string_view>

namespace tenfold::app {

enum class Ink : unsigned char { red, yellow, green, bold };

// A stream that people or programs read: standard output (1) or standard error (2). Colour only where a terminal is
// behind it, NO_COLOR is not set and TERM is not "dumb" (https://no-color.org).
class Terminal {
 public:
  explicit Terminal(int descriptor);

  bool colour() const { return colour_; }
  std::string ink(Ink ink, std::string_view text) const;
  // Writes the text and a line end, whole; a reader that has gone away is ignored.
  void line(std::string_view text) const;

 private:
  int descriptor_;
  bool colour_;
};

}  // namespace tenfold::app
