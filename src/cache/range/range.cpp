#include "cache/range/range.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "http/message.hpp"

namespace tenfold::cache {

namespace {

struct Part {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// Digits only; a number too large for 64 bits is as good as the largest.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty()) return {};
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
  }
  return value;
}

enum class Spec : std::uint8_t { part, beyond_end, malformed };

Spec parse_spec(std::string_view spec, std::uint64_t size, Part& part) {
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return Spec::malformed;
  const std::string_view last_text = spec.substr(dash + 1);
  if (dash == 0) {
    const auto suffix = number(last_text);
    if (!suffix) return Spec::malformed;
    if (*suffix == 0 || size == 0) return Spec::beyond_end;
    part = {size - std::min(*suffix, size), size - 1};
    return Spec::part;
  }
  const auto first = number(spec.substr(0, dash));
  const auto last = last_text.empty() ? UINT64_MAX : number(last_text);
  if (!first || !last || *last < *first) return Spec::malformed;
  if (*first >= size) return Spec::beyond_end;
  part = {*first, std::min(*last, size - 1)};
  return Spec::part;
}

}  // namespace

RangeWish parse_range(std::string_view value, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (value.size() < unit.size() || !http::equals_ignoring_case(value.substr(0, unit.size()), unit)) return {};
  std::array<Part, max_ranges> parts;
  int count = 0;
  int specs = 0;
  bool usable = true;
  http::for_each_element(value.substr(unit.size()), [&](std::string_view text) {
    if (++specs > max_ranges) return usable = false;
    Part part;
    const Spec spec = parse_spec(text, size, part);
    if (spec == Spec::malformed) return usable = false;
    if (spec == Spec::part) parts[static_cast<std::size_t>(count++)] = part;
    return true;
  });
  if (!usable || specs == 0) return {};
  if (count == 0) return {RangeWish::Kind::unsatisfiable, 0, 0};

  std::sort(parts.begin(), parts.begin() + count, [](const Part& a, const Part& b) { return a.first < b.first; });
  Part joined = parts[0];
  for (int i = 1; i < count; ++i) {
    const Part& next = parts[static_cast<std::size_t>(i)];
    if (next.first > joined.last + 1) return {};
    joined.last = std::max(joined.last, next.last);
  }
  return {RangeWish::Kind::part, joined.first, joined.last};
}

}  // namespace tenfold::cache
