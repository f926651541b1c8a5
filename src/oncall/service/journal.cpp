#include "oncall/service/journal.hpp"

#include <utility>

#include "base/log.hpp"

namespace tenfold::oncall {
namespace {

// Short: the thread that rings waits meanwhile.
constexpr Duration patience = std::chrono::milliseconds(250);

}  // namespace

Journal::Journal(const Clock& clock, std::string file, std::uint64_t largest_bytes)
    : clock_(clock), file_(std::move(file)), largest_bytes_(largest_bytes) {}

Journal::Opening Journal::open() {
  if (in_memory_only()) return Opening::closed;
  if (ledger_) return Opening::open;
  if (retry_at_ && clock_.now() < *retry_at_) return Opening::closed;
  auto opened = Ledger::open(
      file_,
      {.durability = store::OpenOptions::Durability::full, .busy_timeout = patience, .largest_bytes = largest_bytes_});
  if (!opened) {
    close(opened.error());
    return Opening::closed;
  }
  ledger_ = std::move(*opened);
  return Opening::opened;
}

Result<Ledger::Kept> Journal::read() {
  TENFOLD_ASSERT(ledger_.has_value());
  return ledger_->read();
}

Journal::Writing Journal::write(const Ledger::Page& page) {
  if (in_memory_only()) return Writing::done;
  if (!ledger_) return Writing::failed;
  if (auto written = ledger_->write(page); !written) {
    close(written.error());
    return Writing::failed;
  }
  if (!error_.empty()) log::info("on call: {} can be written again", file_);
  error_.clear();
  retry_at_.reset();
  return Writing::done;
}

void Journal::close(const Error& error) {
  if (error_.empty()) log::error("on call rings from memory: {}", error.text());
  error_ = error.detail.empty() ? error.text() : error.detail;
  ledger_.reset();
  retry_at_ = clock_.now() + retry_after;
}

}  // namespace tenfold::oncall
