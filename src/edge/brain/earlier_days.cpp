#include "edge/brain/earlier_days.hpp"

#include <chrono>
#include <utility>

namespace tenfold::edge {

Result<void> EarlierDays::load(std::string_view kept, guard::Day today) {
  day_.reset();
  return book_.load(kept, today);
}

void EarlierDays::note(std::span<const net::IpAddress> orders, guard::Day today) {
  const auto is_new = [&](const net::IpAddress& client, guard::Level level) {
    return known_ == nullptr || !known_->contains(client, level);
  };
  for (const net::IpAddress& client : orders) {
    const guard::CustomerBook::Noted noted = book_.note_order(client, today);
    if (noted.client && is_new(client, guard::Level::client)) ++newcomers_;
    if (noted.network && is_new(client, guard::Level::network)) ++newcomers_;
  }
  has_news_ = has_news_ || !orders.empty();
}

bool EarlierDays::turn_to(guard::Day today) {
  if (day_ == today) return false;
  day_ = today;
  known_ = book_.snapshot(today);
  newcomers_ = 0;
  return true;
}

std::optional<std::string> EarlierDays::to_keep(guard::Day today, TimePoint now) {
  if (!has_news_ || now < due_) return {};
  constexpr std::size_t megabyte = std::size_t(1) << 20;
  auto text = to_keep_last(today);
  due_ = now + kept_every * (1 + static_cast<std::int64_t>(text->size() / megabyte));
  return text;
}

std::optional<std::string> EarlierDays::to_keep_last(guard::Day today) {
  if (!std::exchange(has_news_, false)) return {};
  return book_.save(today);
}

}  // namespace tenfold::edge
