#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/arena.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "cache/fill.hpp"
#include "http/message.hpp"
#include "net/buffer.hpp"
#include "net/cancel.hpp"
#include "net/loop.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// A response's body on its way into the cache, at the origin's speed. Whoever asked for it reads what has come at a
// speed of its own: those who wait for the same wait for the origin alone. One thread only.
//
// Memory: what has come is the fill's, and within its bounds. A body that turns out not to fit is left where it is
// then: the reader gets bytes(), rest(), and reads on from the origin itself, which waits for it from there on. In all
// other states but State::taking the place at the origin has been given back.
class Intake {
 public:
  enum class State : std::uint8_t {
    taking,
    whole,     // bytes() is all of it
    passing,   // the fill is over, the body is not
    denied,    // as passing, but the client is being sent too many long answers already (Fetched::hold_for_client())
    broken,    // the origin broke off: error()
    given_up,  // nobody wanted it any more
  };

  // `wanted` cancelled gives up. The fill must outlive this.
  Intake(net::Loop& loop, Duration between_bytes, origin::Fetched fetched, cache::Fill& fill, net::CancelToken wanted);
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  // Gives up then, however it goes: for a body that nobody waits for and that may trickle.
  void end_by(TimePoint moment) { end_by_ = moment; }
  // Takes what is here already, without waiting.
  void take_ready();
  // Takes the rest as it comes, until the state is another one. At most once, and if it is State::taking.
  net::Task<void> run();

  State state() const { return state_; }
  // All that has come and was taken; valid until the next wait.
  std::string_view bytes() const { return entry_ ? entry_->body() : fill_.gathered(); }
  // State::whole: the entry that bytes() are in; its holder's from then on.
  cache::EntryPtr take_entry() { return std::move(entry_); }
  // State::passing: the part behind bytes().
  net::Buffer take_rest() { return std::move(rest_); }
  // State::passing, once bytes() are sent: frees them.
  void drop_bytes() { fill_ = {}; }
  // State::passing: what to read on from.
  origin::Fetched& fetched() { return *fetched_; }
  // State::whole: those for the client behind the body; null: none. Their texts are the intake's.
  const http::Headers* trailers() const { return trailers_.get(); }
  // State::broken: how.
  const Error& error() const { return error_; }
  // Something came, or the state changed.
  net::Event& moved() { return moved_; }

 private:
  static void on_unwanted(void* self);
  void take(net::Buffer part);
  void end(State how);

  net::Loop& loop_;
  const Duration between_bytes_;
  TimePoint end_by_ = no_deadline;
  std::optional<origin::Fetched> fetched_;
  cache::Fill& fill_;
  net::CancelHook unwanted_{&on_unwanted, this};
  State state_ = State::taking;
  Error error_;
  cache::EntryPtr entry_;
  net::Buffer rest_;
  Arena trailer_texts_;
  std::unique_ptr<http::Headers> trailers_;
  net::Event moved_;
};

}  // namespace tenfold::edge
