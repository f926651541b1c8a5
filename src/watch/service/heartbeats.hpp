#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "watch/probe/check.hpp"

namespace tenfold::watch {

// Heartbeats that come in, on any thread, until the watch's thread fetches them. However many come of one check, it is
// one that waits.
class Heartbeats {
 public:
  void replace(const std::vector<Check>& checks);

  enum class Taken { unknown, waiting, first };  // first: nothing waited before, so that somebody must fetch
  // Takes as long for every token of a length.
  Taken take(std::string_view token);
  std::set<std::string> fetch();  // names of checks

 private:
  struct Known {
    std::vector<std::pair<std::string, std::string>> tokens;  // token, check
    std::set<std::string> waiting;
  };
  Guarded<Known> known_;
};

}  // namespace tenfold::watch
