#include "guard/known/crawler_verdicts.hpp"

#include <algorithm>

namespace tenfold::guard {

CrawlerVerdicts::CrawlerVerdicts(Table table) : table_(std::move(table)) {
  for (const auto& [address, verdict] : table_) proven_ += verdict.crawler != Crawler::none ? 1 : 0;
}

const CrawlerVerdict* CrawlerVerdicts::find(const net::IpAddress& address, TimePoint now) const {
  const auto found = table_.find(address.bytes());
  return found != table_.end() && now < found->second.until ? &found->second : nullptr;
}

void CrawlerClaims::push(const net::IpAddress& address) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) {
    dropped_.add();
    return;
  }
  if (std::ranges::find(waiting_, address) != waiting_.end()) return;
  if (waiting_.size() == most_waiting) {
    dropped_.add();
    return;
  }
  waiting_.push_back(address);
}

std::vector<net::IpAddress> CrawlerClaims::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

Crawler proven_crawler(std::string_view user_agent, const net::IpAddress& address, const CrawlerVerdicts& verdicts,
                       CrawlerClaims& claims, TimePoint now) {
  const Crawler claimed = claimed_crawler(user_agent);
  if (claimed == Crawler::none) return Crawler::none;
  const CrawlerVerdict* const verdict = verdicts.find(address, now);
  if (verdict == nullptr || now >= verdict->renew) claims.push(address);
  return verdict != nullptr && verdict->crawler == claimed ? claimed : Crawler::none;
}

}  // namespace tenfold::guard
