#include "edge/respond/error_page.hpp"

#include <algorithm>
#include <utility>

#include "base/text/hex.hpp"
#include "base/text/letters.hpp"
#include "base/text/markup.hpp"
#include "edge/respond/error_page_texts.hpp"

namespace tenfold::edge {
namespace {

constexpr std::array<std::string_view, 4> language_tags = {"en", "de", "fr", "es"};
constexpr std::array<std::string_view, 3> content_types = {"text/html; charset=utf-8", "application/problem+json",
                                                           "text/plain; charset=utf-8"};
constexpr std::array<std::string_view, 4> try_again = {"Try again", "Noch einmal versuchen", "Réessayer",
                                                       "Intentar de nuevo"};
constexpr std::array<std::string_view, 4> home_page = {"Home page", "Zur Startseite", "Page d’accueil",
                                                       "Página de inicio"};

// ---- rendering ----

std::string json_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      escaped.append({'\\', c});
    } else if (byte < 0x20) {
      escaped += "\\u00";
      append_hex(escaped, c);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

constexpr std::string_view style =
    ":root{color-scheme:light dark;--paper:#f6f5f1;--ink:#23262b;--soft:#62666d;--line:#dcdad3;--accent:#0b5c4d}"
    "@media(prefers-color-scheme:dark){:root{--paper:#17191c;--ink:#e9e7e1;--soft:#a2a6ad;--line:#33373c;"
    "--accent:#6fd3ba}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);"
    "color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}"
    "main{max-width:34rem;overflow-wrap:anywhere}"
    ".shop{margin:0 0 2rem;padding-bottom:1rem;border-bottom:1px solid var(--line);font-weight:600}"
    "h1{margin:0 0 .75rem;font-size:1.75rem;line-height:1.25}"
    "p{margin:0 0 1rem}"
    ".ways{margin-top:2rem}"
    "a{color:var(--accent);margin-right:1.5rem;white-space:nowrap}"
    ".status{margin-top:2rem;color:var(--soft);font-size:.875rem}";

struct Occasion {
  std::string_view shop_name;
  const ErrorTexts& row;
  std::size_t language;
  const ErrorText& text() const { return row.in[language]; }
};

std::string render_html(const Occasion& of) {
  const std::string shop = markup_escaped(of.shop_name);
  const std::string title = markup_escaped(of.text().title);
  std::string page = "<!doctype html>\n<html lang=\"";
  page.append(language_tags[of.language])
      .append("\">\n<head>\n<meta charset=\"utf-8\">\n")
      .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
      .append("<meta name=\"robots\" content=\"noindex\">\n<title>")
      .append(title);
  if (!shop.empty()) page.append(" · ").append(shop);
  page.append("</title>\n<style>").append(style).append("</style>\n</head>\n<body>\n<main>\n");
  if (!shop.empty()) page.append("<p class=\"shop\">").append(shop).append("</p>\n");
  page.append("<h1>").append(title).append("</h1>\n<p>");
  page.append(markup_escaped(of.text().explanation)).append("</p>\n<p>");
  page.append(markup_escaped(of.text().advice)).append("</p>\n<p class=\"ways\">");
  // Asks for the same page with GET: after a form it does not send the form a second time.
  if (!of.row.retry_after.empty()) page.append("<a href=\"\">").append(try_again[of.language]).append("</a>");
  page.append("<a href=\"/\">").append(home_page[of.language]).append("</a></p>\n");
  if (of.row.status != 0) {
    const std::string_view phrase = http::reason_phrase(of.row.status);
    page.append("<p class=\"status\">").append(std::to_string(of.row.status));
    if (!phrase.empty()) page.append(" ").append(phrase);
    page.append("</p>\n");
  }
  return page.append("</main>\n</body>\n</html>\n");
}

// RFC 9457: without a type of its own, the title would repeat the status phrase; ours says it for people.
std::string render_json(const Occasion& of) {
  std::string body = "{\"title\":\"" + json_escaped(of.text().title) + "\"";
  if (of.row.status != 0) body.append(",\"status\":").append(std::to_string(of.row.status));
  body.append(",\"detail\":\"").append(json_escaped(of.text().explanation)).append(" ");
  return body.append(json_escaped(of.text().advice)).append("\"}\n");
}

std::string render_text(const Occasion& of) {
  std::string body;
  if (!of.shop_name.empty()) body.append(of.shop_name).append(": ");
  body.append(of.text().title).append(".\n");
  return body.append(of.text().explanation).append(" ").append(of.text().advice).append("\n");
}

// ---- what the request prefers ----

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
void for_each_weighted(const http::Headers& headers, std::string_view name, F&& visit) {
  int left = 32;
  for (const http::Header& line : headers) {
    if (line.name.size() != name.size() || !http::equals_ignoring_case(line.name, name)) continue;
    http::for_each_element(line.value, [&](std::string_view element) {
      visit(parse_weighted(element));
      return --left > 0;
    });
    if (left == 0) return;
  }
}

// How much a media range says about a type: 0 nothing, 1 "*/*", 2 "text/*", 3 exactly it (RFC 9110, 12.5.1).
int specificity(std::string_view range, std::string_view type) {
  if (http::equals_ignoring_case(range, type)) return 3;
  if (range == "*/*") return 1;
  const std::size_t slash = type.find('/');
  const bool is_group = range.size() == slash + 2 && range.ends_with("/*");
  return is_group && http::equals_ignoring_case(range.substr(0, slash), type.substr(0, slash)) ? 2 : 0;
}

struct Candidate {
  std::string_view type;
  ErrorPages::Format format;
  int specificity = 0;
  int thousandths = 0;
};

}  // namespace

ErrorPages::Format preferred_format(const http::Headers& request) {
  // In our order, which decides between equals.
  std::array candidates = {Candidate{"text/html", ErrorPages::Format::html},
                           Candidate{"application/json", ErrorPages::Format::json},
                           Candidate{"application/problem+json", ErrorPages::Format::json},
                           Candidate{"text/plain", ErrorPages::Format::text}};
  for_each_weighted(request, "accept", [&](const Weighted& range) {
    for (Candidate& candidate : candidates) {
      const int fits = specificity(range.name, candidate.type);
      if (fits <= candidate.specificity) continue;
      candidate.specificity = fits;
      candidate.thousandths = range.thousandths;
    }
  });
  // Between equals whoever was named ("application/json, */*") goes before whoever is meant by a wildcard.
  const auto rank = [](const Candidate& one) { return std::pair(one.thousandths, one.specificity); };
  return std::ranges::max_element(candidates, {}, rank)->format;
}

ErrorPages::Language preferred_language(const http::Headers& request) {
  auto best = ErrorPages::Language::en;
  int best_thousandths = 0;
  for_each_weighted(request, "accept-language", [&](const Weighted& range) {
    const std::string_view primary = range.name.substr(0, range.name.find('-'));
    for (std::size_t i = 0; i < language_tags.size(); ++i) {
      if (range.thousandths <= best_thousandths || !http::equals_ignoring_case(primary, language_tags[i])) continue;
      best = static_cast<ErrorPages::Language>(i);
      best_thousandths = range.thousandths;
    }
  });
  return best;
}

ErrorPages::ErrorPages(std::string_view shop_name) {
  for (const ErrorTexts& row : error_texts()) {
    auto& rendered = pages_.emplace_back();
    for (std::size_t language = 0; language < language_tags.size(); ++language) {
      const Occasion occasion{shop_name, row, language};
      rendered[language] = {render_html(occasion), render_json(occasion), render_text(occasion)};
    }
  }
}

ErrorPage ErrorPages::find(int status, const http::Headers& request, Trouble trouble) const {
  return find(status, preferred_format(request), preferred_language(request), trouble);
}

ErrorPage ErrorPages::find(int status, Format format, Language language, Trouble trouble) const {
  const auto rows = error_texts();
  std::size_t at = rows.size() - (status < 500 ? 2 : 1);
  for (std::size_t i = 0; i + 2 < rows.size(); ++i) {
    if (rows[i].status == status && (rows[i].trouble == trouble || rows[i].trouble == Trouble::usual)) at = i;
  }
  const auto language_at = static_cast<std::size_t>(language);
  const auto format_at = static_cast<std::size_t>(format);
  return {content_types[format_at], language_tags[language_at], rows[at].retry_after,
          pages_[at][language_at][format_at]};
}

}  // namespace tenfold::edge
