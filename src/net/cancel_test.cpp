#include "net/cancel.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace tenfold::net {
namespace {

// A hook whose call ends what the source is part of, as that of a client who left ends its exchange.
struct Owner {
  static void end(void* self) {
    auto& owner = *static_cast<Owner*>(self);
    ++owner.calls;
    owner.source.reset();
  }
  std::unique_ptr<CancelSource> source = std::make_unique<CancelSource>();
  CancelHook hook{&end, this};
  int calls = 0;
};

TEST(CancelSource, MayBeDestroyedByAHook) {
  Owner owner;
  owner.hook.attach(owner.source->token());
  owner.source->cancel();
  EXPECT_EQ(owner.calls, 1);
  EXPECT_EQ(owner.source, nullptr);
}

TEST(CancelSource, CallsEachHookOnceUnlessAnEarlierOneDetachesIt) {
  CancelSource source;
  int calls = 0;
  CancelHook* detached = nullptr;
  struct Context {
    int& calls;
    CancelHook*& detached;
  } context{calls, detached};
  const auto call = [](void* at) {
    auto& seen = *static_cast<Context*>(at);
    ++seen.calls;
    seen.detached->detach();
  };
  CancelHook first(call, &context);
  CancelHook second(call, &context);
  CancelHook third(call, &context);
  detached = &second;
  first.attach(source.token());
  second.attach(source.token());
  third.attach(source.token());
  source.cancel();
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace tenfold::net
