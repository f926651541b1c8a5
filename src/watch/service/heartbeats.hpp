#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "watch/probe/check.hpp"
#include "watch/service/watch.hpp"

namespace tenfold::watch {

// Heartbeats that come in, on any thread, until the watch's thread fetches them. However many come of one check, those
// that wait are the last that each of its runs has said, and the last beginning of each: `most_waiting` at most, of
// which the oldest goes.
class Heartbeats {
 public:
  void replace(const std::vector<Check>& checks);

  enum class Taken { unknown, waiting, first };  // first: nothing waited before, so that somebody must fetch
  // Takes as long for every token of a length.
  Taken take(std::string_view token, Beat beat);
  static constexpr std::size_t most_waiting = 200;   // of one check
  std::map<std::string, std::vector<Beat>> fetch();  // by the check's name, in the order in which they came

 private:
  struct Known {
    std::vector<std::pair<std::string, std::string>> tokens;  // token, check
    std::map<std::string, std::vector<Beat>> waiting;
  };
  Guarded<Known> known_;
};

}  // namespace tenfold::watch
