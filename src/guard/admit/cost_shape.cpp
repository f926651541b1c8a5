#include "guard/admit/cost_shape.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "base/text/letters.hpp"

namespace tenfold::guard {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t longest_word = 24;                // longer segments name one thing, not a kind of things
constexpr std::size_t longest_ending = 5;               // of a file's name
constexpr std::uint64_t most_depth = 4;                 // deeper paths are all alike to a family
constexpr std::uint64_t variable = 0x9e3779b97f4a7c15;  // stands for a segment that varies

__extension__ using Product = unsigned __int128;

// Both halves of a product folded into one: spreads what is in either factor over all bits (as in wyhash). Under a
// secret seed; whoever could make two paths collide would gain no more than a wrong guess of one request's cost.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Product product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
  return fold(state ^ word ^ 0xa0761d6478bd642f, 0xe7037ed1a0b428db ^ word);
}

std::uint64_t mix(std::uint64_t state, std::string_view text) {
  state = mix(state, text.size());
  while (text.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), 8);
    state = mix(state, word);
    text.remove_prefix(8);
  }
  if (text.empty()) return state;
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), text.size());
  return mix(state, word);
}

bool is_version(std::string_view segment) {
  return segment.size() >= 2 && segment.size() <= 3 && segment.front() == 'v' &&
         std::ranges::all_of(segment.substr(1), &is_digit);
}

enum Class : std::uint8_t { plain = 0, hyphen = 1, odd = 2 };  // odd: neither letter nor "." nor "_"

constexpr std::array<std::uint8_t, 256> classes = [] {
  std::array<std::uint8_t, 256> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const char c = static_cast<char>(i);
    all[i] = is_letter(c) || c == '.' || c == '_' ? plain : c == '-' ? hyphen : odd;
  }
  return all;
}();

// True for numbers, hashes, names of products, encoded text; false for the words that a shop's program is made of.
bool varies(std::string_view segment) {
  if (segment.size() > longest_word) return true;
  unsigned hyphens = 0;
  unsigned seen = 0;
  for (const char c : segment) {
    const unsigned kind = classes[static_cast<unsigned char>(c)];
    seen |= kind;
    hyphens += kind & hyphen;
  }
  if ((seen & odd) != 0) return !is_version(segment);
  return hyphens >= 2;
}

// "html" of "a-page.html"; empty where there is none.
std::string_view ending_of(std::string_view segment) {
  const std::size_t dot = segment.rfind('.');
  if (dot == std::string_view::npos || segment.size() - dot - 1 > longest_ending) return {};
  const std::string_view ending = segment.substr(dot + 1);
  return std::ranges::all_of(ending, &is_letter_or_digit) ? ending : std::string_view();
}

std::uint64_t learned_id(std::uint64_t hash) { return hash | CostShape::least; }

}  // namespace

CostShape cost_shape(std::uint64_t seed, const http::RequestHead& request, std::string_view path) {
  const std::uint64_t with_query = request.query().empty() ? 0 : 1;
  const std::uint64_t shared = static_cast<std::uint64_t>(request.method) * 2 + with_query + 1;
  const std::uint64_t start = mix(seed, shared);
  std::uint64_t form = start;
  std::uint64_t family = start;
  std::uint64_t depth = 0;
  std::string_view segment;
  for (std::string_view rest = path.substr(std::min<std::size_t>(1, path.size())); !rest.empty();) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    segment = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    form = varies(segment) ? mix(form, variable) : mix(form, segment);
    if (++depth == 1) family = form;
  }
  const std::string_view ending = ending_of(segment);
  family = mix(mix(family, std::min(depth, most_depth)), ending);
  form = depth <= 1 ? family : mix(form, ending);
  return {learned_id(form), learned_id(family), shared};
}

}  // namespace tenfold::guard
