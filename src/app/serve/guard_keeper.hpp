#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/result.hpp"
#include "edge/brain/kept.hpp"

namespace tenfold::app {

// Keeps in the store what the guard knows that is to outlive the process, on a thread of its own: the brain must not
// wait for a disk. Made, started and stopped by one thread.
class GuardKeeper {
 public:
  explicit GuardKeeper(std::string store_file) : store_file_(std::move(store_file)) {}
  GuardKeeper(const GuardKeeper&) = delete;
  GuardKeeper& operator=(const GuardKeeper&) = delete;
  ~GuardKeeper();  // stopped before, if it was started

  // What was kept before; nothing where it cannot be read, with a warning. Waits for the disk.
  edge::Kept read() const;
  // Errors: exhausted (no thread).
  Result<void> start();
  // From any thread, without waiting: of what was not written yet the later takes the earlier's place, so that a slow
  // disk costs no memory. What cannot be written is said once, and lost with the process.
  void keep(edge::Kept kept);
  void stop();  // writes what there is; twice is harmless

 private:
  void run();
  void write(const edge::Kept& kept);

  std::string store_file_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  edge::Kept waiting_;   // by mutex_
  bool ending_ = false;  // by mutex_
  bool has_failed_ = false;
};

}  // namespace tenfold::app
