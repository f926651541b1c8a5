#pragma once

#include <string>
#include <string_view>

#include "http/page/colour.hpp"
#include "http/page/preference.hpp"

// What all our pages for customers have in common: one look, in light and in dark, and their outline.
namespace tenfold::http {

// The colour of links and bars. `of` any colour: made so that it can be read on either paper.
struct PageAccent {
  Colour on_light{0x0b, 0x5c, 0x4d};
  Colour on_dark{0x6f, 0xd3, 0xba};

  static PageAccent of(Colour colour);
};

// The style sheet. What a page has of its own goes behind it; var(--accent), --paper, --ink, --soft and --line are
// there.
std::string page_style(const PageAccent& accent);

struct PageFrame {
  PageLanguage language = PageLanguage::en;
  std::string_view shop_name = {};  // text; empty: not named
  std::string_view title = {};      // text: the heading, and the window's title
  std::string_view style = {};
  // Markup:
  std::string_view before_title = {};     // in the window's title
  std::string_view in_head = {};          // whole lines
  std::string_view main_attributes = {};  // " data-a=\"b\""
};

// The document up to the heading, and from the end of its content on.
std::string page_start(const PageFrame& frame);
inline constexpr std::string_view page_end = "</main>\n</body>\n</html>\n";

}  // namespace tenfold::http
