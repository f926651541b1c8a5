#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/result.hpp"
#include "edge/admit/guard_window.hpp"
#include "edge/brain/earlier_days.hpp"
#include "edge/brain/gather.hpp"
#include "edge/brain/history.hpp"
#include "edge/brain/kept.hpp"
#include "edge/brain/kernel_drops.hpp"
#include "edge/brain/told_steps.hpp"
#include "edge/brain/unknown_proxies.hpp"
#include "edge/guard_policy.hpp"
#include "guard/judge/judge.hpp"
#include "guard/known/crawler_verdicts.hpp"
#include "guard/known/owner_lists.hpp"
#include "guard/ladder/audit.hpp"
#include "guard/ladder/ladder.hpp"
#include "guard/limit/limiter.hpp"
#include "guard/measure/labels.hpp"
#include "guard/measure/ledger.hpp"
#include "origin/directory.hpp"

namespace tenfold::edge {

// What the brain knows and has decided, for people and programs.
struct GuardView {
  struct Pool {
    std::string name;
    guard::limit::Limiter::Explanation limit;
    std::uint32_t working = 0;
    std::uint32_t waiting = 0;
  };
  GuardMode mode = GuardMode::off;
  std::shared_ptr<const GuardRules> rules;  // null: nothing has been decided yet
  guard::ladder::Plan plan;
  guard::judging::Signals signals;
  std::optional<WallTime> posture_since;
  std::vector<Pool> pools;
  std::vector<guard::Heavy> clients;          // the heaviest first
  std::vector<guard::LabelsOfClient> labels;  // of each of the clients
  std::vector<guard::Heavy> networks;
  guard::UsageRates total;
  std::array<StandingWindow, guard::standings> by_standing{};  // since the start
  std::uint64_t shed = 0;                                      // likewise, from here on
  std::uint64_t denied = 0;
  std::uint64_t challenges_shown = 0;
  std::uint64_t challenges_solved = 0;
  std::uint64_t challenges_ignored = 0;
  std::uint64_t orders_seen = 0;  // confirmed by an origin
  std::uint64_t burnt_us = 0;
  std::uint64_t burnt_turned_away = 0;
  std::uint64_t burnt_closed = 0;
  std::uint32_t busy_workers = 0;  // short of a core now
  KernelView kernel;
  std::vector<UnknownProxies::Note> unknown_proxies;  // the heaviest first
  guard::OwnerEntries lists;
  std::uint64_t lists_revision = 0;
  std::size_t crawlers = 0;   // addresses that are proven to be a crawler's
  std::size_t customers = 0;  // clients and networks from which orders came in the last 30 days
};

// The guard's one place of decision: takes what the workers counted, every 100 ms, and says how much each pool is sent
// at once, how things stand and what is done about whom. Pure but for the windows and PoolLoad::limit. One thread, but
// for set_rules(), view() and history().
class Brain {
 public:
  struct Setup {
    const Clock& clock;
    origin::Directory& directory;
    guard::Meter::Options meter;
    std::string secret;                // of tokens, and of what is kept
    std::string previous_secret = {};  // opens tokens that were signed with it; empty: there is none
    // Visitors that the waiting room may let in, a second. Empty: there is none.
    std::function<void(double)> set_room_rate = {};
    std::unique_ptr<guard::kernel::KernelBlocks> kernel = {};  // none: whoever would be dropped is refused
    std::string why_no_kernel = {};
  };
  explicit Brain(Setup setup);

  // From any thread: what the owner wants from the next step on.
  void set_rules(std::shared_ptr<const GuardRules> rules, std::uint32_t uploads_per_client);
  // From any thread: what has been found out about crawlers, in force with the next step.
  void set_crawlers(std::shared_ptr<const guard::CrawlerVerdicts> crawlers);
  // What to_keep() gave before the start; before the first step. What cannot be read is said and left out.
  void restore(const Kept& kept);
  // Takes the windows, decides, and gives them back. What is to be in force from now on; null: nothing has changed.
  std::shared_ptr<const GuardPolicy> step(std::span<WindowExchange* const> exchanges);

  // After a step: what is to be kept by now. May cost a tenth of a second for millions of customers, once a minute.
  Kept to_keep();
  Kept to_keep_last();  // at the end: all that is new

