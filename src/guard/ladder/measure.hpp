#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "guard/judge/finding.hpp"
#include "guard/judge/subject_id.hpp"
#include "guard/ladder/step.hpp"

namespace tenfold::guard::ladder {

// Why a subject is not taken further up.
enum class Bar : std::uint8_t {
  none,
  calm,             // there is enough for everyone
  too_few_visits,   // of known customers, to try it on
  hits_customers,   // more than a small share of them would be hit
  shared,           // known customers are behind it: never dropped
  solvers,          // some behind it solve challenges
  people_in_trial,  // a tenth of its clients was tried, and people were among them
  people_awaited,   // it has been asked to solve challenges for too short a time to say that nobody there does
  nobody_in_trial,  // a tenth of its clients was tried, and none came
  no_address,       // the kernel cannot tell it
  lifted,           // by the owner
};
std::string_view words(Bar bar);

// What is done with one subject, for how long, and why.
struct Measure {
  judging::Subject subject;
  Step step = Step::serve;
  // For whom: all of its clients, or a tenth, on which it is tried for two seconds.
  enum class Reach : std::uint8_t { all, canary } reach = Reach::all;
  Step elsewhere = Step::serve;  // for its other clients, while it is tried
  TimePoint since{};             // it is at this step
  TimePoint until{};             // it steps down, unless it goes on
  std::uint8_t repeats = 0;      // it had to be taken again
  Bar bar = Bar::none;
  judging::Charge charge = judging::Charge::takes_more;
  judging::Evidence evidence{};  // as last seen
  // On what its step was taken: who is refused shows no more for what. Empty: it was kept over a restart.
  struct Grounds {
    judging::Charge charge = judging::Charge::takes_more;
    judging::Evidence evidence{};
    bool operator==(const Grounds&) const = default;
  };
  std::optional<Grounds> taken_on{};

  // What a client of it meets.
  Step step_for(judging::SubjectId client) const;
  std::string reason() const;  // "asks for 4000 ms of origin time a second, ..."
  bool operator==(const Measure&) const = default;
};

// One client in ten, another tenth for each subject.
bool in_canary(const judging::Subject& subject, judging::SubjectId client);

// What a window showed of a measure that is tried. Clients, not requests: whoever asks often is one.
struct CanarySample {
  judging::Subject subject;
  std::uint32_t hit = 0;     // clients that met it for the first time
  std::uint32_t people = 0;  // of these: solved a challenge, or bore a clearance or a known customer's cookie
};

}  // namespace tenfold::guard::ladder
