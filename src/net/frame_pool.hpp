#pragma once

#include <cstddef>

namespace tenfold::net {

// Memory for coroutine frames: free lists by size, one set a thread, so that a task costs no malloc.
// Frames must be freed on the thread that made them, which tasks of one loop are. A thread keeps at most 1 MiB of
// free frames; what is over goes back to the heap. Under sanitizers every frame comes from the heap.
void* allocate_frame(std::size_t bytes);
void free_frame(void* frame, std::size_t bytes) noexcept;

struct FrameAllocated {
  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { free_frame(frame, bytes); }
};

}  // namespace tenfold::net
