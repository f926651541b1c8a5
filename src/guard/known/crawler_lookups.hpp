#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "guard/known/crawler_proofs.hpp"
#include "guard/known/crawler_verdicts.hpp"
#include "net/address.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/scope.hpp"
#include "net/task.hpp"

namespace tenfold::guard {

// Looks up claimed crawlers as their operators ask for: the address's name must be one of theirs, and lead back to the
// address. Within the bounds of CrawlerProofs. One for each process, on one loop that is no worker's; all that it is
// given must outlive it. Every function is to be called on that loop's thread, or before it runs.
class CrawlerLookups {
 public:
  // Called when something was found out, at most ten times a second.
  using Publish = std::function<void(std::shared_ptr<const CrawlerVerdicts>)>;
  CrawlerLookups(net::Loop& loop, net::Resolver& resolver, CrawlerClaims& claims, Publish publish);
  CrawlerLookups(const CrawlerLookups&) = delete;
  CrawlerLookups& operator=(const CrawlerLookups&) = delete;

  void start();
  net::Task<void> stop();  // gives up what is under way; must be awaited if it was started
  const CrawlerProofs& proofs() const { return proofs_; }

  static constexpr Duration patience = std::chrono::seconds(3);  // of one look-up, both ways

 private:
  net::Task<void> keep_looking();
  net::Task<void> look_up(net::IpAddress address);
  void publish();

  net::Loop& loop_;
  net::Resolver& resolver_;
  CrawlerClaims& claims_;
  Publish publish_;
  CrawlerProofs proofs_;
  std::shared_ptr<const CrawlerVerdicts> published_;
  net::Scope tasks_;
};

}  // namespace tenfold::guard
