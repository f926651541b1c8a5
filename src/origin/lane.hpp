#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/client.hpp"
#include "net/intrusive_list.hpp"
#include "net/tls/tls.hpp"
#include "origin/connection.hpp"
#include "origin/server.hpp"
#include "origin/topology.hpp"

namespace tenfold::origin {

// An attempt whose answer has not wholly come; part of the fetch. While linked it can be told to give up.
struct AnswerWait : net::ListNode {
  http::ClientConnection* connection = nullptr;
  enum class Told : std::uint8_t { nothing, server_down, cancelled } told = Told::nothing;
  static void on_cancel(void* self);  // for a CancelHook: the caller gives up
  const Route* movable_on = nullptr;  // where another server may be found instead; null: it may not move
};

// What one worker holds for one server: idle connections, last used on top, and the attempts that wait for an answer.
// One thread only.
class Lane {
 public:
  explicit Lane(std::shared_ptr<Server> server) : server_(std::move(server)) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  Server& server() const { return *server_; }

  // The connection that was used last, if it still lives; those found dead on the way are closed. Null: none.
  // Not one that has been idle since before that moment.
  std::unique_ptr<Connection> take_idle(TimePoint not_idle_since_before);
  // Keeps it, unless there are `limit` already: then it is closed.
  void keep_idle(std::unique_ptr<Connection> connection, TimePoint now, std::size_t limit);
  // Closes those idle since before that moment. Returns how many stay.
  std::size_t close_idle_since_before(TimePoint moment);
  void close_idle() { idle_.clear(); }
  std::size_t idle() const { return idle_.size(); }

  void wait_for_answer(AnswerWait& wait) { waiting_.push_back(wait); }
  // The server is down: ends the waits of those attempts for which `moves(route)` holds. Their reads fail with
  // cancelled, and they run on the caller's stack.
  template <class Predicate>
  void tell_down(Predicate moves) {
    net::IntrusiveList<AnswerWait> told;
    waiting_.for_each([&](AnswerWait& wait) {
      if (wait.movable_on != nullptr && moves(*wait.movable_on)) told.push_back(wait);
    });
    while (!told.empty()) {
      AnswerWait& wait = told.front();
      wait.unlink();
      wait.told = AnswerWait::Told::server_down;
      wait.connection->stream().cancel();
    }
  }

  std::shared_ptr<net::TlsClientContext>& tls() { return tls_; }

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    TimePoint since;
  };
  std::shared_ptr<Server> server_;
  std::vector<Idle> idle_;  // oldest first
  net::IntrusiveList<AnswerWait> waiting_;
  std::shared_ptr<net::TlsClientContext> tls_;  // made at the first connection, for servers with TLS
};

}  // namespace tenfold::origin
