#include "watch/service/heartbeats.hpp"

#include <openssl/crypto.h>

namespace tenfold::watch {

void Heartbeats::replace(const std::vector<Check>& checks) {
  std::vector<std::pair<std::string, std::string>> tokens;
  for (const Check& check : checks) {
    const auto* const heartbeat = std::get_if<HeartbeatProbe>(&check.probe);
    if (heartbeat != nullptr && !heartbeat->token.empty()) tokens.emplace_back(heartbeat->token, check.name);
  }
  known_.with([&](Known& known) { known.tokens = std::move(tokens); });
}

Heartbeats::Taken Heartbeats::take(std::string_view token, Beat beat) {
  return known_.with([&](Known& known) {
    const std::pair<std::string, std::string>* found = nullptr;
    // All are compared, so that the time says nothing of which one it is.
    for (const auto& entry : known.tokens) {
      const bool same =
          entry.first.size() == token.size() && CRYPTO_memcmp(entry.first.data(), token.data(), token.size()) == 0;
      if (same) found = &entry;
    }
    if (found == nullptr) return Taken::unknown;
    const bool first = known.waiting.empty();
    std::vector<Beat>& waiting = known.waiting[found->second];
    const auto is_begun = [](const Beat& one) { return one.outcome == Beat::Outcome::begun; };
    std::erase_if(waiting, [&](const Beat& one) { return one.run == beat.run && is_begun(one) == is_begun(beat); });
    if (waiting.size() >= most_waiting) waiting.erase(waiting.begin());
    waiting.push_back(std::move(beat));
    return first ? Taken::first : Taken::waiting;
  });
}

std::map<std::string, std::vector<Beat>> Heartbeats::fetch() {
  return known_.with([](Known& known) { return std::exchange(known.waiting, {}); });
}

}  // namespace tenfold::watch
