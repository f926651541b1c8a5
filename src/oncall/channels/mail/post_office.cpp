#include "oncall/channels/mail/post_office.hpp"

#include <curl/curl.h>

#include <utility>

#include "base/thread.hpp"

namespace tenfold::oncall::channels {
namespace {

// Asked by libcurl at least once a second, also where it waits for a server on its own: whether it is to go on.
struct Patience {
  const std::atomic<bool>& closing;
  const Clock& clock;
  TimePoint deadline;

  static int ask(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& patience = *static_cast<const Patience*>(self);
    return patience.closing.load(std::memory_order_relaxed) || patience.clock.now() >= patience.deadline ? 1 : 0;
  }
};

}  // namespace

Result<std::unique_ptr<PostOffice>> PostOffice::open(const Clock& clock) {
  auto poller = transfer::Poller::make(clock);
  if (!poller) return std::unexpected(poller.error());
  auto transfers = transfer::Transfers::make(**poller);
  if (!transfers) return std::unexpected(transfers.error());
  std::unique_ptr<PostOffice> office(new PostOffice(std::move(*poller), std::move(*transfers)));
  auto thread = start_thread("the thread that mails", [self = office.get()] { self->poller_->run(); });
  if (!thread) return std::unexpected(thread.error());
  office->thread_ = std::move(*thread);
  return office;
}

PostOffice::~PostOffice() {
  if (!thread_.joinable()) return;
  closing_.store(true, std::memory_order_relaxed);
  poller_->stop();
  thread_.join();
}

bool PostOffice::send(transfer::Request request, Done done) {
  const TimePoint deadline = poller_->now() + request.timeout;
  return poller_->post([this, request = std::move(request), deadline, done = std::move(done)]() mutable {
    begin(std::move(request), deadline, std::move(done));
  });
}

void PostOffice::begin(transfer::Request request, TimePoint deadline, Done done) {
  request.timeout = deadline - poller_->now();
  if (request.timeout <= Duration::zero()) return done(nullptr);
  const auto patience = std::make_shared<Patience>(Patience{closing_, poller_->clock(), deadline});
  request.prepare = [prepare = std::move(request.prepare), patience](CURL* curl) {
    if (prepare) prepare(curl);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Patience::ask);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, patience.get());
  };
  transfers_->start(std::move(request), [done = std::move(done)](transfer::Outcome& outcome) { done(&outcome); });
}

}  // namespace tenfold::oncall::channels
