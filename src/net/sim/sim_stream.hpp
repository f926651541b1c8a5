#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "net/sim/sim_loop.hpp"
#include "net/stream.hpp"

namespace tenfold::net::sim {

// One end of a connection in memory. Bytes on their way and unread ones are bounded by a window, past which the writer
// waits.
class SimStream final : public Stream {
 public:
  enum class Side : unsigned char { connecting, listening };

  SimStream(SimLoop& loop, Side side, const Endpoint& local, const Endpoint& peer);
  ~SimStream() override;
  static void join(SimStream& a, SimStream& b);

  Task<void> finish_writing(TimePoint deadline) override;
  void cancel() override;
  void reset_on_close() override { reset_on_close_ = true; }
  std::uint64_t bytes_taken() const override { return sent_total_ - bytes_untaken(); }
  std::uint64_t bytes_untaken() const override { return other_ != nullptr ? other_->arriving_bytes_ : 0; }

  const Endpoint& listener() const { return side_ == Side::listening ? local_ : peer_; }
  Side side() const { return side_; }
  // The connection breaks: both ends see a reset.
  void break_connection();
  void pump();  // delivers what is due and lets a waiting writer go on

 protected:
  bool want_input() override;
  void input_drained() override { pump(); }
  bool start_write() override;
  void abort_write() override { complete_write(fail(Errc::timed_out)); }

 private:
  static constexpr std::size_t window_bytes = 64 * 1024;
  struct Piece {
    TimePoint due;
    std::string bytes;  // empty: the sender's end of writing
    enum class End : unsigned char { finished, reset } end = End::finished;
  };

  static void on_due(void* self) { static_cast<SimStream*>(self)->pump(); }
  void schedule();
  void pump_soon(SimStream& stream);  // on its own loop, if it still lives then
  bool send_some();  // moves bytes of write_parts() into the other end's queue; true when all are moved
  bool frozen() const;
  void end_with(Errc code);

  friend class SimNetwork;

  SimLoop& loop_of_this_;
  Side side_;
  const std::uint64_t number_;  // tells it from a later stream at the same place in memory
  SimStream* other_ = nullptr;  // null once the other end is gone
  std::deque<Piece> arriving_;  // from the other end to this
  std::size_t arriving_bytes_ = 0;
  std::size_t written_ = 0;
  std::uint64_t sent_total_ = 0;
  bool cancelled_ = false;
  bool broken_ = false;
  bool reset_on_close_ = false;
  Timer due_timer_{&on_due, this};
};

}  // namespace tenfold::net::sim
