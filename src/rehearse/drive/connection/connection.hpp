#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>

#include "net/intrusive_list.hpp"
#include "net/scope.hpp"
#include "rehearse/drive/connection/answer_reader.hpp"
#include "rehearse/drive/connection/call.hpp"
#include "rehearse/drive/connection/route.hpp"

namespace tenfold::rehearse {

class Connection;

// Whoever opens connections and has calls made on them.
class ConnectionUser {
 public:
  // A call is about to be given to the kernel; call.sent is set.
  virtual void call_sent(Call& call) = 0;
  // The final answer's head. Good only during this.
  virtual void head_received(Call&, const http::ResponseHead&) {}
  // One that was opened without a call is there.
  virtual void connection_free(Connection&) {}
  // Once for each call begun, unless the connection is closed before. Once connection.free(), the next call may be
  // begun on it from here.
  virtual void call_ended(Connection& connection, Call& call, const CallEnd& end) = 0;
  // It is about to be destroyed, for whatever reason, and has no call.
  virtual void connection_gone(Connection& connection) = 0;

 protected:
  ~ConnectionUser() = default;
};

// One connection and the coroutine that lives as long: no frame is made for a request. Its user keeps it in a list (it
// is a node) while it is free. Owned by its coroutine, which runs in the scope.
class Connection final : public net::ListNode {
 public:
  // Opens, and makes the call (which may be null) on it. All that follows, also failure, may be told before this
  // returns.
  static void open(net::Scope& scope, Route& route, ConnectionUser& user, Call* call, TimePoint open_deadline,
                   std::optional<net::IpAddress> source = {});
  ~Connection() = default;

  // Open, without a call, and the server has neither closed it nor sent anything unasked.
  bool free() const { return state_ == State::free && !stream_->has_input(); }
  void begin(Call& call);  // only when free()
  // Ends it, and its call without a word. It may be destroyed when this returns.
  void close();

  static void* operator new(std::size_t bytes) { return net::allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept { net::free_frame(memory, bytes); }

 private:
  enum class State : std::uint8_t { opening, free, busy, closing };
  struct WaitForCall;

  Connection(Route& route, ConnectionUser& user, Call* call);
  static net::Task<void> live(std::unique_ptr<Connection> self, TimePoint open_deadline,
                              std::optional<net::IpAddress> source);
  static void on_input_end(void* self, net::Stream::InputEnd);
  void opened(Route::Opened result);
  void received(Result<net::Buffer> piece);
  void answered();
  void fail_call(Errc code);
  void end_call(const CallEnd& end);

  Route& route_;
  ConnectionUser& user_;
  Route::Entry entry_{*this};
  std::unique_ptr<net::Stream> stream_;
  Call* call_;
  State state_ = State::opening;
  bool exchanging_ = false;  // the coroutine is at the call under way
  bool kept_ = false;        // an answer came over it before
  std::uint64_t answer_bytes_ = 0;
  AnswerReader reader_;
  std::coroutine_handle<> waiting_ = nullptr;  // for a call
};

}  // namespace tenfold::rehearse
