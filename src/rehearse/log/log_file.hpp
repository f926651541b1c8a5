#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "rehearse/log/clock_steps.hpp"
#include "rehearse/log/line_parser.hpp"
#include "rehearse/log/line_source.hpp"
#include "rehearse/log/log_reader.hpp"

namespace tenfold::rehearse {

// The good entries of one file, in its order, one after the other.
class LogFile {
 public:
  LogFile(std::unique_ptr<LineSource> source, const LineOptions& options)
      : source_(std::move(source)), parser_(options) {}

  // Goes on to the next. False: there is none. Bad lines are counted on the way.
  bool advance(LogCounts& counts);
  const Entry& entry() const { return *entry_; }
  const std::optional<Error>& error() const { return source_->error(); }
  int clock_steps() const { return steps_.steps(); }

 private:
  bool parse_next(LogCounts& counts);

  std::unique_ptr<LineSource> source_;
  LineParser parser_;
  ClockSteps steps_;
  Entry parsed_;
  const Entry* entry_ = &parsed_;
};

}  // namespace tenfold::rehearse