  GuardView view() const {
    return view_.with([](const GuardView& view) { return view; });
  }
  History::Found history(const History::Question& question) const {
    return history_.with([&](const History& history) { return history.find(question); });
  }
  // The owner's lists; in force with the next step. From any thread. Errors of add(): exhausted.
  Result<void> add(guard::OwnerList list, guard::OwnerEntry entry);
  bool take_out(guard::OwnerList list, const net::IpNetwork& network);  // false: it is not in it
  guard::OwnerEntries entries() const;                                  // also those that are not in force yet
  // The owner lifts what is done about that subject. From any thread; takes effect with the next step.
  void lift(const guard::Prefix& prefix);

 private:
  struct Rules {
    std::shared_ptr<const GuardRules> rules;
    std::uint32_t uploads_per_client = 0;
    std::uint64_t revision = 0;
  };
  struct PoolState {
    std::shared_ptr<origin::PoolLoad> load;
    std::string name;
    std::uint32_t ceiling = 0;
    guard::limit::Limiter limiter;
    // Of the last second, each window its own: somebody who asks in all of them is one.
    struct LatelyMet {
      std::array<Parties, 10> known{}, others{};
      std::size_t next = 0;
    } lately{};
  };
  void remember_parties(std::span<const GatheredPool> gathered);

  void follow_topology();
  void set_limits(std::span<const GatheredPool> gathered, GuardMode mode, TimePoint now);
  guard::judging::Samples samples_of(const Windows& windows, std::span<const GatheredPool> gathered, GuardMode mode,
                                     TimePoint now) const;
  void remember(const Windows& windows, TimePoint now);
  void look_for_proxies(const Windows& windows, const Rules& rules, TimePoint now);
  std::vector<guard::ladder::CanarySample> canaries_of(const Windows& windows);
  void forget_trials(const guard::ladder::Plan& plan);
  void drop_in_kernel(const Windows& windows, const guard::ladder::Plan& plan, const Rules& rules, TimePoint now);
  void deny_in_kernel(const GuardRules& rules, const guard::OwnerEntries& entries, TimePoint now);
  std::shared_ptr<const GuardState> new_state(const guard::ladder::Plan& plan, TimePoint now);
  // What is known is not what the present state has.
  bool knows_more(guard::Day today);
  void set_room_rate(const guard::judging::Signals& signals) const;
  std::string kept_measures() const;
  std::optional<guard::OwnerEntries> new_lists();
  void show_lists(GuardView& view) const;
  void keep_history(const guard::ladder::Plan& plan, GuardMode mode, TimePoint now);
  void show(const Windows& windows, std::span<const GatheredPool> gathered, const guard::judging::Verdict& verdict,
            const guard::ladder::Plan& plan, const Rules& rules, TimePoint now);

  Setup setup_;
  Guarded<Rules> rules_;
  Guarded<std::shared_ptr<const guard::CrawlerVerdicts>> crawlers_;
  Guarded<std::vector<guard::Prefix>> to_lift_;
  Guarded<guard::OwnerLists> lists_;
  std::uint64_t kept_lists_ = 0;
  std::uint64_t allowed_lists_ = 0;  // that the kernel has
  std::uint64_t seen_rules_ = 0;
  guard::Ledger ledger_;
  guard::LabelBook labels_;  // of the heaviest clients
  guard::judging::Judge judge_;
  guard::ladder::Ladder ladder_;
  EarlierDays earlier_days_;
  KernelDrops kernel_;
  std::size_t denied_by_edge_ = 0;  // networks that the kernel cannot have
  UnknownProxies unknown_proxies_;
  std::uint64_t kept_plan_ = 0;
  TimePoint measures_due_{};
  // From before a restart: trouble that begins soon after it is the same.
  std::optional<WallTime> trouble_before_;
  TimePoint trouble_counts_until_{};
  std::shared_ptr<const guard::TokenKeys> keys_;
  std::vector<PoolState> pools_;
  std::uint64_t topology_version_ = 0;
  std::optional<TimePoint> last_;
  std::uint64_t seen_plan_ = 0;
  guard::judging::Posture seen_posture_ = guard::judging::Posture::calm;
  std::shared_ptr<const GuardState> state_;
  // Clients on whom a trial was seen already, by subject: each counts once.
  std::map<guard::judging::Subject, absl::flat_hash_map<std::uint64_t, bool>> tried_;
  Guarded<GuardView> view_;
  Guarded<History> history_;
  ToldSteps told_steps_;
  std::uint64_t told_to_ = 0;  // the number of the first step that the log has not been told of
  guard::judging::Posture told_posture_ = guard::judging::Posture::calm;
};

}  // namespace tenfold::edge
