#include "app/serve/last_resort.hpp"

#include <gtest/gtest.h>

#include <future>

namespace tenfold::app {
namespace {

using namespace std::chrono_literals;

TEST(LastResort, ActsWhenTheTimeIsOver) {
  std::promise<void> acted;
  const LastResort last_resort(1ms, [&] { acted.set_value(); });
  acted.get_future().wait();
}

TEST(LastResort, IsCalledOffByItsDeath) {
  bool acted = false;
  {
    const LastResort last_resort(1h, [&] { acted = true; });
  }
  EXPECT_FALSE(acted);
}

}  // namespace
}  // namespace tenfold::app
