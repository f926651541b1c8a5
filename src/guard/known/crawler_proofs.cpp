#include "guard/known/crawler_proofs.hpp"

#include <algorithm>

#include "base/result.hpp"

namespace tenfold::guard {

namespace {

constexpr Duration tidied_every = std::chrono::seconds(10);
constexpr Duration between_lookups = std::chrono::nanoseconds(std::chrono::seconds(1)) / CrawlerProofs::most_per_s;

}  // namespace

void CrawlerProofs::claim(const net::IpAddress& address, TimePoint now) {
  tidy(now);
  const auto verdict = verdicts_.find(address.bytes());
  if (verdict != verdicts_.end() && now < verdict->second.renew) return;
  if (asked_.contains(address.bytes())) return;

  const auto found = networks_.find(Prefix::of(address, Level::network).base.bytes());
  const Network known = found == networks_.end() ? Network{.free_at = now} : found->second;
  const bool trusted = now < known.trusted_until;
  auto& line = trusted ? trusted_ : strangers_;
  const bool waits = now < known.free_at || (!trusted && known.asked > 0);
  Network* const network = waits || line.size() == most_waiting ? nullptr : network_of(address, now);
  if (network == nullptr) {
    ++counts_.left_out;
    return;
  }
  line.push_back(address);
  ++network->asked;
  asked_[address.bytes()] = trusted ? Trust::trusted : Trust::stranger;
}

std::optional<net::IpAddress> CrawlerProofs::next(TimePoint now) {
  if (under_way_ == most_at_once || bucket_full_at_ - now > between_lookups * (most_in_a_burst - 1)) return {};
  const bool take_stranger = trusted_.empty();
  auto& line = take_stranger ? strangers_ : trusted_;
  if (line.empty() || (take_stranger && strangers_under_way_ == most_strangers_at_once)) return {};
  const net::IpAddress address = line.front();
  line.pop_front();
  bucket_full_at_ = std::max(bucket_full_at_, now) + between_lookups;
  ++under_way_;
  if (take_stranger) ++strangers_under_way_;
  ++counts_.looked_up;
  return address;
}

void CrawlerProofs::proved(const net::IpAddress& address, Crawler crawler, TimePoint now) {
  settle(address);
  ++counts_.proved;
  keep(address, {.crawler = crawler, .until = now + proven_for, .renew = now + renewed_after});
  if (Network* const network = network_of(address, now)) {
    *network = {.trusted_until = now + trusted_for, .asked = network->asked};
  }
}

void CrawlerProofs::refuted(const net::IpAddress& address, TimePoint now) {
  ++counts_.refuted;
  no_crawler(address, refuted_for, now);
}

// A crawler stays one until its proof has run out.
void CrawlerProofs::unanswered(const net::IpAddress& address, TimePoint now) {
  ++counts_.unanswered;
  const auto verdict = verdicts_.find(address.bytes());
  if (verdict == verdicts_.end() || verdict->second.crawler == Crawler::none || now >= verdict->second.until) {
    no_crawler(address, unanswered_for, now);
    return;
  }
  settle(address);
  verdict->second.renew = now + unanswered_for;
  published_ = nullptr;
}

void CrawlerProofs::given_up(const net::IpAddress& address) { settle(address); }

void CrawlerProofs::no_crawler(const net::IpAddress& address, Duration for_how_long, TimePoint now) {
  settle(address);
  keep(address, {.crawler = Crawler::none, .until = now + for_how_long, .renew = now + for_how_long});
  Network* const network = network_of(address, now);
  if (network == nullptr) return;
  network->pause =
      now < network->trusted_until ? trusted_pause : std::clamp(network->pause * 2, first_pause, last_pause);
  network->free_at = now + network->pause;
}

// Ends a look-up that is under way.
void CrawlerProofs::settle(const net::IpAddress& address) {
  const auto asked = asked_.find(address.bytes());
  TENFOLD_ASSERT(asked != asked_.end() && under_way_ > 0);
  --under_way_;
  if (asked->second == Trust::stranger) --strangers_under_way_;
  asked_.erase(asked);
  const auto network = networks_.find(Prefix::of(address, Level::network).base.bytes());
  if (network != networks_.end()) --network->second.asked;
}

void CrawlerProofs::keep(const net::IpAddress& address, const CrawlerVerdict& verdict) {
  const auto found = verdicts_.find(address.bytes());
  if (found != verdicts_.end()) {
    found->second = verdict;
  } else if (verdicts_.size() < most_verdicts) {
    verdicts_.emplace(address.bytes(), verdict);
  }
  published_ = nullptr;
}

// Null: there are too many.
CrawlerProofs::Network* CrawlerProofs::network_of(const net::IpAddress& address, TimePoint now) {
  const Bytes key = Prefix::of(address, Level::network).base.bytes();
  const auto found = networks_.find(key);
  if (found != networks_.end()) return &found->second;
  if (networks_.size() == most_networks) return nullptr;
  return &networks_.emplace(key, Network{.free_at = now}).first->second;
}

// Forgets what says nothing any more. A network's pause is remembered for as long again, so that the next one doubles.
void CrawlerProofs::tidy(TimePoint now) {
  if (now < tidy_at_) return;
  tidy_at_ = now + tidied_every;
  absl::erase_if(verdicts_, [&](const auto& entry) { return now >= entry.second.until; });
  absl::erase_if(networks_, [&](const auto& entry) {
    const Network& network = entry.second;
    return network.asked == 0 && now >= network.trusted_until && now >= network.free_at + network.pause;
  });
}

std::shared_ptr<const CrawlerVerdicts> CrawlerProofs::verdicts(TimePoint now) {
  tidy(now);
  if (!published_) published_ = std::make_shared<const CrawlerVerdicts>(verdicts_);
  return published_;
}

}  // namespace tenfold::guard
