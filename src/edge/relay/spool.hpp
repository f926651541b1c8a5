#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include "edge/relay/answer_memory.hpp"
#include "edge/relay/held_answer.hpp"
#include "edge/respond/body_parts.hpp"
#include "edge/visit.hpp"
#include "http/message.hpp"
#include "net/buffer.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"
#include "origin/fetch.hpp"

namespace tenfold::edge {

// The rest of an answer whose client takes it more slowly than the origin gives it: taken into memory at the origin's
// speed, so that the place at the origin is the next one's as soon as the origin has sent all. What the bounds of
// AnswerMemory leave no room for stays at the origin until the client has taken what is here. It is copied: a buffer
// that something was received into may be larger, and is one of few. Part of the task that sends; one thread only.
class Spool {
 public:
  // Null if it would not help, or there is no room for it. `remaining`: what is still to come, if known.
  static std::unique_ptr<Spool> make(Visit& visit, origin::Fetched& fetched, std::optional<HeldAnswer>& held,
                                     std::optional<std::uint64_t> remaining);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();

  // Takes what comes, from here on. `fetched` is let go, and `held` emptied, once nothing more is to come.
  void begin() { taking_.spawn(take()); }
  // What comes next of the body; nothing: none is here. It counts until sent().
  BodyParts next();
  void sent();
  // The body's end is behind what next() gave.
  bool at_end() const { return state_ == State::whole && blocks_.empty(); }
  // Nothing more comes, for this reason; empty: no such thing.
  std::string_view failure() const { return failure_; }
  const http::Headers* trailers() const { return trailers_.get(); }
  // Something came, or it ended.
  net::Event& moved() { return moved_; }
  // Nothing more is wanted. Must have ended before this dies.
  net::Task<void> stop();

 private:
  enum class State : std::uint8_t { taking, reading, whole, failed, stopped };

  Spool(Visit& visit, origin::Fetched& fetched, std::optional<HeldAnswer>& held)
      : visit_(visit), fetched_(fetched), held_(held), share_(visit.site.answer_memory, visit.client.address) {}

  net::Task<void> take();
  void take_ready();
  bool may_take() const;
  void reserve(std::uint64_t bytes);
  void keep(std::string_view bytes);
  net::Task<void> end(State how);

  bool has_room_for_a_block() const { return reserved_ >= block_bytes || share_.has_room(block_bytes); }

  // What net::Loop::allocate() gives.
  static constexpr std::uint64_t block_bytes = 16 * 1024;

  Visit& visit_;
  origin::Fetched& fetched_;
  std::optional<HeldAnswer>& held_;
  AnswerMemory::Share share_;
  // Of the share: for what is still to come of a body whose length is known, so that several do not take what all of
  // them would need to be whole.
  std::uint64_t reserved_ = 0;
  State state_ = State::taking;
  std::deque<net::Buffer> blocks_;
  std::size_t being_sent_ = 0;  // blocks
  std::string_view failure_;
  std::unique_ptr<http::Headers> trailers_;
  net::Event moved_;
  net::Event room_;
  net::Scope taking_;
};

}  // namespace tenfold::edge
