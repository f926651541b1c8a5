#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "rehearse/drive/ownership/keeper.hpp"

namespace tenfold::rehearse {

// An OwnershipKeeper on a thread of its own, so that proving takes no time from those who drive.
class KeeperThread {
 public:
  struct Events {
    OwnershipKeeper::Publish publish;       // on the keeper's thread
    std::function<void(std::string)> lost;  // on the keeper's thread: why
  };

  KeeperThread(std::unique_ptr<net::Loop> loop, std::string key, Target target,
               std::shared_ptr<net::TlsClientContext> tls, Events events);
  KeeperThread(const KeeperThread&) = delete;
  KeeperThread& operator=(const KeeperThread&) = delete;
  ~KeeperThread();

  // Waits for the first proof. Call once. Errors: as Ownership::prove.
  Result<void> wait_for_proof() { return first_.get_future().get(); }

 private:
  void run(std::string key, Target target, std::shared_ptr<net::TlsClientContext> tls);
  net::Task<void> keep(OwnershipKeeper& keeper);

  std::unique_ptr<net::Loop> loop_;
  Events events_;
  net::CancelSource stop_;
  std::promise<Result<void>> first_;
  std::thread thread_;
};

}  // namespace tenfold::rehearse
