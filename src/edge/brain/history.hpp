#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "guard/judge/posture.hpp"
#include "guard/ladder/audit.hpp"
#include "guard/ladder/plan.hpp"
#include "net/address.hpp"

namespace tenfold::edge {

// What the guard did, for those who ask the morning after: how things stood and when that changed, and whom it took
// which step with. The two are apart, so that a siege's steps push no posture out. Bounded: the oldest go. One thread.
class History {
 public:
  static constexpr std::size_t most_steps = 10'000;  // a megabyte or so
  static constexpr std::size_t most_changes = 256;

  struct PostureChange {
    TimePoint at{};
    guard::judging::Posture from = guard::judging::Posture::calm;
    guard::judging::Posture to = guard::judging::Posture::calm;
    std::string looks_like;
    std::vector<std::string> reasons;
  };
  struct Step {
    std::uint64_t number = 0;  // from 0 on, none twice
    guard::ladder::AuditEntry entry;
  };
  // Which steps are asked for: the newest `most` of those with a number of since..before-1, of whoever is in `of` or
  // whose network `of` is in.
  struct Question {
    std::uint64_t since = 0;
    std::uint64_t before = UINT64_MAX;
    std::size_t most = 200;
    std::optional<net::IpNetwork> of = {};
  };
  struct Found {
    std::vector<Step> steps;             // the newest first
    std::vector<PostureChange> changes;  // likewise
    std::uint64_t total = 0;             // steps that there ever were
  };

  // What the trail has new.
  void follow(const guard::ladder::AuditTrail& trail);
  void note(guard::judging::Posture from, const guard::ladder::Plan& to, TimePoint now);
  Found find(const Question& question) const;

 private:
  guard::ladder::AuditTrail steps_{most_steps};
  std::uint64_t seen_ = 0;
  std::deque<PostureChange> changes_;
};

}  // namespace tenfold::edge
