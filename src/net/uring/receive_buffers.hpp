#pragma once

#include <liburing.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "net/buffer.hpp"
#include "net/intrusive_list.hpp"

namespace tenfold::net {

// Told when receive buffers are to be had again.
class BufferWaiter : public ListNode {
 public:
  virtual void on_buffers_available() = 0;

 protected:
  ~BufferWaiter() = default;
};

// A ring of buffers that the kernel picks from when bytes arrive (IORING_REGISTER_PBUF_RING). Few are lent at first, so
// that the same ones stay in the processor's cache; when the kernel runs out their number doubles, up to 16 MiB a loop.
// At that bound receives pause, without loss, until a buffer comes back.
class ReceiveBuffers final : public BufferSource {
 public:
  static constexpr std::uint16_t group = 0;
  static constexpr std::uint32_t buffer_bytes = 16 * 1024;

  static Result<std::unique_ptr<ReceiveBuffers>> make(io_uring& ring);
  ReceiveBuffers(const ReceiveBuffers&) = delete;
  ReceiveBuffers& operator=(const ReceiveBuffers&) = delete;
  ~ReceiveBuffers();

  // The buffer that a completion names, with what was received into it.
  Buffer take(std::uint32_t completion_flags, std::uint32_t size);
  void take_back(char* memory, std::uint32_t capacity, std::uint32_t tag) noexcept override;

  // True when more than half of all buffers there can be are out: what is to be kept should be copied.
  bool scarce() const { return taken_ > maximum / 2; }

  // The kernel found no buffer: lends more, or calls the waiter when one has come back.
  void ran_out(BufferWaiter& waiter);

 private:
  static constexpr unsigned initial = 64;
  static constexpr unsigned maximum = 1024;  // a power of two: the ring's size

  explicit ReceiveBuffers(io_uring& ring) : ring_(ring) {}
  void lend(std::uint16_t id);
  char* memory_of(std::uint16_t id) { return memory_ + std::size_t{id} * buffer_bytes; }

  io_uring& ring_;
  io_uring_buf_ring* entries_ = nullptr;
  char* memory_ = nullptr;  // maximum buffers of address space; pages come into being when first written
  unsigned lent_ = 0;       // buffers that exist: in the ring or taken
  unsigned taken_ = 0;
  IntrusiveList<BufferWaiter> waiters_;
};

}  // namespace tenfold::net
