#include "app/serve/owners_word.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/text/iso_time.hpp"
#include "guard/known/allow_rules.hpp"
#include "guard/ladder/step.hpp"
#include "guard/subject.hpp"

namespace tenfold::app {

namespace {

using Of = guard::AllowRules::Reach::Of;

bool is_within(const net::IpNetwork& inner, const net::IpNetwork& outer) {
  return outer.prefix_bits() <= inner.prefix_bits() && outer.contains(inner.base());
}

// The entry that holds all of the network, else one that holds a part of it; null: none does.
const guard::OwnerEntry* entry_on(const std::vector<guard::OwnerEntry>& entries, const net::IpNetwork& network) {
  const guard::OwnerEntry* part = nullptr;
  for (const guard::OwnerEntry& entry : entries) {
    if (is_within(network, entry.network)) return &entry;
    if (is_within(entry.network, network)) part = &entry;
  }
  return part;
}

std::string place_of(std::string_view call, const guard::OwnerEntry& entry) {
  return fmt::format("{} of {}, until {}: {}", call, entry.network.text(), iso_time(entry.ends), entry.reason);
}

void say(std::string_view what, const std::string& where, std::string& text) {
  if (where.empty()) return;
  text += fmt::format("{}{} by {}", text.empty() ? "" : "; ", what, where);
}

}  // namespace

std::string OwnersWord::text() const {
  std::string text;
  say("let be", allowed, text);
  if (!allowed.empty()) return text;
  say("denied", denied, text);
  if (denied.empty()) say("some of its addresses are denied", denied_in_part, text);
  say("some of it is let be", allowed_in_part, text);
  return text;
}

OwnersWord owners_word(const edge::GuardView& view, const guard::OwnerEntries& entries, const net::IpNetwork& network) {
  OwnersWord word;
  const auto in_file = [&](const guard::AllowRules& rules, std::string_view key, std::string& all, std::string& part) {
    const auto reach = rules.reach_of(network);
    if (!reach) return;
    (reach->of == Of::all ? all : part) =
        fmt::format("{} \"{}\"{}", key, reach->name, reach->of == Of::some_paths ? ", at its paths" : "");
  };
  const auto in_list = [&](guard::OwnerList list, std::string_view call, std::string& all, std::string& part) {
    const guard::OwnerEntry* const entry = entry_on(entries.*list, network);
    if (entry != nullptr) (is_within(network, entry->network) ? all : part) = place_of(call, *entry);
  };
  // What the file says is told where both say it: it stays.
  in_list(&guard::OwnerEntries::deny, "POST /api/v1/blocks", word.denied, word.denied_in_part);
  if (!word.denied.empty()) {
    const guard::OwnerEntry* const entry = entry_on(entries.deny, network);
    word.remedy = fmt::format("\"prefix\": \"{}\", which is what POST /api/v1/blocks put there", entry->network.text());
  }
  in_list(&guard::OwnerEntries::allow, "POST /api/v1/allowed", word.allowed, word.allowed_in_part);
  if (view.rules == nullptr) return word;
  in_file(view.rules->deny, "guard.deny", word.denied, word.denied_in_part);
  if (const auto reach = view.rules->deny.reach_of(network); reach && reach->of == Of::all) {
    word.remedy = fmt::format(
        "guard.deny \"{}\" without it in shop.yaml, and a reload; or POST /api/v1/allowed, which "
        "goes before it",
        reach->name);
  }
  in_file(view.rules->allow, "guard.allow", word.allowed, word.allowed_in_part);
  return word;
}

LetBe::LetBe(const edge::GuardView& view, const guard::OwnerEntries& entries) : rules_(view.rules) {
  std::vector<net::IpNetwork> networks;
  for (const guard::OwnerEntry& entry : entries.allow) networks.push_back(entry.network);
  by_api_ = guard::AddressSet(networks);
}

bool LetBe::contains(const net::IpNetwork& network) const {
  if (by_api_.contains(network)) return true;
  if (rules_ == nullptr) return false;
  const auto reach = rules_->allow.reach_of(network);
  return reach && reach->of == Of::all;
}

void say_owners_word(const OwnersWord& word, GuardJson& shown) {
  if (word.is_denied()) {
    shown["by"] = "owner";
    shown["step"] = guard::ladder::name(guard::ladder::Step::refuse);
    shown["standing"] = guard::name(guard::Standing::suspect);
  } else if (!word.allowed.empty()) {
    shown["by"] = "owner";
    shown["step"] = guard::ladder::name(guard::ladder::Step::serve);
    shown["standing"] = guard::name(guard::Standing::allowed);
  }
  const std::string text = word.text();
  if (text.empty()) return;
  const bool adds = shown["by"] == "guard";
  shown["why"] = adds ? fmt::format("{}; {}", shown["why"].get<std::string>(), text) : text;
}

}  // namespace tenfold::app
