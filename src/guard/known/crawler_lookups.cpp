#include "guard/known/crawler_lookups.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tenfold::guard {

namespace {

constexpr Duration looks_every = std::chrono::milliseconds(100);

}  // namespace

CrawlerLookups::CrawlerLookups(net::Loop& loop, net::Resolver& resolver, CrawlerClaims& claims, Publish publish)
    : loop_(loop), resolver_(resolver), claims_(claims), publish_(std::move(publish)) {}

void CrawlerLookups::start() { tasks_.spawn(keep_looking()); }

net::Task<void> CrawlerLookups::stop() {
  tasks_.cancel();
  co_await tasks_.drain();
}

net::Task<void> CrawlerLookups::keep_looking() {
  while (true) {
    for (const net::IpAddress& address : claims_.take()) proofs_.claim(address, loop_.now());
    while (const auto address = proofs_.next(loop_.now())) tasks_.spawn(look_up(*address));
    publish();
    auto slept = co_await loop_.sleep_for(looks_every, tasks_.token());
    if (!slept) co_return;
  }
}

net::Task<void> CrawlerLookups::look_up(net::IpAddress address) {
  const TimePoint deadline = loop_.now() + patience;
  auto asking = resolver_.reverse(address, deadline, tasks_.token());
  const auto names = co_await std::move(asking);
  if (!names) {
    const Errc code = names.error().code;
    if (code == Errc::cancelled) {
      proofs_.given_up(address);
    } else if (code == Errc::not_found || code == Errc::invalid) {
      proofs_.refuted(address, loop_.now());
    } else {
      proofs_.unanswered(address, loop_.now());
    }
    co_return;
  }
  // More than one name is unusual; only the first that counts is led back, so that nobody has us ask for sixteen.
  const auto named =
      std::ranges::find_if(*names, [](const std::string& host) { return crawler_of_host(host) != Crawler::none; });
  if (named == names->end()) co_return proofs_.refuted(address, loop_.now());

  // The dot keeps search domains out.
  auto resolving = resolver_.resolve(*named + ".", deadline, tasks_.token());
  const auto resolution = co_await std::move(resolving);
  if (!resolution) {
    if (resolution.error().code == Errc::cancelled) co_return proofs_.given_up(address);
    co_return proofs_.unanswered(address, loop_.now());
  }
  if (std::ranges::find(resolution->addresses, address) == resolution->addresses.end()) {
    co_return proofs_.refuted(address, loop_.now());
  }
  proofs_.proved(address, crawler_of_host(*named), loop_.now());
}

void CrawlerLookups::publish() {
  auto verdicts = proofs_.verdicts(loop_.now());
  if (verdicts == published_) return;
  published_ = verdicts;
  publish_(std::move(verdicts));
}

}  // namespace tenfold::guard
