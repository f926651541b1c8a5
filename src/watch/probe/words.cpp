#include "watch/probe/words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/text/iso_time.hpp"

namespace tenfold::watch {
namespace {

std::string shortened(std::string_view text, std::size_t most_bytes) {
  std::size_t end = std::min(text.size(), most_bytes);
  const auto continues = [&](std::size_t at) { return at < text.size() && (text[at] & 0xc0) == 0x80; };
  while (end > 0 && continues(end)) --end;
  std::string out(text.substr(0, end));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return end < text.size() ? out + "..." : out;
}

// "1.5", "10": one decimal at most, and none that is zero.
std::string number_words(double number) {
  std::string out = fmt::format("{:.1f}", number);
  if (out.ends_with(".0")) out.resize(out.size() - 2);
  return out;
}

}  // namespace

std::string duration_words(Duration duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 1e-3) return fmt::format("{:.0f} µs", seconds * 1e6);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 120) return number_words(seconds) + " s";
  return number_words(seconds / 60) + " min";
}

std::string date_words(WallTime time) { return iso_date(time); }

std::string count_words(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string bytes_words(std::uint64_t number) { return count_words(number) + (number == 1 ? " byte" : " bytes"); }

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", shortened(text, 80)); }
std::string one_line(std::string_view text) { return shortened(text, 200); }

}  // namespace tenfold::watch
