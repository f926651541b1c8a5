#include "app/wiring/guard_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "app/wiring/guard_rules.hpp"
#include "base/text/glob.hpp"

namespace tenfold::app {

namespace {

// " (for checkout, then cart, then all else)": the order in which requests of equal standing are served.
std::string order_of_worth(const config::Replaceable& live) {
  const guard::WorthClasses classes = worth_classes(live);
  if (!classes.is_above_rest(0)) return {};
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(live.worth.size(), most); ++i) {
    text += (i == 0 ? "" : ", then ") + live.worth[i].name;
  }
  if (live.worth.size() > most) text += fmt::format(" and {} more", live.worth.size() - most);
  if (classes.is_above_rest(live.worth.size() - 1)) text += ", then all else";
  return fmt::format(" (for {})", text);
}

std::string_view name_of(config::GuardPart part) {
  switch (part) {
    case config::GuardPart::fairness: return "fairness";
    case config::GuardPart::standing: return "standing";
    case config::GuardPart::challenge: return "challenge";
  }
  return "";
}

bool is_left_out(const config::Guard& guard, config::GuardPart part) {
  return std::ranges::find(guard.without, part) != guard.without.end();
}

std::string exceptions_of(const config::Guard& guard) {
  std::string text;
  for (const config::GuardPart part : guard.without) {
    text += fmt::format("{}{}", text.empty() ? "; left out (guard.without): " : ", ", name_of(part));
  }
  const auto add = [&](std::size_t count, std::string_view what) {
    if (count != 0) text += fmt::format("; {}: {}", what, count);
  };
  add(guard.allow.size(), "rules for whom it lets be");
  add(guard.api_keys.size(), "applications known by keys");
  const bool acts = guard.mode == config::GuardMode::enforce;
  add(guard.deny.size(), acts ? "rules for whom it never serves" : "rules for whom it would never serve");
  return text;
}

std::string who_comes_first(const config::Replaceable& live) {
  if (is_left_out(live.guard, config::GuardPart::fairness)) return "all wait in one queue, first come, first served";
  if (is_left_out(live.guard, config::GuardPart::standing)) return "customers wait as strangers do";
  return "customers come first" + order_of_worth(live);
}

std::string_view what_strangers_do(const config::Guard& guard) {
  if (is_left_out(guard, config::GuardPart::challenge)) {
    return "strangers wait or are asked to queue, and nobody has to solve a challenge";
  }
  return "strangers wait, are asked to solve a challenge or to queue, and are refused if they do neither and go on";
}

// A pattern all of whose requests belong to a class before its own, as far as texts tell.
bool comes_after(const config::RequestPattern& pattern, const config::Worth& earlier) {
  return std::ranges::any_of(earlier.paths, [&](const config::RequestPattern& other) {
    return (other.method.empty() || other.method == pattern.method) && glob_matches(other.path, pattern.path);
  });
}

void add_shadowed(const std::vector<config::Worth>& worth, std::vector<std::string>& gaps) {
  for (std::size_t later = 1; later < worth.size(); ++later) {
    for (const config::RequestPattern& pattern : worth[later].paths) {
      const auto end = worth.begin() + static_cast<std::ptrdiff_t>(later);
      const auto earlier =
          std::find_if(worth.begin(), end, [&](const config::Worth& each) { return comes_after(pattern, each); });
      if (earlier == end) continue;
      gaps.push_back(
          fmt::format("worth \"{}\": {} is already in \"{}\", which comes before it: the order is that of worth",
                      worth[later].name, pattern.text(), earlier->name));
    }
  }
}

bool is_everybody(const config::Network& network) { return network.text.ends_with("/0"); }

// A rule for everybody and everything is more than a gap: config::check_guarding warns of it.
void add_open_doors(const std::vector<config::GuardAllow>& allow, std::vector<std::string>& gaps) {
  for (const config::GuardAllow& each : allow) {
    if (each.networks.empty()) {
      gaps.push_back(fmt::format("guard.allow \"{}\": whoever asks for its paths is let be, from anywhere", each.name));
    } else if (!each.paths.empty() && std::ranges::any_of(each.networks, is_everybody)) {
      gaps.push_back(fmt::format("guard.allow \"{}\": everybody is in its networks", each.name));
    }
  }
}

void add_left_out(const config::Guard& guard, std::vector<std::string>& gaps) {
  const auto add = [&](config::GuardPart part, std::string_view means) {
    if (!is_left_out(guard, part)) return;
    gaps.push_back(fmt::format("guard.without: {}: {}", name_of(part), means));
  };
  add(config::GuardPart::fairness,
      "customers wait in one queue with everybody, first come, first served; whoever takes most gets most");
  add(config::GuardPart::standing, "customers are strangers: they wait, and are challenged, as whoever attacks");
  add(config::GuardPart::challenge, "nobody is challenged: under attack, who is no customer waits with the attackers");
}

}  // namespace

std::string guard_summary(const config::Replaceable& live) {
  switch (live.guard.mode) {
    case config::GuardMode::off: return "off: first come, first served, also in a rush or under attack (guard.mode)";
    case config::GuardMode::observe:
      return fmt::format(
          "observes: decides and shows whom it would let wait{} or refuse, and serves as if it were off{}",
          is_left_out(live.guard, config::GuardPart::challenge) ? "" : ", challenge", exceptions_of(live.guard));
    case config::GuardMode::enforce: break;
  }
  return fmt::format("acts, and only while there is not enough for everyone: {}; {}{}", who_comes_first(live),
                     what_strangers_do(live.guard), exceptions_of(live.guard));
}

std::vector<std::string> guard_gaps(const config::Replaceable& live) {
  std::vector<std::string> gaps;
  if (live.guard.mode == config::GuardMode::off) {
    if (!live.guard.deny.empty()) gaps.emplace_back("guard.deny: nobody is refused while guard.mode is off");
    return gaps;
  }
  if (!live.sales.order) {
    gaps.emplace_back("sales.order: nobody is known to have ordered, today or on earlier days");
  }
  if (!worth_classes(live).is_above_rest(0)) {
    gaps.emplace_back(
        "worth: nothing is worth more than the rest, so a checkout waits as any page, and no basket is known");
  }
  add_left_out(live.guard, gaps);
  add_shadowed(live.worth, gaps);
  add_open_doors(live.guard.allow, gaps);
  if (live.guard.mode == config::GuardMode::observe && !live.guard.deny.empty()) {
    gaps.emplace_back("guard.deny: is counted and not refused while guard.mode is observe");
  }
  return gaps;
}

}  // namespace tenfold::app
