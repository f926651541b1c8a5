#include "rehearse/learn/model_maker.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <span>
#include <tuple>

#include "rehearse/learn/name_targets.hpp"
#include "rehearse/plan/fit.hpp"

namespace tenfold::rehearse {
namespace {

using Key = std::tuple<std::string, Method, Kind>;

struct Gathered {
  Key key;
  std::string path;  // to make targets up by, of the first shape
  std::vector<std::uint32_t> shapes;
  double requests = 0;
};

std::string with_method(Method method, const std::string& name) {
  return method == Method::get ? name : std::string(text_of(method)) + " " + name;
}

std::vector<Gathered> gather(Shapes& shapes, const LearnOptions& options, double& folded) {
  for (std::uint32_t i = 0; i < shapes.all().size(); ++i) shapes.kind(i);
  const auto names = shapes.paths().names(shapes.fame(), PathTree::Naming::final);
  std::map<Key, Gathered> by_key;
  for (std::uint32_t i = 0; i < shapes.all().size(); ++i) {
    const Shape& shape = shapes.all()[i];
    if (shape.requests == 0) continue;
    const std::string& name = i == 0 ? "(other pages)" : names[shape.node];
    auto& into = by_key[{name, shape.method, shape.kind}];
    if (into.shapes.empty()) into.path = names[shape.node];
    into.shapes.push_back(i);
    into.requests += shape.requests;
  }
  std::vector<Gathered> result;
  for (auto& [key, gathered] : by_key) {
    gathered.key = key;
    result.push_back(std::move(gathered));
  }
  std::ranges::stable_sort(result, std::greater(), &Gathered::requests);
  // The rarest go together, by method and kind.
  const std::size_t most = std::max<std::size_t>(options.most_templates, 32) - 20;
  if (result.size() <= most) return result;
  std::map<Key, Gathered> others;
  for (std::size_t i = most; i < result.size(); ++i) {
    const auto& [name, method, kind] = result[i].key;
    Gathered& into = others[{kind == Kind::page ? "(other pages)" : "(other assets)", method, kind}];
    if (into.shapes.empty()) into.path = result[i].path;
    into.shapes.insert(into.shapes.end(), result[i].shapes.begin(), result[i].shapes.end());
    into.requests += result[i].requests;
    folded += result[i].requests;
  }
  result.resize(most);
  for (auto& [key, gathered] : others) {
    auto same = std::ranges::find(result, key, &Gathered::key);
    if (same == result.end()) same = result.insert(result.end(), Gathered{key, gathered.path, {}, 0});
    same->shapes.insert(same->shapes.end(), gathered.shapes.begin(), gathered.shapes.end());
    same->requests += gathered.requests;
  }
  return result;
}

// Under which at most this share of the sizes lies, to a factor of two.
double size_under(const std::array<std::uint64_t, 33>& sizes, double share) {
  std::uint64_t all = 0;
  for (const std::uint64_t each : sizes) all += each;
  double below = 0;
  for (std::size_t bits = 0; bits < sizes.size() && all > 0; ++bits) {
    below += static_cast<double>(sizes[bits]);
    if (below > share * static_cast<double>(all)) return bits == 0 ? 0 : std::ldexp(1.0, static_cast<int>(bits) - 1);
  }
  return 0;
}

Template sum_up(const Gathered& gathered, const Shapes& shapes) {
  Template result;
  const auto& [name, method, kind] = gathered.key;
  result.name = with_method(method, name);
  result.method = text_of(method);
  result.kind = kind == Kind::page ? Template::Kind::page : Template::Kind::asset;
  result.requests = gathered.requests;
  DistinctSketch<8> distinct;
  double conditional = 0, bytes = 0, bodies = 0, told = 0;
  std::array<std::uint64_t, 33> sizes{};
  for (const auto index : gathered.shapes) {
    const Shape& shape = shapes.all()[index];
    conditional += shape.conditional;
    bytes += shape.bytes;
    bodies += shape.bodies;
    for (std::size_t bits = 0; bits < sizes.size(); ++bits) sizes[bits] += shape.sizes[bits];
    distinct.add(*shape.distinct);
    for (const auto& [status, count] : shape.statuses) {
      result.statuses[status] += count;
      told += count;
    }
  }
  for (auto& [status, share] : result.statuses) share /= told;
  result.conditional_share = conditional / gathered.requests;
  result.mean_bytes = bodies > 0 ? bytes / bodies : 0;
  constexpr double hardly_any = 0.0005, few = 0.1;
  result.least_bytes = size_under(sizes, hardly_any);
  result.low_bytes = size_under(sizes, few);
  result.distinct_targets = shapes.forgot() ? static_cast<std::uint64_t>(distinct.estimate() + 0.5) : 0;
  return result;
}

std::vector<Weighted> weighted(const std::map<std::uint32_t, double>& counts) {
  std::vector<Weighted> result;
  for (const auto& [index, weight] : counts) result.push_back({index, weight});
  std::ranges::stable_sort(result, std::greater(), &Weighted::weight);
  return result;
}

struct BurstSum {
  Tally size, gap_s;
  std::map<std::uint32_t, double> assets;
  void add(const BurstTally& tally, const Templates& templates) {
    size.add(tally.size);
    gap_s.add(tally.gap_s);
    for (const auto& [shape, count] : tally.assets) assets[templates.of(shape)] += count;
  }
  Burst burst() const { return {size.distribution(), weighted(assets), gap_s.distribution()}; }
};

struct PageSum {
  double views = 0, entries = 0, exits = 0;
  Tally think_s;
  std::map<std::uint32_t, double> next;
  BurstSum first, later;
};

}  // namespace

Templates make_templates(Shapes& shapes, const LearnOptions& options) {
  Templates result;
  result.folded = shapes.folded();
  result.of_shape.resize(shapes.all().size());
  std::map<std::string, int> taken;
  std::vector<PatternSource> patterns;
  for (const auto& gathered : gather(shapes, options, result.folded)) {
    const auto index = static_cast<std::uint32_t>(result.all.size());
    Template each = sum_up(gathered, shapes);
    if (taken[each.name]++ > 0) each.name += each.kind == Template::Kind::page ? " (page)" : " (asset)";
    for (const auto shape : gathered.shapes) result.of_shape[shape] = index;
    patterns.push_back({shapes.all()[gathered.shapes.front()].node, gathered.path});
    result.all.push_back(std::move(each));
  }
  name_targets(result, patterns, shapes, options);
  const std::array<std::string, 3> names{"(elsewhere: no referer)", "(elsewhere: another site)",
                                         "(elsewhere: a cache)"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    result.elsewhere[i] = static_cast<std::uint32_t>(result.all.size());
    Template each;
    each.name = names[i];
    each.method = "GET";
    each.kind = Template::Kind::elsewhere;
    result.all.push_back(std::move(each));
  }
  return result;
}

namespace {

void link_common_pages(VisitKind& visits, double total) {
  constexpr double common = 0.005;  // of the views
  constexpr double strength = 0.02;
  for (auto& page : visits.pages) {
    double sum = 0;
    for (const auto& next : page.next) sum += next.weight;
    if (sum <= 0) sum = 1;
    for (const auto& other : visits.pages) {
      if (other.views < common * total) continue;
      const double weight = strength * sum * other.views / total;
      const auto known = std::ranges::find(page.next, other.page, &Weighted::index);
      if (known != page.next.end())
        known->weight += weight;
      else
        page.next.push_back({other.page, weight});
    }
  }
}

}  // namespace

double fit_pages(VisitKind& visits) {
  constexpr double good = 0.01;
  constexpr double negligible = 1e-4;
  double left = fit_walk(visits);
  if (left <= good) return left;
  double total = 0;
  for (const auto& page : visits.pages) total += page.views;
  for (int i = 0; i < 3 && left > good; ++i) {
    link_common_pages(visits, total);
    left = fit_walk(visits);
  }
  for (auto& page : visits.pages) {
    double sum = 0;
    for (const auto& next : page.next) sum += next.weight;
    std::erase_if(page.next, [&](const Weighted& next) { return next.weight < negligible * sum; });
    std::ranges::stable_sort(page.next, std::greater(), &Weighted::weight);
  }
  return left;
}

namespace {

void add_pages(const VisitTally& tally, const Templates& templates, std::map<std::uint32_t, PageSum>& sums) {
  for (const auto& [shape, page] : tally.pages) {
    PageSum& sum = sums[templates.of(shape)];
    sum.views += page.views;
    sum.entries += page.entries;
    sum.exits += page.exits;
    sum.think_s.add(page.think_s);
    for (const auto& [next, count] : page.next) sum.next[templates.of(next)] += count;
    sum.first.add(page.first, templates);
    sum.later.add(page.later, templates);
  }
}

VisitKind visit_kind_of(std::span<const VisitTally> sizes, const Templates& templates) {
  VisitKind visits;
  Tally pages;
  std::map<std::uint32_t, PageSum> sums;
  for (const VisitTally& size : sizes) {
    visits.sessions += size.sessions;
    pages.add(size.pages_per_session);
    add_pages(size, templates, sums);
  }
  visits.pages_per_session = pages.distribution();
  for (const auto& [index, sum] : sums) {
    PageBehaviour page;
    page.page = index;
    page.views = sum.views;
    page.entry = sum.entries;
    page.exit_share = sum.views > 0 ? sum.exits / sum.views : 0;
    page.next = weighted(sum.next);
    page.think_s = sum.think_s.distribution();
    page.first = sum.first.burst();
    page.later = sum.later.burst();
    visits.pages.push_back(std::move(page));
  }
  std::ranges::stable_sort(visits.pages, std::greater(), &PageBehaviour::views);
  return visits;
}

}  // namespace

std::vector<VisitKind> visits_of(const PopulationTally& tally, const Templates& templates) {
  constexpr double enough = 30;  // sessions, to tell a walk by
  std::vector<VisitKind> result;
  const std::span<const VisitTally> sizes(tally.visits);
  double left = tally.sessions();
  for (std::size_t from = 0; from < sizes.size() && left > 0;) {
    double sessions = 0;
    std::size_t to = from;
    while (to < sizes.size() && (sessions < enough || left - sessions < enough)) sessions += sizes[to++].sessions;
    result.push_back(visit_kind_of(sizes.subspan(from, to - from), templates));
    left -= sessions;
    from = to;
  }
  return result;
}

}  // namespace tenfold::rehearse
