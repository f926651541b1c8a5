#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oncall/escalate/book_test.hpp"

// The store's file may be anybody's. The first line is the book, each further one an alert. What loads must save as
// itself, and go on without harm.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenfold;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  oncall::AlertBook::Saved saved;
  const auto line = [&] {
    const auto end = std::min(text.find('\n'), text.size());
    std::string one(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
    return one;
  };
  saved.book = line();
  while (!text.empty()) saved.alerts.push_back(line());
  auto book = oncall::AlertBook::load(oncall::test_plan(), saved);
  if (!book) return 0;
  const auto again = oncall::AlertBook::load(oncall::test_plan(), book->save());
  if (!again || again->alerts() != book->alerts()) std::abort();
  WallTime now = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  for (int i = 0; i < 20; ++i, now += std::chrono::minutes(7)) {
    book->tick(now);
    if (book->next_tick() && *book->next_tick() <= now) std::abort();
    if (i == 5) book->over("front-page", now);
    if (i == 10) book->trouble(oncall::critical("front-page"), now);
    if (i == 15) book->escalate(1, "ada", now);
  }
  return 0;
}
