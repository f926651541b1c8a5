#include "app/alarm_service/ack_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text/markup.hpp"
#include "oncall/people/local_time.hpp"

namespace tenfold::app {
namespace {

constexpr std::size_t most_listed = 50;

std::string page(std::string_view shop, std::string_view title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}: {1}</title>"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"robots\" content=\"noindex\"><link rel=\"stylesheet\" href=\"/console.css\"></head>\n"
      "<body><header><h1>{0}</h1></header><main>{2}</main></body></html>\n",
      markup_escaped(shop), markup_escaped(title), body);
}

}  // namespace

std::string acknowledge_page(const oncall::Plan& plan, const oncall::AlertView& view) {
  const oncall::Alert& alert = view.alert;
  const auto zone = oncall::zone_of(plan.time_zone);
  std::string troubles;
  for (std::size_t i = 0; i < std::min(alert.troubles.size(), most_listed); ++i) {
    const oncall::Trouble& trouble = alert.troubles[i];
    troubles += fmt::format("<li><strong>{}</strong> {} <span class=\"quiet\">since {}</span></li>",
                            markup_escaped(trouble.source), markup_escaped(trouble.what),
                            oncall::shown_text(zone, trouble.since));
  }
  if (alert.troubles.size() > most_listed) {
    troubles += fmt::format("<li>and {} more</li>", alert.troubles.size() - most_listed);
  }
  const bool drill = alert.kind == oncall::Alert::Kind::drill;
  const bool taken = alert.state == oncall::Alert::State::acknowledged;
  const std::string state = taken ? "acknowledged by " + alert.acknowledged_by : std::string(oncall::name(alert.state));
  return page(plan.shop, "alert",
              fmt::format("<div class=\"headline {}\"><strong>{} {}</strong><span>{}</span></div><ul>{}</ul>"
                          "<form method=\"post\"><button>{}</button></form>",
                          taken ? "unknown" : "bad", drill ? "Drill" : "Alert", alert.id, markup_escaped(state),
                          troubles, drill ? "I have received it" : "I take care of it"));
}

std::string acknowledge_answer(std::string_view shop, std::string_view head, std::string_view detail) {
  return page(shop, head,
              fmt::format("<div class=\"headline unknown\"><strong>{}</strong><span>{}</span></div>",
                          markup_escaped(head), markup_escaped(detail)));
}

}  // namespace tenfold::app
