#include "rehearse/learn/walk.hpp"

#include <algorithm>
#include <cmath>

namespace tenfold::rehearse {
namespace {

// After this long without a request, assets are those of a page that was not asked for here: gone back to, or given by
// a cache.
constexpr std::uint32_t most_quiet_ms = 30'000;
// An asset without a telling referer (a font, which a style sheet leads to) belongs to the page if it follows so soon.
constexpr std::uint32_t soon_ms = 10'000;
// Assets within this of each other come at one moment.
constexpr double at_once_s = 0.5;

}  // namespace

void Walk::close(View& view, PopulationTally& tally) {
  if (!view.open) return;
  PageTally& page = tally.pages[view.page];
  BurstTally& burst = view.first ? page.first : page.later;
  burst.size.add(view.assets);
  burst.together.add(view.assets, view.offsets, view.offsets_squared);
  view.open = false;
}

void Walk::begin(std::uint16_t page, std::uint32_t target, std::uint32_t at_ms, PopulationTally& tally) {
  if (pages_ > 0) {
    PageTally& from = tally.pages[views_[0].page];
    from.next[page] += 1;
    thinks_.push_back({views_[0].page, (at_ms - views_[0].at_ms) / 1000.0});
  }
  close(views_[1], tally);
  views_[1] = views_[0];
  views_[0] = {.page = page, .first = pages_ == 0, .open = true, .target = target, .at_ms = at_ms, .last_ms = at_ms};
  PageTally& to = tally.pages[page];
  to.views += 1;
  to.entries += pages_ == 0;
  ++pages_;
  if (pages_ > length_classes.back()) settle_thinks(tally);
}

void Walk::settle_thinks(PopulationTally& tally) {
  const auto of = std::lower_bound(length_classes.begin(), length_classes.end() - 1, pages_) - length_classes.begin();
  for (const Think& think : thinks_) tally.pages[think.page].think_s[static_cast<std::size_t>(of)].add(think.seconds);
  thinks_.clear();
}

void Walk::page(const Visit& visit, PopulationTally& tally) {
  begin(visit.shape, visit.target, visit.offset_ms, tally);
  tally.requests += 1;
}

void Walk::asset(const Visit& visit, Referer referer, PopulationTally& tally) {
  View* view = nullptr;
  for (auto& each : views_)
    if (view == nullptr && each.open && each.target == visit.referer && visit.offset_ms - each.last_ms <= most_quiet_ms)
      view = &each;
  if (view == nullptr && views_[0].open && referer != Referer::other_site &&
      visit.offset_ms - views_[0].last_ms <= soon_ms)
    view = &views_[0];
  if (view == nullptr) {
    begin(referer == Referer::none         ? elsewhere_app
          : referer == Referer::other_site ? elsewhere_site
                                           : elsewhere_cache,
          visit.referer, visit.offset_ms, tally);
    view = &views_[0];
  }
  ++view->assets;
  view->last_ms = visit.offset_ms;
  PageTally& page = tally.pages[view->page];
  BurstTally& burst = view->first ? page.first : page.later;
  burst.assets[visit.shape] += 1;
  const double offset_s = (visit.offset_ms - view->at_ms) / 1000.0;
  burst.offset_s.add(offset_s);
  const double logarithm = std::log(offset_s + at_once_s);
  view->offsets += logarithm;
  view->offsets_squared += logarithm * logarithm;
  tally.requests += 1;
}

void Walk::end(PopulationTally& tally) {
  if (pages_ == 0) return;
  settle_thinks(tally);
  tally.pages[views_[0].page].exits += 1;
  close(views_[1], tally);
  close(views_[0], tally);
  tally.pages_per_session.add(pages_);
  tally.sessions += 1;
}

}  // namespace tenfold::rehearse
