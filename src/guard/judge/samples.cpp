#include "guard/judge/samples.hpp"

namespace tenfold::guard::judging {

void SubjectCounts::fade(double keep) {
  requests *= keep;
  asked *= keep;
  answered *= keep;
  origin_ms *= keep;
  errors *= keep;
  challenges_shown *= keep;
  challenges_ignored *= keep;
  challenges_solved *= keep;
  pages *= keep;
  assets *= keep;
  half_sent *= keep;
  known *= keep;
}

void SubjectCounts::add(const SubjectCounts& more) {
  requests += more.requests;
  asked += more.asked;
  answered += more.answered;
  origin_ms += more.origin_ms;
  errors += more.errors;
  challenges_shown += more.challenges_shown;
  challenges_ignored += more.challenges_ignored;
  challenges_solved += more.challenges_solved;
  pages += more.pages;
  assets += more.assets;
  half_sent += more.half_sent;
  known += more.known;
}

}  // namespace tenfold::guard::judging
