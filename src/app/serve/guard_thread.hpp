#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "app/serve/guard_keeper.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "edge/brain/brain.hpp"
#include "edge/edge.hpp"

namespace tenfold::app {

// The brain's thread: every 100 ms it has the brain decide, hands what is new to the workers, and has kept what is to
// outlive the process. Made, started and stopped by one thread.
class GuardThread {
 public:
  // Reads what was kept before. The edge must be started, and outlive stop().
  GuardThread(edge::Brain::Setup setup, edge::Edge& edge, const std::string& store_file)
      : brain_(std::move(setup)), edge_(edge), keeper_(store_file) {
    brain_.restore(keeper_.read());
  }
  GuardThread(const GuardThread&) = delete;
  GuardThread& operator=(const GuardThread&) = delete;
  ~GuardThread();  // stopped before, if it was started

  // Errors: exhausted (no thread).
  Result<void> start();
  void stop();  // twice is harmless

  edge::Brain& brain() { return brain_; }

 private:
  void run();

  edge::Brain brain_;
  edge::Edge& edge_;
  GuardKeeper keeper_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;  // by mutex_
};

}  // namespace tenfold::app
