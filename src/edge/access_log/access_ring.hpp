#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/metrics.hpp"
#include "edge/access_log/access_entry.hpp"

namespace tenfold::edge {

// Entries on their way from one worker to the log's writer: a ring of bytes without locks. One thread pushes, one
// other reads. Neither ever waits; when there is no room the new entry is dropped and counted.
class AccessRing {
 public:
  // Rounded up to a power of two, at least smallest_bytes. Untouched memory costs nothing until entries reach it.
  explicit AccessRing(std::size_t capacity_bytes);
  AccessRing(const AccessRing&) = delete;
  AccessRing& operator=(const AccessRing&) = delete;

  enum class Pushed : std::uint8_t { stored, dropped };

  // The worker's side: copies the entry with its texts.
  Pushed push(const AccessEntry& entry);

  // The reader's side. next() gives the oldest entry not yet given; its texts stay until release(), which frees the
  // room of all that next() gave.
  bool next(AccessEntry& entry);
  void release();

  std::size_t capacity_bytes() const { return mask_ + 1; }
  std::size_t used_bytes() const;                             // about; from any thread
  std::uint64_t dropped() const { return dropped_.value(); }  // entries; from any thread

  static constexpr std::size_t smallest_bytes = 256 * 1024;  // more than twice the largest entry

 private:
  struct Record;

  char* claim(std::size_t bytes);

  std::unique_ptr<char[]> memory_;
  std::size_t mask_;

  // Positions only grow; an index into the memory is a position & mask_. Each side keeps its last sight of the
  // other's, so that the cache line moves between the cores only when the old sight does not suffice.
  alignas(64) std::atomic<std::uint64_t> written_{0};  // the worker's: everything before it may be read
  std::uint64_t claimed_ = 0;
  std::uint64_t freed_seen_ = 0;
  Counter dropped_;
  alignas(64) std::atomic<std::uint64_t> freed_{0};  // the reader's: everything before it may be overwritten
  std::uint64_t read_ = 0;
  std::uint64_t written_seen_ = 0;
};

}  // namespace tenfold::edge
