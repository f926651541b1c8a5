#include "app/alarm/ack_page.hpp"

#include <fmt/format.h>

#include "console/json.hpp"

namespace tenfold::app {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string page(std::string_view shop, std::string_view title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}: {1}</title>"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"robots\" content=\"noindex\"><link rel=\"stylesheet\" href=\"/console.css\"></head>\n"
      "<body><header><h1>{0}</h1></header><main>{2}</main></body></html>\n",
      escaped(shop), escaped(title), body);
}

}  // namespace

std::string acknowledge_page(std::string_view shop, const oncall::AlertView& view) {
  const oncall::Alert& alert = view.alert;
  std::string troubles;
  for (const oncall::Trouble& trouble : alert.troubles) {
    troubles += fmt::format("<li><strong>{}</strong> {} <span class=\"quiet\">since {}</span></li>",
                            escaped(trouble.source), escaped(trouble.what), console::iso_time(trouble.since));
  }
  const bool drill = alert.kind == oncall::Alert::Kind::drill;
  std::string state(oncall::name(alert.state));
  if (alert.state == oncall::Alert::State::acknowledged)
    state += fmt::format(", acknowledged by {}", alert.acknowledged_by);
  return page(shop, "alert",
              fmt::format("<div class=\"headline bad\"><strong>{} {}</strong><span>{}</span></div><ul>{}</ul>"
                          "<form method=\"post\"><button>{}</button></form>",
                          drill ? "Drill" : "Alert", alert.id, escaped(state), troubles,
                          drill ? "I have received it" : "I take care of it"));
}

std::string acknowledge_answer(std::string_view shop, std::string_view head, std::string_view detail) {
  return page(shop, head,
              fmt::format("<div class=\"headline unknown\"><strong>{}</strong><span>{}</span></div>", escaped(head),
                          escaped(detail)));
}

}  // namespace tenfold::app
