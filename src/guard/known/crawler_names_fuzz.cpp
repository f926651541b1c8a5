#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text/letters.hpp"
#include "guard/known/crawler_names.hpp"

// Whatever the agent: case does not matter, nor at which byte it begins, and who is named has a name. A host is
// nobody's under another domain.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  using namespace tenfold::guard;
  const std::string agent(reinterpret_cast<const char*>(data), size);
  const Crawler claimed = claimed_crawler(agent);
  const std::string lower = lower_case(agent);
  TENFOLD_ASSERT(claimed_crawler(lower) == claimed);
  if (claimed != Crawler::none) {
    TENFOLD_ASSERT(lower.find("bot") != std::string::npos || lower.find("bai") != std::string::npos);
  }
  if (size <= longest_agent - 16) {
    // at each place in the words that are looked at together
    for (std::size_t before = 1; before < 8; ++before) {
      TENFOLD_ASSERT(claimed_crawler(std::string(before, ' ') + agent) == claimed);
    }
    const bool names_google = claimed_crawler(agent + " Googlebot") == Crawler::google;
    TENFOLD_ASSERT(names_google);
  }
  const Crawler of_host = crawler_of_host(lower);
  TENFOLD_ASSERT(of_host == Crawler::none || crawler_of_host("x" + lower) == of_host || lower.starts_with("rate") ||
                 lower.starts_with("full"));
  TENFOLD_ASSERT(crawler_of_host(lower + ".example") == Crawler::none);
  return 0;
}
