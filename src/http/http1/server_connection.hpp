#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "http/chores.hpp"
#include "http/http1/partial_head.hpp"
#include "http/http1/server_exchange.hpp"
#include "http/server.hpp"
#include "net/frame_pool.hpp"
#include "net/intrusive_list.hpp"

namespace tenfold::http::http1 {

// The state of an HTTP/1.x connection, server side. serve_http1() waits; what to do next is decided here, step by step:
//
//   read_head --head complete--> handle --answered--> read_head      keep-alive, or the next pipelined request
//       |                          |---------------> discard         a request body was left unread
//       |--answers not taken-----> hold_back ------> handle          once the client has taken enough of them
//       |                          `---------------> linger, close
//       |--malformed, too slow---> refuse ---------> linger
//       `--idle, end of input----> close
//
// Between requests it holds neither a buffer nor an exchange, and an incomplete head is kept as text of its own size,
// so that slow clients pin no receive buffers. While nothing of a request has arrived it is linked in the list of idle
// connections, whose first is closed where a place is needed.
class ServerConnection : public net::FrameAllocated, public net::ListNode {
 public:
  enum class Step : std::uint8_t { read_head, hold_back, handle, discard, pause, refuse, linger, close };

  ServerConnection(std::unique_ptr<net::Stream> stream, ServerContext& context, ToldClient client,
                   net::Buffer already_read, ConnectionObserver::Subject* subject);
  ~ServerConnection();
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  Step start();
  Step received(Result<net::Buffer> bytes);   // while reading a head
  Step answered();                            // the handler's task has ended
  Step discarded(Result<net::Buffer> bytes);  // while throwing a request body away
  Step resumed();                             // after a pause
  net::Task<Step> hold_back();                // until the client has taken enough of the earlier answers
  net::Task<void> refuse();                   // answers with an error page
  net::Task<void> linger();                   // lets the client take the answer before the connection closes

  TimePoint idle_since() const { return began_; }  // only while idle
  void close_idle();                               // only while idle; ends the task that serves it

  TimePoint deadline() const { return deadline_; }
  net::Stream& stream() { return *stream_; }
  Exchange& exchange() { return *exchange_; }
  ServerContext& context() { return context_; }

 private:
  friend class Exchange;

  HeadLimits head_limits() const;
  net::Loop& loop() { return stream_->loop(); }
  Step parse_input();
  Step keep_partial();
  Step parse_more(net::Buffer bytes);
  Step begin_exchange();
  Step handle_exchange();
  void note_sent(std::uint64_t body_bytes);
  bool has_much_to_take();
  void own_head();
  Step refuse_with(Refusal refusal);
  void tell_refused(std::uint64_t body_bytes);
  Step next_request();
  Step discard_input();
  Step close_or_linger();
  void take_idle_turn();
  void release_exchange();
  static void on_input_end(void* self, net::Stream::InputEnd how);

  void tell_head();
  void tell_body();
  void tell_half_sent();
  void burn(Chore chore) {
    if (burnt_.add(chore)) tell_burnt();
  }
  void tell_burnt();

  std::unique_ptr<net::Stream> stream_;
  ServerContext& context_;
  ConnectionObserver::Subject* const subject_;  // null: nobody looks
  std::unique_ptr<Exchange> exchange_;
  // Received and not yet used. While an exchange's head lies in it, it is not moved nor freed.
  net::Buffer input_;
  std::unique_ptr<PartialHead> partial_;  // a head of which only a part is here; null: none
  ToldClient client_;
  std::uint32_t requests_ = 0;
  std::uint32_t maybe_untaken_bytes_ = 0;  // of answers; at most so much of them may be the client's to take
  std::uint8_t requests_in_turn_ = 0;      // answered since the loop last woke
  std::uint8_t came_along_ = 0;            // requests that were here with the one before, up to few_pipelined
  IdleTurn idle_turn_ = IdleTurn::first;
  enum class Told : std::uint8_t { nothing, head } told_ = Told::nothing;  // of the present request
  enum class Handled : std::uint8_t { no, yes } handled_ = Handled::no;    // of the request that is refused
  bool burns_too_much_ = false;                                            // and is to end
  // Of a known customer's connection: how often it may still be told to end before it does.
  std::optional<std::uint8_t> spared_;
  std::unique_ptr<const FavouredPlace> place_;
  Burnt burnt_;
  TimePoint turn_{};
  TimePoint stays_last_until_{};  // while idle_turn_ is the last
  TimePoint deadline_{};
  TimePoint began_{};  // when the request's first byte came; while idle: since when
  Refusal refusal_;
  std::optional<TimePoint> sent_all_at_;  // when the client finished sending
};

}  // namespace tenfold::http::http1
