#include "http/page/frame.hpp"

#include "base/text/markup.hpp"

namespace tenfold::http {
namespace {

constexpr Colour light_paper{0xf6, 0xf5, 0xf1};
constexpr Colour dark_paper{0x17, 0x19, 0x1c};

}  // namespace

PageAccent PageAccent::of(Colour colour) {
  return {.on_light = readable_on(light_paper, colour), .on_dark = readable_on(dark_paper, colour)};
}

std::string page_style(const PageAccent& accent) {
  std::string style = ":root{color-scheme:light dark;--ink:#23262b;--soft:#62666d;--line:#dcdad3;--paper:";
  style.append(text(light_paper)).append(";--accent:").append(text(accent.on_light));
  style.append("}@media(prefers-color-scheme:dark){:root{--ink:#e9e7e1;--soft:#a2a6ad;--line:#33373c;--paper:");
  style.append(text(dark_paper)).append(";--accent:").append(text(accent.on_dark));
  return style.append(
      "}}*{box-sizing:border-box}"
      "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);"
      "color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}"
      "main{max-width:34rem;overflow-wrap:anywhere}"
      ".shop{margin:0 0 2rem;padding-bottom:1rem;border-bottom:1px solid var(--line);font-weight:600}"
      "h1{margin:0 0 .75rem;font-size:1.75rem;line-height:1.25}"
      "p{margin:0 0 1rem}"
      ".ways{margin-top:2rem}"
      "a{color:var(--accent);margin-right:1.5rem;white-space:nowrap}"
      ".status{margin-top:2rem;color:var(--soft);font-size:.875rem}");
}

std::string page_start(const PageFrame& frame) {
  const std::string shop = markup_escaped(frame.shop_name);
  const std::string title = markup_escaped(frame.title);
  std::string page = "<!doctype html>\n<html lang=\"";
  page.append(tag(frame.language))
      .append("\">\n<head>\n<meta charset=\"utf-8\">\n")
      .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
      .append("<meta name=\"robots\" content=\"noindex\">\n<title>")
      .append(frame.before_title)
      .append(title);
  if (!shop.empty()) page.append(" · ").append(shop);
  page.append("</title>\n").append(frame.in_head);
  page.append("<style>").append(frame.style).append("</style>\n</head>\n<body>\n");
  page.append("<main").append(frame.main_attributes).append(">\n");
  if (!shop.empty()) page.append("<p class=\"shop\">").append(shop).append("</p>\n");
  return page.append("<h1>").append(title).append("</h1>\n");
}

}  // namespace tenfold::http
