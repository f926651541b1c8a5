#include "oncall/people/plan.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tenfold::oncall {
namespace {

constexpr std::array<std::pair<ChannelKind, std::string_view>, 9> channel_names{
    {{ChannelKind::call, "call"},
     {ChannelKind::sms, "sms"},
     {ChannelKind::mail, "mail"},
     {ChannelKind::telegram, "telegram"},
     {ChannelKind::ntfy, "ntfy"},
     {ChannelKind::slack, "slack"},
     {ChannelKind::teams, "teams"},
     {ChannelKind::webhook, "webhook"},
     {ChannelKind::pagerduty, "pagerduty"}}};

constexpr std::array<std::pair<Language, std::string_view>, 4> language_names{
    {{Language::en, "en"}, {Language::de, "de"}, {Language::fr, "fr"}, {Language::es, "es"}}};

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value) {
  for (const auto& [known, text] : names) {
    if (known == value) return text;
  }
  return "?";
}

template <class Value, std::size_t size>
std::optional<Value> value_in(const std::array<std::pair<Value, std::string_view>, size>& names,
                              std::string_view text) {
  for (const auto& [value, known] : names) {
    if (known == text) return value;
  }
  return std::nullopt;
}

template <class Items>
auto find_in(const Items& items, std::string_view name) -> const typename Items::value_type* {
  const auto found = std::ranges::find(items, name, &Items::value_type::name);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::string_view name(ChannelKind kind) { return name_in(channel_names, kind); }
std::optional<ChannelKind> channel_kind(std::string_view name) { return value_in(channel_names, name); }
bool is_loud(ChannelKind kind) { return kind == ChannelKind::call || kind == ChannelKind::sms; }

std::string_view name(Language language) { return name_in(language_names, language); }
std::optional<Language> language(std::string_view name) { return value_in(language_names, name); }

const Person* find_person(const Plan& plan, std::string_view name) { return find_in(plan.people, name); }
const Schedule* find_schedule(const Plan& plan, std::string_view name) { return find_in(plan.schedules, name); }
const OutsideParty* find_outside_party(const Plan& plan, std::string_view name) {
  return find_in(plan.outside_parties, name);
}

Escalation escalation_of(const Plan& plan, std::string_view name) {
  if (const auto* found = find_in(plan.escalations, name)) return *found;
  if (!plan.escalations.empty()) return plan.escalations.front();
  Escalation all{.name = std::string(name)};
  all.steps.emplace_back();
  for (const Person& person : plan.people) all.steps.front().notify.push_back(person.name);
  return all;
}

}  // namespace tenfold::oncall
