#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "oncall/escalate/alert.hpp"

namespace tenfold::oncall {

// What watch has to say, from any thread, until the on-call thread fetches it. In its order, as long as it is not too
// much; then of each source the newest alone is kept: what counts is whether it is wrong now. So nothing that is wrong
// is ever lost, and as much waits as in_order, or twice as much as there are sources.
class Inbox {
 public:
  static constexpr std::size_t in_order = 10'000;

  struct News {
    std::string source;
    std::optional<Trouble> trouble;  // none: it is over
  };
  enum class Put : unsigned char {
    waits,  // with others, which somebody will fetch
    first,  // nothing waited before: somebody must fetch it
  };
  Put put(News news);
  std::vector<News> fetch();

 private:
  struct Box {
    std::vector<News> news;
    std::size_t most = in_order;
    bool thinned_out = false;  // since it was fetched
  };
  static void thin_out(Box& box);

  Guarded<Box> box_;
};

}  // namespace tenfold::oncall
