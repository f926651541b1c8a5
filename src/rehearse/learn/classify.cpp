#include "rehearse/learn/classify.hpp"

#include <algorithm>

namespace tenfold::rehearse {
namespace {

constexpr double few_pages = 10;   // below this a browser with a full cache looks the same
constexpr double many_pages = 40;  // nobody reads so many without a single picture
constexpr double quick_s = 3;      // a page every so often, over at least few_pages, is no reading
constexpr double furious_s = 1;    // with assets or without
constexpr double long_run = 60;    // pages

}  // namespace

Population::Kind classify(const Session& session, const std::vector<Visit>& visits, Shapes& shapes,
                          AgentsInLog agents) {
  if (session.agent_kind == AgentKind::crawler || session.robots) return Population::Kind::crawlers;
  if (session.agent_kind == AgentKind::script ||
      (session.agent_kind == AgentKind::untold && agents == AgentsInLog::told))
    return Population::Kind::scripts;
  double pages = 0, assets = 0;
  for (const auto& visit : visits) ++(shapes.kind(visit.shape) == Kind::page ? pages : assets);
  if (pages < few_pages) return Population::Kind::people;
  const double span_s = (visits.back().offset_ms - visits.front().offset_ms) / 1000.0;
  const double pace_s = span_s / std::max(1.0, pages - 1);
  const bool bare = assets < pages * 0.02;
  if (bare && (pages >= many_pages || pace_s < quick_s)) return Population::Kind::scripts;
  if (pages >= long_run && pace_s < furious_s) return Population::Kind::scripts;
  return Population::Kind::people;
}

}  // namespace tenfold::rehearse
