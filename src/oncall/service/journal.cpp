#include "oncall/service/journal.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "base/log.hpp"

namespace tenfold::oncall {
namespace {

// For other processes' transactions. Short: the thread that rings waits meanwhile.
constexpr Duration busy_patience = std::chrono::milliseconds(250);

}  // namespace

Journal::Journal(const Clock& clock, std::string file, std::uint64_t largest_bytes)
    : clock_(clock), file_(std::move(file)), largest_bytes_(largest_bytes) {}

template <class T>
Result<T> Journal::on_thread(std::function<Result<T>(std::optional<Ledger>&)> work) {
  const Duration longest = was_read_ ? patience : first_patience;
  const auto outcome = std::make_shared<Result<T>>();
  auto asked = thread_.ask(
      [work = std::move(work), outcome](std::optional<Ledger>& ledger) { *outcome = work(ledger); }, longest);
  if (asked) return std::move(*outcome);
  if (asked.error().code != Errc::timed_out) return std::unexpected(asked.error());
  return fail(Errc::timed_out, fmt::format("{}: the disk does not answer ({} s)", file_,
                                           std::chrono::duration_cast<std::chrono::seconds>(longest).count()));
}

Journal::Opening Journal::open() {
  if (in_memory_only()) return Opening::closed;
  if (open_) return Opening::open;
  if (retry_at_ && clock_.now() < *retry_at_) return Opening::closed;
  if (thread_.is_busy()) {  // the disk still owes an answer
    retry_at_ = clock_.now() + retry_after;
    return Opening::closed;
  }
  const store::OpenOptions options{.durability = store::OpenOptions::Durability::full,
                                   .busy_timeout = busy_patience,
                                   .largest_bytes = largest_bytes_};
  auto opened = on_thread<void>([file = file_, options](std::optional<Ledger>& ledger) -> Result<void> {
    ledger.reset();
    auto made = Ledger::open(file, options);
    if (!made) return std::unexpected(made.error());
    ledger.emplace(std::move(*made));
    return {};
  });
  if (!opened) {
    close(opened.error());
    return Opening::closed;
  }
  open_ = true;
  return Opening::opened;
}

Result<Ledger::Kept> Journal::read() {
  TENFOLD_ASSERT(open_);
  auto kept = on_thread<Ledger::Kept>([](std::optional<Ledger>& ledger) { return ledger->read(); });
  was_read_ = was_read_ || kept.has_value();
  return kept;
}

Journal::Writing Journal::write(std::shared_ptr<const Ledger::Page> page) {
  if (in_memory_only()) return Writing::done;
  if (!open_) return Writing::failed;
  auto written =
      on_thread<void>([page = std::move(page)](std::optional<Ledger>& ledger) { return ledger->write(*page); });
  if (!written) {
    close(written.error());
    return Writing::failed;
  }
  if (!error_.empty()) log::info("on call: {} can be written again", file_);
  error_.clear();
  retry_at_.reset();
  return Writing::done;
}

// Its thread opens it anew with the next try, whatever has become of it by then.
void Journal::close(const Error& error) {
  if (error_.empty()) log::error("on call rings from memory: {}", error.text());
  error_ = error.detail.empty() ? error.text() : error.detail;
  open_ = false;
  retry_at_ = clock_.now() + retry_after;
}

}  // namespace tenfold::oncall
