#include "net/uring/receive_buffers.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <memory>

namespace tenfold::net {

namespace {

void* map_pages(std::size_t bytes) {
  void* const pages =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? nullptr : pages;
}

}  // namespace

Result<std::unique_ptr<ReceiveBuffers>> ReceiveBuffers::make(io_uring& ring) {
  std::unique_ptr<ReceiveBuffers> buffers(new ReceiveBuffers(ring));
  buffers->memory_ = static_cast<char*>(map_pages(std::size_t{maximum} * buffer_bytes));
  void* const entries = map_pages(maximum * sizeof(io_uring_buf));
  buffers->entries_ = static_cast<io_uring_buf_ring*>(entries);
  if (buffers->memory_ == nullptr || entries == nullptr) return fail(Errc::exhausted, "memory for receive buffers");
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uint64_t>(entries);
  registration.ring_entries = maximum;
  registration.bgid = group;
  const int error = io_uring_register_buf_ring(&ring, &registration, 0);
  if (error != 0) return fail(Errc::unsupported, system_error(-error, "io_uring provided buffers").detail);
  io_uring_buf_ring_init(buffers->entries_);
  while (buffers->lent_ < initial) buffers->lend(static_cast<std::uint16_t>(buffers->lent_++));
  return buffers;
}

ReceiveBuffers::~ReceiveBuffers() {
  if (memory_ != nullptr) ::munmap(memory_, std::size_t{maximum} * buffer_bytes);
  if (entries_ != nullptr) ::munmap(entries_, maximum * sizeof(io_uring_buf));
}

void ReceiveBuffers::lend(std::uint16_t id) {
  io_uring_buf_ring_add(entries_, memory_of(id), buffer_bytes, id, io_uring_buf_ring_mask(maximum), 0);
  io_uring_buf_ring_advance(entries_, 1);
}

Buffer ReceiveBuffers::take(std::uint32_t completion_flags, std::uint32_t size) {
  const auto id = static_cast<std::uint16_t>(completion_flags >> IORING_CQE_BUFFER_SHIFT);
  ++taken_;
  return Buffer(*this, memory_of(id), buffer_bytes, size, id);
}

void ReceiveBuffers::take_back(char*, std::uint32_t, std::uint32_t tag) noexcept {
  --taken_;
  lend(static_cast<std::uint16_t>(tag));
  if (!waiters_.empty()) {
    BufferWaiter& waiter = waiters_.front();
    waiter.unlink();
    waiter.on_buffers_available();
  }
}

void ReceiveBuffers::ran_out(BufferWaiter& waiter) {
  const unsigned wanted = std::min(lent_ * 2, maximum);
  const bool may_grow = wanted > lent_;
  // A buffer may have come back between the kernel's finding none and now.
  const bool some_free = lent_ > taken_;
  while (lent_ < wanted && !some_free) lend(static_cast<std::uint16_t>(lent_++));
  if (may_grow || some_free) {
    waiter.on_buffers_available();
  } else {
    waiters_.push_back(waiter);
  }
}

}  // namespace tenfold::net
