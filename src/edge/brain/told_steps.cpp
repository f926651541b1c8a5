#include "edge/brain/told_steps.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "edge/brain/kernel_drops.hpp"

namespace tenfold::edge {

namespace {

// Up, by what was found. What all strangers meet is told with the posture, and what was kept was told before.
bool is_worth_telling(const guard::ladder::AuditEntry& entry) {
  using guard::ladder::Cause;
  return entry.to > entry.from && entry.to > Step::behind && entry.cause != Cause::posture &&
         entry.cause != Cause::kept;
}

}  // namespace

std::string ToldSteps::text(const guard::ladder::AuditEntry& entry) {
  const auto prefix = prefix_of(entry.subject);
  const bool is_tried = entry.reach == guard::ladder::Measure::Reach::canary;
  return fmt::format("{}: {}{}, before: {} ({})",
                     prefix ? prefix->text() : std::string(guard::judging::name(entry.subject.level)),
                     guard::ladder::name(entry.to), is_tried ? ", tried on a tenth of its clients" : "",
                     guard::ladder::name(entry.from), entry.reason());
}

void ToldSteps::tell(std::span<const guard::ladder::AuditEntry> entries, GuardMode mode, TimePoint now) {
  if (now - began_ >= interval) {
    if (untold_ != 0) log::info("guard: {} more steps were taken: GET /api/v1/blocks/audit has them", untold_);
    untold_ = 0;
    told_ = 0;
  }
  for (const guard::ladder::AuditEntry& entry : entries) {
    if (!is_worth_telling(entry)) continue;
    if (told_ == 0) began_ = now;
    if (told_ == most) {
      ++untold_;
      continue;
    }
    ++told_;
    ++told_ever_;
    log::info("guard{}: {}", mode == GuardMode::observe ? " (observes only)" : "", text(entry));
  }
}

}  // namespace tenfold::edge
