#include "edge/brain/kept_measures.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>

#include "base/hmac.hpp"
#include "guard/judge/finding.hpp"
#include "guard/judge/subject_id.hpp"
#include "guard/known/sealed.hpp"
#include "guard/ladder/step.hpp"

namespace tenfold::edge {

using guard::ladder::Measure;
using guard::ladder::Step;

namespace {

// Since when there is trouble (milliseconds since 1970; none: 0), then for each measure: level, step, repeats and
// charge (a byte each), id, since, until (8 each; times as before), evidence (as it is in memory).
constexpr std::string_view measures_kind = "measures 1";

std::int64_t ms_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

WallTime time_of(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

// What is tried on a part of the clients is not proven: kept is what the others have.
Step step_kept(const Measure& measure) {
  return measure.reach == Measure::Reach::all ? measure.step : measure.elsewhere;
}

template <class Enum>
bool take(guard::SealedReader& reader, Enum& value, Enum last) {
  std::uint8_t number = 0;
  if (!reader.take(number) || number > static_cast<std::uint8_t>(last)) return false;
  value = static_cast<Enum>(number);
  return true;
}

// A wall-clock time of the file as one of this process's, and no further from now than it can have been.
TimePoint here(std::int64_t ms, TimePoint now, WallTime wall_now) {
  const auto off = std::chrono::milliseconds(ms) - wall_now.time_since_epoch();
  const Duration most = guard::ladder::longest_lifetime;
  return now + std::clamp<Duration>(off, -most, most);
}

bool take_measure(guard::SealedReader& reader, Measure& measure, TimePoint now, WallTime wall_now) {
  std::int64_t since_ms = 0, until_ms = 0;
  const bool whole = take(reader, measure.subject.level, guard::judging::SubjectLevel::block) &&
                     take(reader, measure.step, Step::drop) && reader.take(measure.repeats) &&
                     take(reader, measure.charge, guard::judging::Charge::breaks_protocol) &&
                     reader.take(measure.subject.id) && reader.take(since_ms) && reader.take(until_ms) &&
                     reader.take(measure.evidence);
  if (!whole || measure.repeats > guard::ladder::most_repeats) return false;
  measure.since = here(since_ms, now, wall_now);
  measure.until = here(until_ms, now, wall_now);
  return true;
}

}  // namespace

SipKey measures_key(std::string_view secret) { return sip_key(hmac_sha256(secret, "measures of the guard")); }

std::string save_measures(const SipKey& key, std::span<const Measure> measures, std::optional<WallTime> trouble_began,
                          TimePoint now, WallTime wall_now) {
  std::vector<const Measure*> kept;
  for (const Measure& measure : measures) {
    const bool has_address = measure.subject.level <= guard::judging::SubjectLevel::block;
    if (has_address && step_kept(measure) > Step::behind) kept.push_back(&measure);
  }
  if (kept.size() > most_kept) {
    std::ranges::nth_element(kept, kept.begin() + most_kept, std::greater<>(), &Measure::until);
    kept.resize(most_kept);
  }
  std::string content;
  guard::append_number(content, trouble_began ? ms_of(*trouble_began) : std::int64_t{0});
  for (const Measure* const measure : kept) {
    guard::append_number(content, measure->subject.level);
    guard::append_number(content, step_kept(*measure));
    guard::append_number(content, measure->repeats);
    guard::append_number(content, measure->charge);
    guard::append_number(content, measure->subject.id);
    guard::append_number(content, ms_of(wall_now + (measure->since - now)));
    guard::append_number(content, ms_of(wall_now + (measure->until - now)));
    guard::append_number(content, measure->evidence);
  }
  return guard::seal(key, measures_kind, content);
}

Result<KeptMeasures> load_measures(const SipKey& key, std::string_view saved, TimePoint now, WallTime wall_now) {
  const auto content = guard::unseal(key, measures_kind, saved);
  if (!content) return std::unexpected(content.error());
  guard::SealedReader reader(*content);
  KeptMeasures kept;
  std::int64_t trouble_ms = 0;
  if (!reader.take(trouble_ms)) return fail(Errc::invalid, "is damaged");
  if (trouble_ms > 0 && time_of(trouble_ms) <= wall_now) kept.trouble_began = time_of(trouble_ms);
  while (!reader.done()) {
    Measure measure;
    if (kept.measures.size() == most_kept || !take_measure(reader, measure, now, wall_now)) {
      return fail(Errc::invalid, "is damaged");
    }
    if (measure.until > now) kept.measures.push_back(measure);
  }
  return kept;
}

}  // namespace tenfold::edge
