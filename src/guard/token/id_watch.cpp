#include "guard/token/id_watch.hpp"

#include <algorithm>
#include <string_view>

#include "base/result.hpp"
#include "guard/measure/key.hpp"

namespace tenfold::guard {

namespace {

std::uint32_t whole_seconds(Duration time) {
  return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

}  // namespace

IdWatch::IdWatch(const IdWatchOptions& options, const SipKey& secret)
    : window_s_(whole_seconds(options.window)),
      revoked_for_s_(whole_seconds(options.revoked_for)),
      table_(options.entries, secret) {
  TENFOLD_ASSERT(window_s_ > 0 && revoked_for_s_ > 0);
}

IdVerdict IdWatch::see(std::uint64_t id, const Prefix& network, TimePoint now) {
  const std::uint32_t now_s = seconds_since_start(now);
  Entry& entry = table_.claim(table_.key_of(id), [&](const Entry& other) { return worth(other, now_s); });
  entry.used_s = now_s;
  if (entry.revoked_until_s > now_s) return IdVerdict::revoked;
  const auto mark = static_cast<std::uint32_t>(table_.key_of(group_key(network)));
  if (note(entry, mark, now_s) == Noted::yes) return IdVerdict::fine;
  entry.revoked_until_s = now_s + revoked_for_s_;
  entry.networks = {};
  return IdVerdict::revoked;
}

IdWatch::Noted IdWatch::note(Entry& entry, std::uint32_t mark, std::uint32_t now_s) const {
  Network* free = nullptr;
  for (Network& network : entry.networks) {
    if (network.seen_s == 0 || network.seen_s + window_s_ <= now_s) {
      free = &network;
    } else if (network.mark == mark) {
      network.seen_s = now_s;
      return Noted::yes;
    }
  }
  if (free == nullptr) return Noted::no_place;
  *free = {.mark = mark, .seen_s = now_s};
  return Noted::yes;
}

// Revoked, then how many networks, then how lately used.
std::uint64_t IdWatch::worth(const Entry& entry, std::uint32_t now_s) const {
  const auto networks = static_cast<std::uint64_t>(std::ranges::count_if(entry.networks, [&](const Network& network) {
    return network.seen_s != 0 && network.seen_s + window_s_ > now_s;
  }));
  const std::uint64_t revoked = entry.revoked_until_s > now_s ? 1 : 0;
  return revoked << 63 | networks << 32 | entry.used_s;
}

// From 1 on. The first call sets the start: 32 bits of seconds last for a century from there.
std::uint32_t IdWatch::seconds_since_start(TimePoint now) {
  if (start_ == TimePoint()) start_ = now;
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(now - start_).count()) + 1;
}

}  // namespace tenfold::guard
