#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rehearse/record/run_record.hpp"

namespace tenfold::rehearse {

struct TemplateTally {
  std::uint64_t planned = 0;
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  CoarseHistogram response;
  StatusCounts statuses;
  Held held;
  std::string led_to;  // as in TemplateRecord
};

// What one driver thread measured in one second, or longer if it did not get to hand over in time.
struct SecondTally {
  explicit SecondTally(std::size_t template_count) : templates(template_count) {}

  Counts counts;
  FineHistogram response;
  FineHistogram service;
  FineHistogram first_byte;
  FineHistogram arrival_error;
  std::vector<TemplateTally> templates;  // by template
  Causes causes;
  // At its end:
  TimePoint at{};
  std::uint64_t in_flight = 0;
  std::uint64_t visitors = 0;
  Duration cpu{};          // of the thread, since its beginning
  TimePoint last_ended{};  // when the last request was answered or given up
  bool last = false;       // the thread's last

  void clear();
};

}  // namespace tenfold::rehearse
