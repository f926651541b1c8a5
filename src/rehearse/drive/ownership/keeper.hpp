#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/cancel.hpp"
#include "rehearse/drive/connection/route.hpp"
#include "rehearse/drive/ownership/ownership.hpp"

namespace tenfold::rehearse {

// Watches over the ownership of a target while it is driven: resolves its name anew when the TTL is over, and proves
// every address before its proof runs out.
class OwnershipKeeper {
 public:
  using Publish = std::function<void(ProvenAddresses)>;

  // `publish` is told of every new set of addresses. One thread only.
  OwnershipKeeper(net::Loop& loop, net::Resolver& resolver, std::string key, Target target,
                  std::shared_ptr<net::TlsClientContext> tls, Publish publish);

  // Proves and publishes, once. Errors: as Ownership::prove.
  net::Task<Result<void>> prove_first(TimePoint deadline);
  // Goes on until the token is cancelled (the result is empty) or ownership is lost (then it says why): at once when a
  // server answers without the token, or an address appears that has none; and when a proof has run out because servers
  // or name servers gave no answer.
  net::Task<std::string> keep(net::CancelToken token);

 private:
  static constexpr Duration attempt_timeout = std::chrono::seconds(10);
  static constexpr Duration pause_between_attempts = std::chrono::seconds(1);
  static constexpr Duration least_pause = std::chrono::seconds(1);

  void take(Proof proof);
  TimePoint proof_end() const;

  net::Loop& loop_;
  Ownership ownership_;
  Target target_;
  std::shared_ptr<net::TlsClientContext> tls_;
  Publish publish_;
  ProvenAddresses addresses_;
  TimePoint look_again_{};
};

}  // namespace tenfold::rehearse
