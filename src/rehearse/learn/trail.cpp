#include "rehearse/learn/trail.hpp"

namespace tenfold::rehearse {
namespace {

// After this long without a request, assets are those of a page that was not asked for here: gone back to, or given by
// a cache.
constexpr std::uint32_t most_quiet_ms = 30'000;
// An asset without a telling referer (a font, which a style sheet leads to) belongs to the page if it follows so soon.
constexpr std::uint32_t soon_ms = 10'000;

}  // namespace

std::uint8_t VisitSize::index() const {
  constexpr std::array<std::size_t, 4> up_to{10, 30, 80, 200};  // requests
  constexpr std::size_t many_pictures = 10;                     // requests a page
  if (requests <= 1) return 0;
  if (pages <= 1) return requests <= up_to[0] ? 1 : 2;
  std::size_t part = 0;
  while (part < up_to.size() && requests > up_to[part]) ++part;
  return static_cast<std::uint8_t>(3 + 2 * part + (requests >= many_pictures * pages ? 1 : 0));
}

double PopulationTally::sessions() const {
  double sum = 0;
  for (const VisitTally& each : visits) sum += each.sessions;
  return sum;
}

double PopulationTally::requests() const {
  double sum = 0;
  for (const VisitTally& each : visits) sum += each.requests;
  return sum;
}

void Trail::close(View& view, VisitTally& tally) {
  if (!view.open) return;
  PageTally& page = tally.pages[view.page];
  BurstTally& burst = view.first ? page.first : page.later;
  burst.size.add(view.assets);
  view.open = false;
}

void Trail::begin(std::uint16_t page, std::uint32_t target, std::uint32_t at_ms, VisitTally& tally) {
  if (pages_ > 0) {
    PageTally& from = tally.pages[views_[0].page];
    from.next[page] += 1;
    from.think_s.add((at_ms - last_ms_) / 1000.0);
  }
  close(views_[1], tally);
  views_[1] = views_[0];
  views_[0] = {.page = page, .first = pages_ == 0, .open = true, .target = target, .last_ms = at_ms};
  PageTally& to = tally.pages[page];
  to.views += 1;
  to.entries += pages_ == 0;
  last_ms_ = at_ms;
  ++pages_;
}

void Trail::page(const Visit& visit, VisitTally& tally) {
  begin(visit.shape, visit.target, visit.offset_ms, tally);
  tally.requests += 1;
}

void Trail::asset(const Visit& visit, Referer referer, VisitTally& tally) {
  View* view = nullptr;
  for (auto& each : views_)
    if (view == nullptr && each.open && each.target == visit.referer && visit.offset_ms - each.last_ms <= most_quiet_ms)
      view = &each;
  if (view == nullptr && views_[0].open && referer != Referer::other_site &&
      visit.offset_ms - views_[0].last_ms <= soon_ms)
    view = &views_[0];
  const bool page_from_elsewhere = view == nullptr;
  if (page_from_elsewhere) {
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
  // Also where its page has been left since: what comes in a row is what is played. The first one of a page from
  // elsewhere is when that page is known of.
  const bool first_sign = page_from_elsewhere && view->assets == 1;
  if (!first_sign) burst.gap_s.add((visit.offset_ms - last_ms_) / 1000.0);
  last_ms_ = visit.offset_ms;
  tally.requests += 1;
}

void Trail::end(VisitTally& tally) {
  if (pages_ == 0) return;
  tally.pages[views_[0].page].exits += 1;
  close(views_[1], tally);
  close(views_[0], tally);
  tally.pages_per_session.add(pages_);
  tally.sessions += 1;
}

}  // namespace tenfold::rehearse
