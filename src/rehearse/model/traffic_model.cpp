#include "rehearse/model/traffic_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tenfold::rehearse {

double Distribution::at(double share) const {
  if (points.empty()) return mean;
  if (share <= points.front().share) return points.front().value;
  const auto above = std::upper_bound(points.begin(), points.end(), share,
                                      [](double wanted, const Point& point) { return wanted < point.share; });
  if (above == points.end()) return points.back().value;
  const Point& high = *above;
  const Point& low = *(above - 1);
  const double width = high.share - low.share;
  return width <= 0 ? high.value : low.value + (high.value - low.value) * (share - low.share) / width;
}

namespace {

class Problems {
 public:
  explicit Problems(const TrafficModel& model) : model_(model) {}
  std::vector<std::string> run() {
    if (model_.version != traffic_model_version)
      add("version", fmt::format("this program knows version {}, not {}: learn the log again", traffic_model_version,
                                 model_.version));
    if (model_.populations.empty()) add("populations", "there must be at least one");
    for (std::size_t i = 0; i < model_.templates.size(); ++i)
      check(model_.templates[i], fmt::format("templates[{}]", i));
    for (std::size_t i = 0; i < model_.populations.size(); ++i)
      check(model_.populations[i], fmt::format("populations[{}]", i));
    return std::move(found_);
  }

 private:
  void add(const std::string& place, const std::string& what) {
    if (found_.size() < 100) found_.push_back(place + ": " + what);
  }
  void number(double value, const std::string& place) {
    if (!(value >= 0) || !std::isfinite(value)) add(place, fmt::format("expected a number from 0 on, not {}", value));
  }
  void share(double value, const std::string& place) {
    if (!(value >= 0 && value <= 1)) add(place, fmt::format("expected a share from 0 to 1, not {}", value));
  }
  void check(const Distribution& values, const std::string& place) {
    number(values.mean, place + ".mean");
    for (std::size_t i = 0; i < values.points.size(); ++i) {
      const auto& point = values.points[i];
      const std::string at = fmt::format("{}.points[{}]", place, i);
      share(point.share, at);
      number(point.value, at);
      if (i == 0) continue;
      const auto& before = values.points[i - 1];
      if (point.share < before.share || point.value < before.value) add(at, "shares and values must not descend");
    }
  }
  void check(const std::vector<Weighted>& list, const std::string& place) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string at = fmt::format("{}[{}]", place, i);
      if (list[i].index >= model_.templates.size()) add(at, fmt::format("there is no template {}", list[i].index));
      number(list[i].weight, at + ".weight");
    }
  }
  void check(const Burst& burst, const std::string& place) {
    check(burst.size, place + ".size");
    check(burst.assets, place + ".assets");
    check(burst.gap_s, place + ".gap_s");
    if (burst.size.mean > 0 && burst.assets.empty()) add(place + ".assets", "there are none, though size is not 0");
  }
  void check(const Template& each, const std::string& place) {
    if (each.name.empty()) add(place + ".name", "expected a name such as \"/product/{id}\"");
    if (each.kind == Template::Kind::elsewhere) return;
    if (each.method.empty()) add(place + ".method", "expected a method such as \"GET\"");
    share(each.rare_share, place + ".rare_share");
    share(each.conditional_share, place + ".conditional_share");
    for (const auto& [status, of_all] : each.statuses) share(of_all, fmt::format("{}.statuses.{}", place, status));
    number(each.least_bytes, place + ".least_bytes");
    number(each.low_bytes, place + ".low_bytes");
    if (each.targets.empty() && each.rare_like.empty())
      add(place + ".targets", "there is none, and no rare_like to make some of");
    for (std::size_t i = 0; i < each.targets.size(); ++i) {
      const std::string at = fmt::format("{}.targets[{}]", place, i);
      if (!is_target(each.targets[i].target)) add(at, "expected a path that begins with \"/\", without white space");
      number(each.targets[i].weight, at + ".weight");
    }
    for (std::size_t i = 0; i < each.rare_like.size(); ++i) {
      const std::string at = fmt::format("{}.rare_like[{}]", place, i);
      if (!is_target(each.rare_like[i].target)) add(at, "expected a path that begins with \"/\", without white space");
      number(each.rare_like[i].weight, at + ".weight");
    }
  }
  // What goes into a request line must not write lines of its own.
  static bool is_target(const std::string& target) {
    return !target.empty() && target.front() == '/' && std::all_of(target.begin(), target.end(), [](char c) {
      return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
    });
  }
  void check(const VisitKind& visits, const std::string& place) {
    number(visits.sessions, place + ".sessions");
    check(visits.pages_per_session, place + ".pages_per_session");
    double entries = 0;
    for (std::size_t i = 0; i < visits.pages.size(); ++i) {
      const PageBehaviour& page = visits.pages[i];
      const std::string at = fmt::format("{}.pages[{}]", place, i);
      if (page.page >= model_.templates.size()) add(at + ".page", fmt::format("there is no template {}", page.page));
      number(page.entry, at + ".entry");
      entries += page.entry;
      check(page.next, at + ".next");
      for (std::size_t j = 0; j < page.next.size(); ++j) {
        const bool known = std::any_of(visits.pages.begin(), visits.pages.end(),
                                       [&](const PageBehaviour& other) { return other.page == page.next[j].index; });
        if (!known) add(fmt::format("{}.next[{}]", at, j), "is no page of these visits");
      }
      check(page.think_s, at + ".think_s");
      check(page.first, at + ".first");
      check(page.later, at + ".later");
    }
    if (!(entries > 0)) add(place + ".pages", "no page has an entry weight above 0: nobody could come in");
  }
  void check(const Population& population, const std::string& place) {
    const Arrivals& arrivals = population.arrivals;
    number(arrivals.mean_per_s, place + ".arrivals.mean_per_s");
    number(arrivals.peak_per_s, place + ".arrivals.peak_per_s");
    for (std::size_t i = 0; i < arrivals.shape.size(); ++i)
      number(arrivals.shape[i], fmt::format("{}.arrivals.shape[{}]", place, i));
    if (!(arrivals.shape_bin_s >= 1)) add(place + ".arrivals.shape_bin_s", "expected at least 1 second");
    number(arrivals.dispersion, place + ".arrivals.dispersion");
    double sessions = 0;
    for (std::size_t i = 0; i < population.visits.size(); ++i) {
      check(population.visits[i], fmt::format("{}.visits[{}]", place, i));
      sessions += population.visits[i].sessions;
    }
    if (!(sessions > 0)) add(place + ".visits", "none has sessions above 0: nobody could come");
    for (std::size_t i = 0; i < population.agents.size(); ++i) {
      const std::string& agent = population.agents[i].first;
      const bool plain = std::all_of(agent.begin(), agent.end(),
                                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
      if (agent.empty() || !plain) add(fmt::format("{}.agents[{}]", place, i), "expected text without control bytes");
    }
  }

  const TrafficModel& model_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> problems_of(const TrafficModel& model) { return Problems(model).run(); }

}  // namespace tenfold::rehearse
