#include "oncall/service/ledger_thread.hpp"

#include <utility>

#include "base/thread.hpp"

namespace tenfold::oncall {

LedgerThread::~LedgerThread() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(shared_->mutex);
  shared_->ending = true;
  shared_->changed.notify_all();
  const bool gone = shared_->changed.wait_for(lock, patience, [this] { return shared_->gone; });
  lock.unlock();
  if (gone) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

Result<void> LedgerThread::ask(Work work, Duration longest) {
  if (!thread_.joinable()) {
    auto thread = start_thread("the thread that writes", [shared = shared_] { serve(shared); });
    if (!thread) return std::unexpected(thread.error());
    thread_ = std::move(*thread);
  }
  std::unique_lock lock(shared_->mutex);
  TENFOLD_ASSERT(!shared_->work);
  shared_->work = std::move(work);
  shared_->changed.notify_all();
  if (shared_->changed.wait_for(lock, longest, [this] { return !shared_->work; })) return {};
  return fail(Errc::timed_out);
}

bool LedgerThread::is_busy() const {
  const std::lock_guard lock(shared_->mutex);
  return static_cast<bool>(shared_->work);
}

void LedgerThread::serve(const std::shared_ptr<Shared>& shared) {
  std::optional<Ledger> ledger;
  std::unique_lock lock(shared->mutex);
  while (true) {
    shared->changed.wait(lock, [&] { return shared->work || shared->ending; });
    if (!shared->work) break;
    lock.unlock();
    shared->work(ledger);
    lock.lock();
    shared->work = nullptr;
    shared->changed.notify_all();
  }
  lock.unlock();
  ledger.reset();  // which may wait for the disk too
  lock.lock();
  shared->gone = true;
  shared->changed.notify_all();
}

}  // namespace tenfold::oncall
