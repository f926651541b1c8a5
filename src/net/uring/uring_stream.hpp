#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <span>

#include "net/stream.hpp"
#include "net/tcp_progress.hpp"
#include "net/uring/ring.hpp"

namespace tenfold::net {

class UringSocket;
class UringStream;

// The two operations of a socket, as bases of it: an operation that pointed to its socket would cost every idle
// connection 16 bytes more.
class UringReceive : public UringOperation {
 public:
  void on_completion(int result, std::uint32_t flags) final;

 protected:
  ~UringReceive() = default;
};
class UringSend : public UringOperation {
 public:
  void on_completion(int result, std::uint32_t flags) final;

 protected:
  ~UringSend() = default;
};

// The socket's operations in the kernel: they outlive the stream until the last has completed, then free themselves.
class UringSocket final : private UringReceive, private UringSend, private BufferWaiter {
 public:
  UringSocket(Ring& ring, int descriptor);

  // Until it is stopped, or for the next bytes only.
  enum class Receiving : std::uint8_t { on_and_on, once };
  void receive(Receiving how);  // unless a receive is armed
  void stop_receiving();
  void stop_receiving_on();  // lets a receive of the next bytes be
  // While a receive's completion is handled: another one is handled next.
  bool receives_more_now() const { return ring_.next_is(receiving()); }
  void send(std::span<const iovec> parts);
  void cancel_send();
  void set_owner(UringStream* owner) { owner_ = owner; }
  int descriptor() const { return descriptor_; }
  Ring& ring() { return ring_; }
  // The owner is gone: ends what is under way and closes.
  void release();

 private:
  friend class UringReceive;
  friend class UringSend;

  ~UringSocket() = default;
  void on_received(int result, std::uint32_t flags);
  void on_sent(int result);
  void on_buffers_available() override;
  void receive_if_room();
  void free_if_done();
  UringReceive& receiving() { return *this; }
  const UringReceive& receiving() const { return *this; }
  UringSend& sending() { return *this; }

  Ring& ring_;
  UringStream* owner_ = nullptr;
  std::size_t send_bytes_ = 0;
  std::unique_ptr<msghdr> message_;  // for sends of several parts; the kernel reads it until they complete
  int descriptor_;
  bool released_ = false;
  bool receiving_ = false;  // armed in the kernel
  bool on_and_on_ = false;  // it is the multishot one
  bool bounded_ = false;    // and ends by itself
  bool stopping_ = false;   // its cancellation is under way
  bool sending_ = false;
};

class UringStream final : public Stream {
 public:
  UringStream(Loop& loop, Ring& ring, int descriptor, const Endpoint& local, const Endpoint& peer);
  ~UringStream() override;

  Task<void> finish_writing(TimePoint deadline) override;
  void cancel() override;
  void reset_on_close() override;
  std::uint64_t bytes_taken() const override { return net::bytes_taken(socket_->descriptor()); }
  std::uint64_t bytes_untaken() const override { return net::bytes_untaken(socket_->descriptor()); }

 protected:
  bool want_input() override;
  void input_drained() override;
  bool start_write() override;
  void abort_write() override;

 private:
  friend class UringSocket;
  void received(Buffer bytes);

  // Unread buffers at which what comes is no longer received on and on: a client that sends its next request early, and
  // has then gone, costs nothing.
  static constexpr std::size_t taken_ahead = 2;

  UringSocket* socket_;
  bool cancelled_ = false;
  bool write_timed_out_ = false;
};

}  // namespace tenfold::net
