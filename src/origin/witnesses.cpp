#include "origin/witnesses.hpp"

#include <algorithm>

namespace tenfold::origin {

// Forgets what is old, once a second.
void Witnesses::tidy(Kept& kept, TimePoint now) {
  if (now - kept.tidied < std::chrono::seconds(1)) return;
  kept.tidied = now;
  std::erase_if(kept.targets, [&](const Target& target) { return now - target.last > memory; });
  for (auto& [server, failures] : kept.failures) {
    std::erase_if(failures, [&](const Failure& failure) { return now - failure.at > memory; });
  }
  std::erase_if(kept.failures, [](const auto& entry) { return entry.second.empty(); });
  std::uint64_t bits = 0;
  for (const Target& target : kept.targets) bits |= std::uint64_t{1} << (target.hash & 63);
  in_question_.store(bits, std::memory_order_relaxed);
}

Witnesses::Target& Witnesses::target_of(Kept& kept, std::uint32_t server, std::uint64_t hash) {
  const auto known =
      std::find_if(kept.targets.begin(), kept.targets.end(), [&](const Target& each) { return each.hash == hash; });
  if (known != kept.targets.end()) return *known;
  if (kept.targets.size() == most_kept) kept.targets.pop_front();
  return kept.targets.emplace_back(Target{.hash = hash, .failed_on = server});
}

Witnesses::Blame Witnesses::hear(std::uint32_t server, std::uint64_t client, std::uint64_t target, TimePoint now) {
  return kept_.with([&](Kept& kept) {
    tidy(kept, now);
    in_question_.fetch_or(std::uint64_t{1} << (target & 63), std::memory_order_relaxed);
    Target& asked = target_of(kept, server, target);
    asked.last = now;
    asked.failed_elsewhere = asked.failed_elsewhere || asked.failed_on != server;
    // What was answered well by this very server says nothing about the others.
    const bool good_elsewhere = asked.good_on != none && asked.good_on != server;
    std::deque<Failure>& failures = kept.failures[server];
    const auto of_client =
        std::count_if(failures.begin(), failures.end(), [&](const Failure& each) { return each.client == client; });
    const bool target_known =
        std::any_of(failures.begin(), failures.end(), [&](const Failure& each) { return each.target == target; });
    if (failures.size() == most_kept) failures.pop_front();
    failures.push_back({client, target, now});
    const bool client_known = client != 0 && of_client != 0;
    Blame blame = client_known || target_known ? Blame::request : Blame::server;
    if (asked.failed_elsewhere) blame = Blame::request;
    if (good_elsewhere) blame = client == 0 || of_client < most_of_one ? Blame::server : Blame::request;
    return blame;
  });
}

void Witnesses::answered_well(std::uint32_t server, std::uint64_t target, TimePoint now) {
  kept_.with([&](Kept& kept) {
    for (Target& each : kept.targets) {
      if (each.hash == target) each.good_on = server;
    }
    tidy(kept, now);
  });
}

}  // namespace tenfold::origin
