#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "transfer/poller.hpp"
#include "transfer/transfers.hpp"

namespace tenfold::oncall::channels {

// Mails under way, on a thread of their own: libcurl waits for a mail server's word on the message, and for its
// goodbye, without letting anything else of its thread go on. A server that is silent there would silence every phone.
class PostOffice {
 public:
  // Called on that thread; null: it waited behind others until its time was up, and nothing was sent.
  using Done = std::function<void(transfer::Outcome*)>;

  // Errors: exhausted (no descriptors, no thread).
  static Result<std::unique_ptr<PostOffice>> open(const Clock& clock);
  PostOffice(const PostOffice&) = delete;
  PostOffice& operator=(const PostOffice&) = delete;
  ~PostOffice();  // drops what is under way, without a word; waits a second or so for a silent server

  // The request's time-out counts from now. False: too many wait (as many as a poller takes).
  bool send(transfer::Request request, Done done);

 private:
  PostOffice(std::unique_ptr<transfer::Poller> poller, std::unique_ptr<transfer::Transfers> transfers)
      : poller_(std::move(poller)), transfers_(std::move(transfers)) {}
  void begin(transfer::Request request, TimePoint deadline, Done done);

  std::unique_ptr<transfer::Poller> poller_;
  std::unique_ptr<transfer::Transfers> transfers_;
  std::atomic<bool> closing_ = false;
  std::thread thread_;
};

}  // namespace tenfold::oncall::channels
