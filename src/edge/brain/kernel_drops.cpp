#include "edge/brain/kernel_drops.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "guard/ladder/measure.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::edge {

using guard::judging::Subject;
using guard::judging::SubjectLevel;
using guard::kernel::KernelBlocks;

std::optional<guard::Prefix> prefix_of(const Subject& subject) {
  if (subject.level > SubjectLevel::block) return {};
  return guard::prefix_of(static_cast<guard::Level>(subject.level), static_cast<std::uint64_t>(subject.id));
}

const KernelBlocks::Block* KernelView::find(const guard::Prefix& prefix) const {
  const auto found = std::ranges::find(blocks, prefix, &KernelBlocks::Block::prefix);
  return found == blocks.end() ? nullptr : &*found;
}

void KernelDrops::allow(std::vector<net::IpNetwork> networks) {
  if (blocks_ == nullptr) return;
  allowed_ = std::move(networks);
  allowing_ = Allowing::due;
  try_again_ = true;
}

std::size_t KernelDrops::deny(std::span<const DeniedNetwork> networks) {
  if (blocks_ == nullptr) return 0;
  denied_.set(networks);
  try_again_ = true;
  return denied_.left_out();
}

bool KernelDrops::has_allowed() {
  if (allowing_ == Allowing::none) return true;
  const auto allowed = blocks_->allow(allowed_);
  if (!allowed) {
    if (allowing_ == Allowing::due) log::warn("guard: the kernel drops nobody: {}", allowed.error().text());
    allowing_ = Allowing::failed;
    try_again_ = true;
    return false;
  }
  allowing_ = Allowing::none;
  return true;
}

void KernelDrops::follow(const guard::ladder::Plan& plan, GuardMode mode, std::span<const Subject> seen,
                         TimePoint now) {
  if (blocks_ == nullptr) return;
  blocks_->forget_over(now);
  const bool again = std::exchange(try_again_, false);
  const bool is_due = again || denied_.is_due(now);
  if (!is_due && plan.revision == seen_plan_ && mode == seen_mode_ && seen.empty() && lifted_.empty()) return;
  seen_plan_ = plan.revision;
  seen_mode_ = mode;
  if (!has_allowed()) mode = GuardMode::observe;
  std::erase_if(lifted_, [&](const guard::Prefix& prefix) { return take_out(prefix); });
  ByPrefix<TimePoint> wanted;
  Prefixes shut_out;
  for (const guard::ladder::Measure& each : plan.measures) {
    const bool whole = each.reach == guard::ladder::Measure::Reach::all;
    const auto prefix = prefix_of(each.subject);
    if (each.step < Step::refuse || !whole || !prefix) continue;
    shut_out.insert(*prefix);
    if (each.step == Step::drop) wanted.emplace(*prefix, each.until);
  }
  for (const Subject& subject : seen) {
    const auto prefix = prefix_of(subject);
    if (prefix && shut_out.contains(*prefix)) seen_.insert(*prefix);
  }
  absl::erase_if(seen_, [&](const guard::Prefix& prefix) { return !shut_out.contains(prefix); });
  take_out_others(wanted, mode, now);
  if (mode != GuardMode::enforce) return denied_.nothing_is_in_kernel();
  put(wanted, now);
  if (denied_.put(*blocks_, wanted, now)) return;
  ++not_taken_;
  try_again_ = true;
}

void KernelDrops::take_out_others(const ByPrefix<TimePoint>& wanted, GuardMode mode, TimePoint now) {
  if (blocks_->size() == 0) return;
  for (const KernelBlocks::Block& block : blocks_->list(now)) {
    const bool is_wanted = block.is_left || wanted.contains(block.prefix) || denied_.contains(block.prefix);
    const bool stays = mode == GuardMode::enforce && is_wanted;
    if (!stays) take_out(block.prefix);
  }
}

void KernelDrops::put(const ByPrefix<TimePoint>& wanted, TimePoint now) {
  for (const auto& [prefix, until] : wanted) {
    if (denied_.contains(prefix)) continue;
    const auto end = blocks_->end_of(prefix, now);
    if (end == until || (!end && !seen_.contains(prefix))) continue;
    if (blocks_->add(prefix, until, now)) continue;
    ++not_taken_;
    try_again_ = true;
  }
}

// True: it is. Else another time.
bool KernelDrops::take_out(const guard::Prefix& prefix) {
  if (blocks_->remove(prefix)) return true;
  try_again_ = true;
  return false;
}

void KernelDrops::lift(const guard::Prefix& prefix) {
  if (blocks_ != nullptr) lifted_.push_back(prefix);
}

KernelView KernelDrops::view(TimePoint now) const {
  KernelView view;
  if (blocks_ == nullptr) return view;
  view.words = blocks_->words();
  view.blocks = blocks_->list(now);
  view.total = view.blocks.size();
  if (view.blocks.size() > KernelView::most_shown) view.blocks.resize(KernelView::most_shown);
  view.denied = denied_.in_kernel();
  view.not_taken = not_taken_;
  view.counts = blocks_->counts();
  return view;
}

}  // namespace tenfold::edge
