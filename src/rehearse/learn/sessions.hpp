#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "rehearse/learn/agents.hpp"
#include "rehearse/learn/trail.hpp"

namespace tenfold::rehearse {

struct Session {
  static constexpr std::uint8_t undecided = 255;
  std::uint64_t visitor = 0;  // hash of address and agent
  std::int64_t began_ms = 0, last_ms = 0;
  std::uint64_t referer = 0;           // the last one's hash
  std::uint32_t referer_target = 0;    // hash of its path and query; 0: none
  std::uint32_t older = 0, newer = 0;  // by last_ms; of the table
  std::uint32_t first_block = 0, last_block = 0;
  std::uint32_t waiting = 0;  // visits
  std::uint32_t agent = 0;    // of the agents' table
  AgentKind agent_kind = AgentKind::browser;
  bool robots = false;
  bool rest = false;      // it began before the log
  std::uint8_t host = 0;  // of the last referer
  std::uint8_t population = undecided;
  std::uint8_t size = 0;  // VisitSize::index()
  Trail trail;
};

// The open sessions, found by visitor and kept in the order of their last requests. Visits wait in blocks from a common
// store. At most_open sessions the oldest is ended; past most_visits waiting visits the oldest session's are used
// up ahead of its end (then what kind of visitor it is, is decided by those). No allocation once the store is as large
// as it becomes.
class Sessions {
 public:
  static constexpr std::uint32_t most_visits_each = 4'096;
  static constexpr std::size_t most_visits = 6'000'000;
  enum class Why : std::uint8_t {
    ended,     // by silence, or for want of room
    full,      // it goes on
    log_over,  // it might have gone on
  };
  // Told when a session's visits are to be used: `visit` for each in turn.
  using Use = std::function<void(Session&, const std::vector<Visit>&, Why)>;

  Sessions(double gap_s, std::size_t most_open, Use use);
  // The visitor's session; began_ms == last_ms == at_ms and nothing waiting where it is new.
  struct Opened {
    Session& session;
    bool fresh;
  };
  Opened open(std::uint64_t visitor, std::int64_t at_ms);
  void append(Session& session, const Visit& visit);
  void end_all();
  std::uint64_t cut_short() const { return cut_short_; }

 private:
  static constexpr std::uint32_t nothing = 0;  // index 0 is the list's head
  struct Block {
    static constexpr std::uint32_t visits = 15;
    std::array<Visit, visits> items;
    std::uint32_t next = nothing;
  };
  void unlink(Session& session);
  void link_newest(std::uint32_t index);
  void end(std::uint32_t index, Why why);
  void use(Session& session, Why why);
  std::uint32_t new_block();

  std::int64_t gap_ms_;
  std::size_t most_open_;
  Use use_;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> by_visitor_;
  std::vector<Session> sessions_;
  std::vector<std::uint32_t> free_sessions_;
  std::vector<Block> blocks_;
  std::uint32_t free_block_ = nothing;
  std::size_t waiting_ = 0;
  std::uint64_t cut_short_ = 0;
  std::vector<Visit> scratch_;
};

}  // namespace tenfold::rehearse
