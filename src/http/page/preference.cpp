#include "http/page/preference.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text/letters.hpp"

namespace tenfold::http {
namespace {

constexpr std::array<std::string_view, page_languages> tags = {"en", "de", "fr", "es"};
constexpr std::array<std::string_view, page_formats> content_types = {
    "text/html; charset=utf-8", "application/problem+json", "text/plain; charset=utf-8"};

// A list's element with its weight: "text/html;level=1;q=0.7" (RFC 9110, 12.4.2). A malformed weight counts as 1.
struct Weighted {
  std::string_view name;
  int thousandths = 1000;
};

// "0.7", "1", "0.125"; digits past the third do not count.
int parse_weight(std::string_view text) {
  if (text.empty() || (text.front() != '0' && text.front() != '1')) return 1000;
  if (text.front() == '1') return 1000;
  int value = 0;
  int unit = 100;
  for (std::size_t i = 2; i < text.size() && unit > 0; ++i, unit /= 10) {
    if (text[1] != '.' || text[i] < '0' || text[i] > '9') return 1000;
    value += unit * (text[i] - '0');
  }
  return value;
}

Weighted parse_weighted(std::string_view element) {
  Weighted weighted;
  std::size_t end = element.find(';');
  weighted.name = trimmed(element.substr(0, end));
  while (end != std::string_view::npos) {
    const std::size_t start = end + 1;
    end = element.find(';', start);
    const std::string_view parameter = trimmed(element.substr(start, end - start));
    if (parameter.size() > 2 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=') {
      weighted.thousandths = parse_weight(parameter.substr(2));
    }
  }
  return weighted;
}

// Calls visit(Weighted) for the elements of all lines of that name; at most 32 are looked at.
template <class F>
void for_each_weighted(const Headers& headers, std::string_view name, F&& visit) {
  int left = 32;
  for (const Header& line : headers) {
    if (line.name.size() != name.size() || !equals_ignoring_case(line.name, name)) continue;
    for_each_element(line.value, [&](std::string_view element) {
      visit(parse_weighted(element));
      return --left > 0;
    });
    if (left == 0) return;
  }
}

// How much a media range says about a type: 0 nothing, 1 "*/*", 2 "text/*", 3 exactly it (RFC 9110, 12.5.1).
int specificity(std::string_view range, std::string_view type) {
  if (equals_ignoring_case(range, type)) return 3;
  if (range == "*/*") return 1;
  const std::size_t slash = type.find('/');
  const bool is_group = range.size() == slash + 2 && range.ends_with("/*");
  return is_group && equals_ignoring_case(range.substr(0, slash), type.substr(0, slash)) ? 2 : 0;
}

struct Candidate {
  std::string_view type;
  PageFormat format;
  int specificity = 0;
  int thousandths = 0;
};

}  // namespace

bool is_json(std::string_view media_type) {
  constexpr std::string_view suffix = "+json";
  const std::size_t before = media_type.size() - std::min(media_type.size(), suffix.size());
  return equals_ignoring_case(media_type, "application/json") ||
         (before > 0 && equals_ignoring_case(media_type.substr(before), suffix));
}

std::string_view content_type(PageFormat format) { return content_types[static_cast<std::size_t>(format)]; }
std::string_view tag(PageLanguage language) { return tags[static_cast<std::size_t>(language)]; }

PageFormat preferred_format(const Headers& request) {
  // In our order, which decides between equals.
  std::array candidates = {Candidate{"text/html", PageFormat::html}, Candidate{"application/json", PageFormat::json},
                           Candidate{"text/plain", PageFormat::text}};
  for_each_weighted(request, "accept", [&](const Weighted& range) {
    for (Candidate& candidate : candidates) {
      const int fits = specificity(is_json(range.name) ? "application/json" : range.name, candidate.type);
      if (fits <= candidate.specificity) continue;
      candidate.specificity = fits;
      candidate.thousandths = range.thousandths;
    }
  });
  // Between equals whoever was named ("application/json, */*") goes before whoever is meant by a wildcard.
  const auto rank = [](const Candidate& one) { return std::pair(one.thousandths, one.specificity); };
  return std::ranges::max_element(candidates, {}, rank)->format;
}

PageLanguage preferred_language(const Headers& request) {
  auto best = PageLanguage::en;
  int best_thousandths = 0;
  for_each_weighted(request, "accept-language", [&](const Weighted& range) {
    const std::string_view primary = range.name.substr(0, range.name.find('-'));
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (range.thousandths <= best_thousandths || !equals_ignoring_case(primary, tags[i])) continue;
      best = static_cast<PageLanguage>(i);
      best_thousandths = range.thousandths;
    }
  });
  return best;
}

}  // namespace tenfold::http
