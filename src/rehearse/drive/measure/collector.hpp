#pragma once

#include <chrono>
#include <functional>
#include <semaphore>
#include <string>
#include <vector>

#include "rehearse/drive/drive.hpp"
#include "rehearse/drive/measure/hand_over.hpp"

namespace tenfold::rehearse {

// Makes a record of what the driver threads hand over, second by second, on the caller's thread.
class Collector {
 public:
  struct Surroundings {
    TimePoint begin;
    // Requests planned between two moments of the run, by arithmetic.
    std::function<double(Duration from, Duration to)> expected;
    std::function<void()> stop;  // asks the driver threads to stop
  };

  // `record` has what is known before the run, `templates` with their names. `handed` is told of each tally.
  Collector(RunRecord record, std::vector<HandOver*> threads, std::counting_semaphore<>& handed,
            Surroundings surroundings, DriveObserver& observer);

  // Returns when every thread has handed over its last.
  RunRecord collect();

 private:
  struct Thread {
    HandOver* hand_over;
    Duration cpu{};   // used by the last tally's end
    TimePoint since;  // the last tally's end
    bool ended = false;
  };
  // What all threads did in one second.
  struct Second {
    Window window;
    FineHistogram response;
    FineHistogram arrival_error;
    JudgedWindow judged;
  };

  SecondTally& wait_for(Thread& thread);
  void add(Second& second, Thread& thread, const SecondTally& tally);
  void add_templates(Second& second, const SecondTally& tally);
  void finish(Second& second);
  void append(const Window& window);
  void append(JudgedWindow&& judged);
  void settle();

  RunRecord record_;
  std::vector<Thread> threads_;
  std::counting_semaphore<>& handed_;
  Surroundings surroundings_;
  DriveObserver& observer_;
  TimePoint last_ended_;
  Duration window_length_ = std::chrono::seconds(1);
  Duration judged_length_ = std::chrono::seconds(10);
};

}  // namespace tenfold::rehearse
