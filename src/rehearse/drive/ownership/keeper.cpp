#include "rehearse/drive/ownership/keeper.hpp"

#include <algorithm>

namespace tenfold::rehearse {

OwnershipKeeper::OwnershipKeeper(net::Loop& loop, net::Resolver& resolver, std::string key, Target target,
                                 std::shared_ptr<net::TlsClientContext> tls, Publish publish)
    : loop_(loop),
      ownership_(loop, resolver, std::move(key)),
      target_(std::move(target)),
      tls_(std::move(tls)),
      publish_(std::move(publish)) {}

net::Task<Result<void>> OwnershipKeeper::prove_first(TimePoint deadline) {
  auto proof = co_await ownership_.prove(target_, tls_, deadline);
  if (!proof) co_return std::unexpected(proof.error());
  take(std::move(*proof));
  co_return Result<void>();
}

void OwnershipKeeper::take(Proof proof) {
  look_again_ = std::max(proof.look_again, loop_.now() + least_pause);
  addresses_ = std::make_shared<const std::vector<ProvenAddress>>(std::move(proof.addresses));
  publish_(addresses_);
}

TimePoint OwnershipKeeper::proof_end() const {
  return std::ranges::min_element(*addresses_, {}, &ProvenAddress::good_until)->good_until();
}

net::Task<std::string> OwnershipKeeper::keep(net::CancelToken token) {
  while (true) {
    auto slept = co_await loop_.sleep_until(look_again_, token);
    if (!slept) co_return std::string();
    // Nobody is told to go on past a proof's end by a server that takes its time.
    const TimePoint deadline = std::min(loop_.now() + attempt_timeout, proof_end());
    auto proof = co_await ownership_.prove(target_, tls_, deadline);
    if (token.cancelled()) co_return std::string();
    if (proof) {
      take(std::move(*proof));
      continue;
    }
    // Who shows another certificate in mid-run may be somebody else.
    const bool somebody_else = proof.error().code == Errc::refused || proof.error().code == Errc::failed;
    if (somebody_else) co_return proof.error().detail;
    // No answer says nothing about ownership; a shop that breaks down under the rehearsal gives none. But a proof is
    // good for its time only.
    if (loop_.now() + pause_between_attempts >= proof_end()) {
      co_return "ownership could not be proven again within " +
          std::to_string(std::chrono::duration_cast<std::chrono::seconds>(ownership_period).count()) +
          " s: " + proof.error().detail;
    }
    look_again_ = loop_.now() + pause_between_attempts;
  }
}

}  // namespace tenfold::rehearse
