#include "oncall/channels/sip/loop.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <future>

#include "base/thread.hpp"
#include "oncall/channels/sip/re_version.hpp"

namespace tenfold::oncall::sip {
namespace {

// libre before 3 keeps a table as long as the highest descriptor: 44 bytes each. A descriptor above it is refused with
// EMFILE, and the call fails with those words.
constexpr rlim_t most_descriptors = 65'536;

int descriptors_to_serve() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(std::min(limit.rlim_cur, most_descriptors));
}

}  // namespace

Result<std::unique_ptr<Loop>> Loop::start() {
  std::unique_ptr<Loop> loop(new Loop);
  std::promise<int> opened;
  auto outcome = opened.get_future();
  auto thread = start_thread("the SIP thread", [self = loop.get(), &opened] {
    const int code = self->open();
    opened.set_value(code);
    if (code == 0) re_main(nullptr);
    self->run_posted();
    self->wakeup_.reset();
    close_thread();
  });
  if (!thread) return std::unexpected(thread.error());
  loop->thread_ = std::move(*thread);
  if (const int code = outcome.get(); code != 0) {
    return fail(Errc::exhausted, "starting the SIP thread: " + error_text(code));
  }
  return loop;
}

int Loop::open() {
  if (const int code = open_thread(); code != 0) return code;
  if (const int code = fd_setsize(descriptors_to_serve()); code != 0) return code;
  return make_re(wakeup_, [this](mqueue** out) {
    return mqueue_alloc(
        out, [](int, void*, void* self) { static_cast<Loop*>(self)->run_posted(); }, this);
  });
}

Loop::~Loop() {
  if (!thread_.joinable()) return;
  if (wakeup_ != nullptr) post([] { re_cancel(); });
  thread_.join();
}

void Loop::post(Task task) {
  const bool first = posted_.with([&](auto& tasks) {
    tasks.push_back(std::move(task));
    return tasks.size() == 1;
  });
  // One message for however many tasks wait; libre's pipe has room for thousands of them.
  if (first) mqueue_push(wakeup_.get(), 0, nullptr);
}

void Loop::run_posted() {
  std::deque<Task> tasks = posted_.with([](auto& all) { return std::exchange(all, {}); });
  for (const Task& task : tasks) task();
}

void Timer::start(Duration after, std::function<void()> task) {
  task_ = std::move(task);
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(std::max(after, Duration::zero()));
  tmr_start(
      &timer_, static_cast<std::uint64_t>(milliseconds.count()),
      [](void* self) {
        // The task may start this timer again, or end it with its owner.
        const auto due = std::move(static_cast<Timer*>(self)->task_);
        due();
      },
      this);
}

}  // namespace tenfold::oncall::sip
