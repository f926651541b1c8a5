#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "rehearse/log/entry.hpp"

namespace tenfold::rehearse {

// Puts entries that are out of order by at most the window right: they wait, by second, until one comes that is later
// by the window. Entries of the same millisecond keep their order. Bounded: past `most_waiting` the oldest second is
// let go early. What comes too late even so is passed on at once and counted.
class TimeWindow {
 public:
  using Visit = std::function<void(const Entry&)>;
  TimeWindow(std::int64_t window_seconds, std::size_t most_waiting, const Visit& visit)
      : window_seconds_(window_seconds), most_waiting_(most_waiting), visit_(visit) {}

  void take(const Entry& entry);  // copies the texts
  void flush();
  std::uint64_t late() const { return late_; }

 private:
  // The entries of one second, with the memory of their texts.
  struct Second {
    std::vector<Entry> entries;
    std::vector<std::unique_ptr<char[]>> blocks;
    std::size_t block = 0;  // in use
    std::size_t used = 0;   // of it
    bool sorted = true;
    void clear();
  };
  static constexpr std::size_t block_bytes = 256 * 1024;  // more than the longest line

  static std::string_view keep(Second& second, std::string_view text);
  void let_go();  // the first second
  void move_to(std::int64_t second);
  Second fresh();

  std::int64_t window_seconds_;
  std::size_t most_waiting_;
  const Visit& visit_;
  std::deque<Second> seconds_;  // from first_ on
  std::int64_t first_ = 0;
  std::int64_t newest_ = 0;
  bool begun_ = false;
  bool let_go_any_ = false;  // from then on nothing may come before first_
  std::size_t waiting_ = 0;
  std::uint64_t late_ = 0;
  std::vector<Second> spare_;
};

}  // namespace tenfold::rehearse
