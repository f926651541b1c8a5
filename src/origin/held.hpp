#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "net/intrusive_list.hpp"
#include "net/loop.hpp"

namespace tenfold::origin {

class Server;
struct Member;
struct Route;

// The places at origins that clients hold for as long as they please: a long upload's, a long answer's, a tunnel's.
// Counted by client over all workers, so that no client has them all; and by server, so that all clients together leave
// a quarter of its places to requests that end by themselves. Where ranks are told apart, the worst holds last. Touched
// only by such requests: at their beginning and end, and where they last longer than a second. Bounded by the places
// that there are (docs/decisions/0019-held-places.md). Thread-safe.
class HeldPlaces {
 public:
  enum class Kind : std::uint8_t { upload, download, tunnel };
  class Held;
  using Hold = std::unique_ptr<Held>;  // given back at its end; must die before its HeldPlaces

  HeldPlaces() = default;
  HeldPlaces(const HeldPlaces&) = delete;
  HeldPlaces& operator=(const HeldPlaces&) = delete;

  // Null if the client has `most` of that kind already, or `most_in_all` of all kinds together. `rank`: which comes
  // first, the least before all others, of PoolLoad's; nobody's place goes for one of a worse rank.
  Hold take(std::uint64_t client, Kind kind, std::uint32_t most, std::uint32_t most_in_all, std::uint8_t rank = 0);

  // Somebody of that rank waits for a place of the route's, and has done so for patience: one that a worse rank holds
  // is taken from it, of the worst that has been held for longest. Not one whose client is known to be fast, until it
  // has lasted for counts_at_last. False: there is none. At most one goes with each call.
  bool make_way(const Route& route, std::uint8_t rank, TimePoint now);
  static constexpr Duration patience = std::chrono::milliseconds(200);

  // A place counts as held once its client has been waited for so long, or at last when it has been taken for so long,
  // whoever is slow.
  static constexpr Duration counts_after = std::chrono::seconds(1);
  static constexpr Duration counts_at_last = std::chrono::seconds(30);
  // Who is faster than this, or not known to be slower, loses nothing to a client with as many.
  static constexpr std::uint64_t slow_bytes_per_s = 64 * 1024;
  // Slower than this is as good as not at all.
  static constexpr std::uint64_t still_bytes_per_s = 1024;
  // What a client may have where no more can be held for longer than a second: a page's requests side by side, or so.
  static constexpr std::uint32_t most_beside_full = 4;
  // How many of so many places all clients together may hold for longer than a second.
  static constexpr std::uint32_t most_of(std::uint32_t places) { return places < 2 ? 1 : places - (places + 3) / 4; }

 private:
  struct Client {
    std::array<std::uint32_t, 3> counts{};  // by Kind
    std::uint32_t total = 0;
  };

  enum class Settled : std::uint8_t { yes, not_yet, lost };
  Settled settle(Held& held, const Member& member, TimePoint now);
  bool is_full(const void* spot, std::uint32_t places) const;
  bool may_begin(const Held& held, const Member& member, TimePoint now);
  bool make_room(Held& held, const void* spot, std::uint32_t places);
  static bool goes_for(const Held& other, const Held& held);
  static bool goes_before(const Held& one, const Held& other);
  Held* first_to_go_for(const Held& held, const void* spot);
  template <class Each>
  void look_at_some(Each each);
  void unsettle(Held& held);
  void lose(Held& held);
  void give_back(Held& held);

  std::mutex mutex_;  // of all below, and of what is settled of a Held
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<Client>> clients_;
  absl::flat_hash_map<const void*, std::uint32_t> held_at_;  // by Server and PoolLoad
  net::IntrusiveList<Held> settled_;
  std::size_t settled_count_ = 0;
};

// One of a client's. Of one thread, but for being lost.
class HeldPlaces::Held : public net::ListNode {
 public:
  Held(HeldPlaces& owner, std::uint64_t client, Kind kind, Client& of_client, std::uint8_t rank)
      : owner_(owner), client_(client), kind_(kind), rank_(rank), of_client_(of_client) {}
  ~Held();

  // To be asked each second from counts_after on: whether it may last longer. bytes_per_s: how fast its client takes or
  // sends while it is waited for; empty: not known yet. From then on it counts at the member's server. Where that has
  // its three quarters, and while places are short, the slowest of the client with the most loses its own for it.
  // False: it is to end, at once.
  bool keep(const Member& member, std::optional<std::uint64_t> bytes_per_s, TimePoint now);
  // To be asked where the place is taken: false if places are short, the server's three quarters are held and the
  // client has most_beside_full already. Else few clients that ask again and again would have the last quarter, a
  // second each time.
  bool may_begin(const Member& member, TimePoint now);

  // Since the place was taken, or since the last call.
  Duration uncharged(TimePoint now) { return now - std::exchange(charged_until_, now); }
  Duration charged() const { return charged_until_ - began_; }

  // Whom to call, on the loop, when it is lost, so that keep() is asked at once; told null: nobody.
  using Told = void (*)(void* owner);
  void call_when_lost(net::Loop& loop, Told told, void* owner);

 private:
  friend class HeldPlaces;
  // Outlives this for as long as word to its thread is under way.
  struct Caller {
    net::Loop& loop;
    Told told;
    void* owner;  // null: nobody is to be called any more. Of the loop's thread
  };
  HeldPlaces& owner_;
  const std::uint64_t client_;
  const Kind kind_;
  const std::uint8_t rank_;
  Client& of_client_;
  TimePoint began_{};  // with charged_until_, of its own thread
  TimePoint charged_until_{};
  std::shared_ptr<Caller> caller_;               // null: nobody is to be called
  std::optional<TimePoint> since_;               // it has counted, wherever
  const void* kept_at_ = nullptr;                // the server at which keep() last held; of its own thread
  const Server* server_ = nullptr;               // it is settled at; null: nowhere
  const void* pool_ = nullptr;                   // the same, of a pool with a limit of its own
  std::atomic<std::uint64_t> pace_{UINT64_MAX};  // not known
  std::atomic<bool> lost_{false};
};

}  // namespace tenfold::origin
