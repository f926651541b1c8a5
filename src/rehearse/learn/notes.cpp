#include "rehearse/learn/notes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold::rehearse {

void look_at(const TrafficModel& model, LogFacts& facts) {
  double redirected = 0;
  for (const auto& each : model.templates)
    for (const auto& [status, share] : each.statuses)
      if (status > 300 && status < 309 && status != 304) redirected += share * each.requests;
  facts.redirected_share = redirected / model.requests;
  facts.people = !model.populations.empty() && model.populations.front().kind == Population::Kind::people;
  if (!facts.people) return;
  double elsewhere = 0, views = 0;
  for (const auto& visits : model.populations.front().visits) {
    for (const auto& page : visits.pages) {
      views += page.views;
      if (model.templates[page.page].kind == Template::Kind::elsewhere) elsewhere += page.views;
    }
  }
  facts.elsewhere_share = views > 0 ? elsewhere / views : 0;
}

std::vector<std::string> notes_on(const LogFacts& facts) {
  std::vector<std::string> notes;
  if (facts.requests == 0) notes.emplace_back("The log has no request that could be rehearsed.");
  if (facts.unusable > 0)
    notes.push_back(
        fmt::format("{:.0f} lines tell of no path or of a method that no shop serves; left out.", facts.unusable));
  if (facts.requests == 0) return notes;
  if (facts.seconds < 4 * facts.gap_s)
    notes.push_back(
        fmt::format("The log covers {:.1f} minutes: those that it cuts at both ends are put together by likelihood, so "
                    "that their number and length are estimates (their product, the requests, is right).",
                    facts.seconds / 60));
  if (facts.seconds < 20 * 3600)
    notes.emplace_back("The log covers less than a day: its busiest minute may not be the day's.");
  else if (facts.seconds < 6.5 * 86400)
    notes.emplace_back("The log covers less than a week: its busiest minute may not be the week's.");
  if (!facts.people) notes.emplace_back("No people were found, only crawlers and scripts.");
  if (facts.with_referer < 0.05 * facts.requests)
    notes.emplace_back("Hardly a line has a referer: assets are told from pages by their names only.");
  if (facts.with_agent < 0.05 * facts.requests)
    notes.emplace_back(
        "Hardly a line has a user agent: visitors behind one address count as one, and bots are told by their pace "
        "only.");
  if (facts.elsewhere_share > 0.1)
    notes.push_back(fmt::format(
        "{:.0f} % of people's page views came from elsewhere (caches such as AMP's, apps, other sites): only their "
        "assets reach this server, and only those are rehearsed.",
        100 * facts.elsewhere_share));
  if (facts.redirected_share > 0.01)
    notes.push_back(fmt::format("{:.1f} % of the answers are redirects; the pages they lead to are in the log, too.",
                                100 * facts.redirected_share));
  if (facts.worst_fit > 0.05)
    notes.push_back(fmt::format("The walk between pages gives one of the common pages {:.0f} % off its share.",
                                100 * facts.worst_fit));
  if (facts.cut_short > 0)
    notes.push_back(
        fmt::format("{:.0f} sessions were ended early: too many visitors were there at once.", facts.cut_short));
  if (facts.folded >= 0.0005 * facts.requests)
    notes.push_back(fmt::format("{:.1f} % of the requests are of rare kinds and taken together.",
                                100 * facts.folded / facts.requests));
  return notes;
}

double assets_per_page(const TrafficModel& model) {
  double views = 0, assets = 0;
  const auto count = [&](const PageBehaviour& page) {
    if (model.templates[page.page].kind != Template::Kind::page) return;
    views += page.views;
    for (const auto& asset : page.first.assets) assets += asset.weight;
    for (const auto& asset : page.later.assets) assets += asset.weight;
  };
  for (const auto& population : model.populations) {
    if (population.kind != Population::Kind::people) continue;
    for (const auto& visits : population.visits) std::ranges::for_each(visits.pages, count);
  }
  return views > 0 ? assets / views : 0;
}

}  // namespace tenfold::rehearse
