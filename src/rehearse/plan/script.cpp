#include "rehearse/plan/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace tenfold::rehearse {
namespace {

Duration duration_of(double s) { return Duration(static_cast<std::int64_t>(s * 1e9)); }

std::vector<double> weights_of(const std::vector<Weighted>& list) {
  std::vector<double> weights;
  for (const Weighted& each : list) weights.push_back(each.weight);
  return weights;
}

// "100-999" or "8".
bool range_of(std::string_view text, std::uint64_t& from, std::uint64_t& to) {
  const std::size_t dash = text.find('-');
  const std::string_view low = text.substr(0, dash);
  const std::string_view high = dash == std::string_view::npos ? low : text.substr(dash + 1);
  return std::from_chars(low.data(), low.data() + low.size(), from).ec == std::errc() &&
         std::from_chars(high.data(), high.data() + high.size(), to).ec == std::errc() && from <= to;
}

std::string letters(std::string_view alphabet, std::uint64_t count, Random& random) {
  std::string text;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, 64); ++i)
    text += alphabet[random.below(alphabet.size())];
  return text;
}

}  // namespace

std::string made_up(std::string_view pattern, Random& random) {
  std::string text;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    if (close == std::string_view::npos) return text + std::string(pattern.substr(open));
    const std::string_view inside = pattern.substr(open + 1, close - open - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view kind = inside.substr(0, colon);
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    const bool ranged = colon != std::string_view::npos && range_of(inside.substr(colon + 1), from, to);
    if (ranged && kind == "number") {
      text += std::to_string(from + random.below(to - from + 1));
    } else if (ranged && kind == "word") {
      text += letters("abcdefghijklmnopqrstuvwxyz", from + random.below(to - from + 1), random);
    } else if (ranged && kind == "hex") {
      text += letters("0123456789abcdef", from + random.below(to - from + 1), random);
    } else {
      text += pattern.substr(open, close - open + 1);
    }
    pattern.remove_prefix(close + 1);
  }
  return text;
}

namespace {

std::vector<double> running_sums(const std::vector<KnownTarget>& targets) {
  std::vector<double> sums;
  double sum = 0;
  for (const KnownTarget& target : targets) sums.push_back(sum += target.weight);
  return sums;
}

// The last stands for all above: a weight of nothing chooses nothing.
std::size_t place_of(const std::vector<double>& sums, double mark) {
  return static_cast<std::size_t>(std::upper_bound(sums.begin(), sums.end() - 1, mark) - sums.begin());
}

Invented invented_by(std::string_view pattern) {
  const std::size_t first = pattern.find('{');
  if (first == std::string_view::npos) return Invented::nothing;
  return first > pattern.find('?') ? Invented::values : Invented::path;
}

// Of the requests: the rare ones, as far as patterns stand for them.
double made_up_share(const Template& of, const std::vector<double>& sums) {
  if (sums.empty()) return 0;
  const double rare = of.rare_share * of.requests;
  return rare > 0 ? of.rare_share * std::min(1.0, sums.back() / rare) : of.rare_share;
}

}  // namespace

TargetChoice::TargetChoice(const Template& of)
    : of_(of),
      until_(running_sums(of.targets)),
      like_until_(running_sums(of.rare_like)),
      made_up_(made_up_share(of, like_until_)),
      unnamed_(std::max(0.0, of.rare_share - made_up_share(of, like_until_))),
      conditional_(of.conditional_share) {}

const KnownTarget& TargetChoice::pattern(Random& random) const {
  return of_.rare_like[place_of(like_until_, random.unit() * like_until_.back())];
}

TargetChoice::Chosen TargetChoice::next(Random& random, std::deque<std::string>& made) {
  if (until_.empty() || made_up_.next()) {
    const std::string& like = pattern(random).target;
    return {made.emplace_back(made_up(like, random)), invented_by(like)};
  }
  // The less popular half: what is seldom asked for is in no cache.
  if (unnamed_.next()) {
    const std::size_t first = of_.targets.size() / 2;
    return {of_.targets[first + random.below(of_.targets.size() - first)].target, Invented::nothing};
  }
  return {of_.targets[place_of(until_, strata_.next(random) * until_.back())].target, Invented::nothing};
}

VisitScript::BurstScript::BurstScript(const Burst& of)
    : burst(&of), size(of.size), gap(of.gap_s, Values::Exact::quantiles), assets(weights_of(of.assets)) {}

VisitScript::PageScript::PageScript(const PageBehaviour& of)
    : page(&of),
      think(of.think_s, Values::Exact::quantiles),
      next(weights_of(of.next)),
      first(of.first),
      later(of.later) {}

