#include "edge/respond/error_page.hpp"

#include <array>
#include <cstddef>

#include "base/text/json.hpp"
#include "base/text/markup.hpp"
#include "edge/respond/error_page_texts.hpp"

namespace tenfold::edge {
namespace {

constexpr std::array<std::string_view, 4> try_again = {"Try again", "Noch einmal versuchen", "Réessayer",
                                                       "Intentar de nuevo"};
constexpr std::array<std::string_view, 4> home_page = {"Home page", "Zur Startseite", "Page d’accueil",
                                                       "Página de inicio"};

// ---- rendering ----

struct Occasion {
  std::string_view shop_name;
  std::string_view style;
  const ErrorTexts& row;
  std::size_t language;
  const ErrorText& text() const { return row.in[language]; }
};

std::string render_html(const Occasion& of) {
  std::string page = http::page_start({.language = static_cast<http::PageLanguage>(of.language),
                                       .shop_name = of.shop_name,
                                       .title = of.text().title,
                                       .style = of.style});
  page.append("<p>");
  page.append(markup_escaped(of.text().explanation)).append("</p>\n<p>");
  page.append(markup_escaped(of.text().advice)).append("</p>\n<p class=\"ways\">");
  // Asks for the same page with GET: after a form it does not send the form a second time.
  if (!of.row.retry_after.empty()) page.append("<a href=\"\">").append(try_again[of.language]).append("</a>\n");
  page.append("<a href=\"/\">").append(home_page[of.language]).append("</a></p>\n");
  if (of.row.status != 0) {
    const std::string_view phrase = http::reason_phrase(of.row.status);
    page.append("<p class=\"status\">").append(std::to_string(of.row.status));
    if (!phrase.empty()) page.append(" ").append(phrase);
    page.append("</p>\n");
  }
  return page.append(http::page_end);
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

}  // namespace

ErrorPages::ErrorPages(std::string_view shop_name, const http::PageAccent& accent) {
  const std::string style = http::page_style(accent);
  for (const ErrorTexts& row : error_texts()) {
    auto& rendered = pages_.emplace_back();
    for (std::size_t language = 0; language < http::page_languages; ++language) {
      const Occasion occasion{shop_name, style, row, language};
      rendered[language] = {render_html(occasion), render_json(occasion), render_text(occasion)};
    }
  }
}

ErrorPage ErrorPages::find(int status, const http::Headers& request, Trouble trouble) const {
  return find(status, http::preferred_format(request), http::preferred_language(request), trouble);
}

ErrorPage ErrorPages::find(int status, Format format, Language language, Trouble trouble) const {
  const auto rows = error_texts();
  std::size_t at = rows.size() - (status < 500 ? 2 : 1);
  for (std::size_t i = 0; i + 2 < rows.size(); ++i) {
    if (rows[i].status == status && (rows[i].trouble == trouble || rows[i].trouble == Trouble::usual)) at = i;
  }
  const auto language_at = static_cast<std::size_t>(language);
  const auto format_at = static_cast<std::size_t>(format);
  return {http::content_type(format), http::tag(language), rows[at].retry_after, pages_[at][language_at][format_at]};
}

}  // namespace tenfold::edge
