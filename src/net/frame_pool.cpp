#include "net/frame_pool.hpp"

#include <array>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TENFOLD_POOL_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TENFOLD_POOL_FRAMES 0
#endif
#endif
#ifndef TENFOLD_POOL_FRAMES
#define TENFOLD_POOL_FRAMES 1
#endif

namespace tenfold::net {

#if TENFOLD_POOL_FRAMES
namespace {

constexpr std::size_t granule = 16;   // as malloc's: an idle connection holds several frames
constexpr std::size_t classes = 256;  // frames up to 4 KiB
// A proxied request holds about 6 KiB of frames while it waits: enough for 160 of them that end together. Past it
// frames go back to the heap.
constexpr std::size_t kept_bytes_limit = 1024 * 1024;

struct FreeFrame {
  FreeFrame* next;
};

struct FramePool {
  std::array<FreeFrame*, classes> free{};
  std::size_t kept_bytes = 0;

  ~FramePool() {
    for (FreeFrame* list : free) {
      while (list != nullptr) {
        FreeFrame* const next = list->next;
        ::operator delete(list);
        list = next;
      }
    }
  }
};

// The one thread-local of the project: operator new of a coroutine has no other way to its thread's pool.
thread_local FramePool pool;

constexpr std::size_t class_of(std::size_t bytes) { return (bytes + granule - 1) / granule - 1; }

}  // namespace

void* allocate_frame(std::size_t bytes) {
  const std::size_t index = class_of(bytes);
  if (index >= classes) return ::operator new(bytes);
  FreeFrame*& list = pool.free[index];
  if (list == nullptr) return ::operator new((index + 1) * granule);
  FreeFrame* const frame = list;
  list = frame->next;
  pool.kept_bytes -= (index + 1) * granule;
  return frame;
}

void free_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t index = class_of(bytes);
  const std::size_t size = (index + 1) * granule;
  if (index >= classes || pool.kept_bytes + size > kept_bytes_limit) {
    ::operator delete(frame);
    return;
  }
  pool.free[index] = new (frame) FreeFrame{pool.free[index]};
  pool.kept_bytes += size;
}

#else

void* allocate_frame(std::size_t bytes) { return ::operator new(bytes); }
void free_frame(void* frame, std::size_t) noexcept { ::operator delete(frame); }

#endif

}  // namespace tenfold::net
