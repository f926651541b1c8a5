#include "guard/judge/subject_id.hpp"

#include <array>
#include <cstddef>

namespace tenfold::guard::judging {

std::string_view name(SubjectLevel level) {
  static constexpr std::array<std::string_view, 6> names{"client",      "network", "block",
                                                         "fingerprint", "pattern", "strangers"};
  return names[static_cast<std::size_t>(level)];
}

std::array<Subject, 5> RequestSubjects::all() const {
  return {{{SubjectLevel::client, client},
           {SubjectLevel::network, network},
           {SubjectLevel::block, block},
           {SubjectLevel::fingerprint, fingerprint},
           {SubjectLevel::pattern, pattern}}};
}

}  // namespace tenfold::guard::judging
