#include "edge/relay/interim.hpp"

#include <gmock/gmock.h>

#include <string>

#include "edge/edge_fixture.hpp"

namespace tenfold::edge {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class InterimTest : public EdgeTest {
 protected:
  // An origin that sends these hints and its answer in one piece.
  void answer_with(int hints, const Answer& answer, std::size_t hint_bytes = 10) {
    world.add_server(1);
    start(World::one_pool(1));
    world.server(1).behaviour = [=](const Asked&) {
      Answer with_hints = answer;
      for (int i = 0; i < hints; ++i) with_hints.before += hint(i, hint_bytes);
      return with_hints;
    };
  }
  static std::string hint(int number, std::size_t bytes = 10) {
    return "HTTP/1.1 103 X\r\nLink: </" + std::string(bytes, 'l') + std::to_string(number) + ">\r\n\r\n";
  }
  static std::string hints(int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += hint(i);
    return all;
  }
};

TEST_F(InterimTest, HintsThatComeTogetherAllArriveBeforeTheAnswer) {
  answer_with(8, {.body = "page"});
  EXPECT_THAT(get("/"), StartsWith(hints(8) + "HTTP/1.1 200 "));
}

TEST_F(InterimTest, AlsoBeforeAnAnswerThatIsStored) {
  answer_with(8, cacheable("page"));
  EXPECT_THAT(get("/"), StartsWith(hints(8) + "HTTP/1.1 200 "));
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(world.server(1).requests(), 1);
}

TEST_F(InterimTest, AClientThatTakesNoneGetsWhatFitsAndItsAnswer) {
  answer_with(8, {.body = "page"}, 30'000);
  Idler slow;
  visitors.spawn(idle(people, server->local(), "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n", 5s,
                      AfterIdling::reads, slow));
  world.network.run_until([&] { return slow.done; }, 10min);
  EXPECT_THAT(slow.received, StartsWith(hint(0, 30'000)));
  EXPECT_THAT(slow.received, HasSubstr("\r\n\r\npage"));
}

}  // namespace
}  // namespace tenfold::edge