VisitScript::VisitScript(const VisitKind& visits, std::vector<TargetChoice>& targets, const TrafficModel& model,
                         std::uint64_t seed)
    : model_(model), targets_(targets), random_(seed), length_(visits.pages_per_session) {
  std::unordered_map<std::uint32_t, std::size_t> position;
  std::vector<double> entries;
  for (const PageBehaviour& page : visits.pages) {
    position.emplace(page.page, pages_.size());
    entries.push_back(page.entry);
    pages_.emplace_back(page);
  }
  entry_ = Shares(entries);
  for (PageScript& page : pages_) {
    for (const Weighted& next : page.page->next) page.next_position.push_back(position.at(next.index));
  }
}

double VisitScript::think(std::size_t page) { return pages_[page].think.next(random_); }

std::size_t VisitScript::go_on(std::size_t from) {
  PageScript& page = pages_[from];
  return page.next.empty() ? enter() : page.next_position[page.next.next(random_)];
}

void VisitScript::draw_burst(std::size_t at, bool is_first, std::vector<double>& moments_s) {
  moments_s.clear();
  PageScript& page = pages_[at];
  BurstScript& burst = is_first ? page.first : page.later;
  if (burst.assets.empty()) return;
  const bool asks = model_.templates[page.page->page].kind != Template::Kind::elsewhere;
  double moment_s = 0;
  for (std::uint32_t left = burst.size.next_whole(random_); left > 0; --left) {
    // A page from elsewhere is known of by its first asset.
    if (asks || !moments_s.empty()) moment_s += burst.gap.next(random_);
    moments_s.push_back(moment_s);
  }
}

void VisitScript::fill(std::size_t at, bool is_first, const std::vector<double>& moments_s, PlannedPage& out,
                       std::deque<std::string>& made) {
  PageScript& page = pages_[at];
  out.template_index = page.page->page;
  out.assets.clear();
  const bool asks = model_.templates[out.template_index].kind != Template::Kind::elsewhere;
  const TargetChoice::Chosen chosen = asks ? targets_[out.template_index].next(random_, made) : TargetChoice::Chosen();
  out.target = chosen.target;
  out.invented = chosen.invented;
  out.conditional = asks && targets_[out.template_index].conditional();
  BurstScript& burst = is_first ? page.first : page.later;
  for (const double moment_s : moments_s) {
    PlannedAsset asset;
    asset.template_index = burst.burst->assets[burst.assets.next(random_)].index;
    const TargetChoice::Chosen picked = targets_[asset.template_index].next(random_, made);
    asset.target = picked.target;
    asset.invented = picked.invented;
    asset.conditional = targets_[asset.template_index].conditional();
    asset.after_page = duration_of(moment_s);
    out.assets.push_back(asset);
  }
}

void PlannedWalk::step() {
  page_ = where_ == Where::outside ? script_.enter() : script_.go_on(page_);
  where_ = where_ == Where::outside ? Where::first : Where::later;
  --left_;
  script_.draw_burst(page_, where_ == Where::first, moments_s_);
  think_s_ = left_ > 0 ? script_.think(page_) : 0;
}

bool PlannedWalk::catch_up(double ago) {
  elapsed_s_ = ago;
  while (left_ > 0) {
    step();
    const double stay_s = (moments_s_.empty() ? 0 : moments_s_.back()) + think_s_;
    if (elapsed_s_ < stay_s) return stands_ = true;
    elapsed_s_ -= stay_s;
  }
  return false;
}

// What is left of the page that it stands on.
void PlannedWalk::finish_page(PlannedPage& page) {
  script_.fill(page_, where_ == Where::first, moments_s_, page, made_);
  const double burst_s = moments_s_.empty() ? 0 : moments_s_.back();
  const Duration elapsed = duration_of(elapsed_s_);
  std::erase_if(page.assets, [&](const PlannedAsset& asset) { return asset.after_page < elapsed; });
  for (PlannedAsset& asset : page.assets) asset.after_page -= elapsed;
  page.target = {};
  // Of the think time, what is not over yet; the next page comes later than this one, if by a hair.
  const double over_s = std::max(0.0, elapsed_s_ - burst_s);
  page.think = left_ > 0 ? std::max(duration_of(think_s_ - over_s), Duration(1)) : Duration::zero();
}

bool PlannedWalk::next(PlannedPage& page) {
  made_.clear();
  if (std::exchange(stands_, false)) {
    finish_page(page);
    return true;
  }
  if (left_ == 0) return false;
  step();
  page.think = left_ > 0 ? duration_of(think_s_) : Duration::zero();
  script_.fill(page_, where_ == Where::first, moments_s_, page, made_);
  return true;
}

}  // namespace tenfold::rehearse
