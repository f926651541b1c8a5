#include "http/error_page.hpp"

#include "base/text/markup.hpp"
#include "http/message.hpp"

namespace tenfold::http {
std::string plain_error_page(int status, std::string_view explanation) {
  std::string title = std::to_string(status);
  title.append(" ").append(reason_phrase(status));
  std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>";
  page.append(title);
  page.append("</title></head>\n<body style=\"font-family: sans-serif; max-width: 40em; margin: 4em auto\">\n<h1>");
  page.append(title).append("</h1>\n<p>");
  append_markup_escaped(page, explanation);
  page.append("</p>\n</body></html>\n");
  return page;
}

}  // namespace tenfold::http
