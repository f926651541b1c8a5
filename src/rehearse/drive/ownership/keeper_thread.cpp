#include "rehearse/drive/ownership/keeper_thread.hpp"

#include "net/resolver.hpp"
#include "net/scope.hpp"

namespace tenfold::rehearse {

namespace {

constexpr Duration first_proof_timeout = std::chrono::seconds(30);

}  // namespace

KeeperThread::KeeperThread(std::unique_ptr<net::Loop> loop, std::string key, Target target,
                           std::shared_ptr<net::TlsClientContext> tls, Events events)
    : loop_(std::move(loop)), events_(std::move(events)) {
  thread_ = std::thread(
      [this, key = std::move(key), target = std::move(target), tls = std::move(tls)] { run(key, target, tls); });
}

KeeperThread::~KeeperThread() {
  loop_->post([this] { stop_.cancel(); });
  thread_.join();
}

void KeeperThread::run(std::string key, Target target, std::shared_ptr<net::TlsClientContext> tls) {
  {
    auto resolver = net::make_resolver(*loop_);
    if (!resolver) return first_.set_value(std::unexpected(resolver.error()));
    OwnershipKeeper keeper(*loop_, **resolver, std::move(key), std::move(target), std::move(tls), events_.publish);
    net::Scope scope;
    scope.spawn(keep(keeper));
    while (scope.running() > 0) loop_->run_once(std::chrono::hours(1));
  }
  loop_->stop();
  loop_->run();  // winds up, on the thread that used it
}

net::Task<void> KeeperThread::keep(OwnershipKeeper& keeper) {
  auto first = co_await keeper.prove_first(loop_->now() + first_proof_timeout);
  const bool proven = first.has_value();
  first_.set_value(std::move(first));
  if (!proven) co_return;
  std::string why = co_await keeper.keep(stop_.token());
  if (!why.empty()) events_.lost(std::move(why));
}

}  // namespace tenfold::rehearse
