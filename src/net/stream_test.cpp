// What Stream does for every implementation, shown on one in memory.
#include "net/stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/sim/sim_loop.hpp"

namespace tenfold::net {
namespace {

using namespace std::chrono_literals;
using sim::SimLoop;
using sim::SimNetwork;

// A stream whose input the test delivers itself.
class HandFedStream final : public Stream {
 public:
  explicit HandFedStream(SimLoop& loop) : Stream(loop), buffers_(loop.buffers()) {}
  void feed(std::string_view text) { deliver(buffers_.copy_of(text)); }
  void end() { deliver_end(std::nullopt); }
  Buffer copy(std::string_view text) { return buffers_.copy_of(text); }
  bool full() const { return input_full(); }
  int drained = 0;

  Task<void> finish_writing(TimePoint) override { co_return; }
  void cancel() override { deliver_end(Error{Errc::cancelled}); }

 protected:
  bool want_input() override { return false; }
  void input_drained() override { ++drained; }
  bool start_write() override {
    complete_write({});
    return true;
  }
  void abort_write() override {}

 private:
  HeapBuffers& buffers_;
};

Task<std::vector<std::string>> read_all(Stream& stream) {
  std::vector<std::string> read;
  while (true) {
    auto bytes = co_await stream.read(no_deadline);
    if (!bytes || bytes->empty()) co_return read;
    read.emplace_back(bytes->view());
  }
}

Task<Result<Buffer>> read_one(Stream& stream) {
  auto bytes = co_await stream.read(no_deadline);
  co_return bytes;
}

class HandFedStreamTest : public testing::Test {
 protected:
  std::vector<std::string> rest() { return run_task(network, loop, read_all(stream)); }
  Buffer one() { return std::move(*run_task(network, loop, read_one(stream))); }

  SimNetwork network{7};
  SimLoop& loop = network.make_loop();
  HandFedStream stream{loop};
};

TEST_F(HandFedStreamTest, BytesPutBackAreReadFirst) {
  stream.feed("HEADERhello");
  stream.feed("world");
  Buffer bytes = one();
  bytes.remove_prefix(6);

  stream.put_back(std::move(bytes));
  stream.end();

  EXPECT_EQ(rest(), (std::vector<std::string>{"hello", "world"}));
}

TEST_F(HandFedStreamTest, BytesPutBackBeforeAQueueKeepItsOrder) {
  for (const char* const text : {"a", "b", "c", "d"}) stream.feed(text);
  Buffer a = one();
  Buffer b = one();

  stream.put_back(std::move(b));
  stream.put_back(std::move(a));
  stream.end();

  EXPECT_EQ(rest(), (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST_F(HandFedStreamTest, BytesPutBackIntoAnEmptyStreamAreInput) {
  stream.feed("all");
  Buffer bytes = one();
  EXPECT_FALSE(stream.has_input());

  stream.put_back(std::move(bytes));

  EXPECT_TRUE(stream.has_input());
  stream.end();
  EXPECT_EQ(rest(), (std::vector<std::string>{"all"}));
}

TEST_F(HandFedStreamTest, PuttingNothingBackChangesNothing) {
  stream.put_back(Buffer());

  EXPECT_FALSE(stream.has_input());
}

TEST_F(HandFedStreamTest, BytesPutBackAfterTheEndAreStillRead) {
  stream.feed("last");
  stream.end();
  Buffer bytes = one();

  stream.put_back(std::move(bytes));

  EXPECT_EQ(rest(), (std::vector<std::string>{"last"}));
}

TEST_F(HandFedStreamTest, AStreamFilledByPuttingBackAsksForMoreOnceItIsEmptied) {
  for (int i = 0; i < 7; ++i) stream.feed("x");
  stream.put_back(stream.copy("first"));
  ASSERT_TRUE(stream.full());

  stream.end();
  rest();

  EXPECT_EQ(stream.drained, 1);
}

}  // namespace
}  // namespace tenfold::net
