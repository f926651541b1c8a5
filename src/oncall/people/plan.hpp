#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

// The on-call plan: who is told, when, and on which number. Plain values, which config fills from shop.yaml.
namespace tenfold::oncall {

enum class ChannelKind : std::uint8_t { call, sms, mail, telegram, ntfy, slack, teams, webhook, pagerduty };
std::string_view name(ChannelKind kind);  // "call"
std::optional<ChannelKind> channel_kind(std::string_view name);
// Whether it wakes somebody: calls and SMS.
bool is_loud(ChannelKind kind);

enum class Language : std::uint8_t { en, de, fr, es };
std::string_view name(Language language);  // "en"
std::optional<Language> language(std::string_view name);

// One way to reach somebody, in the order in which that person wants it tried.
struct Contact {
  ChannelKind channel = ChannelKind::call;
  std::string to;    // E.164 number, address, chat, topic; empty where the channel says where it goes
  Duration after{};  // from when the person is first told
  bool operator==(const Contact&) const = default;
};

struct Person {
  std::string name;
  Language language = Language::en;
  std::vector<Contact> contacts;  // at least one
  bool operator==(const Person&) const = default;
};

// Minutes since midnight on the clock on the wall.
using WallMinutes = std::chrono::minutes;

// Hours of the week. `until` not after `from` is on the next day.
struct Hours {
  std::vector<std::chrono::weekday> days;  // on which they begin; none: every day
  WallMinutes from{0};
  WallMinutes until{24 * 60};
  bool operator==(const Hours&) const = default;
};

// A day and time as people agree on them, without a zone.
struct LocalTime {
  std::chrono::sys_days day{};
  WallMinutes time{0};
  auto operator<=>(const LocalTime&) const = default;
};

struct Rotation {
  std::vector<std::string> people;  // in turn; at least one
  std::chrono::sys_days start{};    // the first one's first day
  WallMinutes handover{9 * 60};
  Duration length = std::chrono::hours(7 * 24);  // whole hours; whole days keep to the handover over clock changes
  std::optional<Hours> hours;                    // absent: around the clock
  bool operator==(const Rotation&) const = default;
};

struct Override {
  std::string person;
  LocalTime from;
  LocalTime until;
  bool operator==(const Override&) const = default;
};

// A rotation further down answers where those above it have nobody.
struct Schedule {
  std::string name;
  std::string time_zone;  // of the tz database; shop.yaml may leave it empty: app fills in the plan's
  std::vector<Rotation> rotations;
  std::vector<Override> overrides;  // go before the rotations, the first that fits
  bool operator==(const Schedule&) const = default;
};

// Nobody's employee: the internet provider, the hosting firm, the payment provider.
struct OutsideParty {
  std::string name;
  std::string is;                                  // "internet provider"
  std::optional<Language> language;                // in which it is spoken to; absent: spoken_to() decides
  std::string customer_number;                     // to quote
  std::string office;                              // E.164; empty: out_of_hours serves always
  std::optional<Hours> hours;                      // of the office number; absent: always
  std::string time_zone;                           // of the hours; likewise
  std::string out_of_hours;                        // E.164; empty: nobody answers then
  std::optional<std::chrono::sys_days> confirmed;  // when somebody last tried the numbers; absent: never
  bool operator==(const OutsideParty&) const = default;
};

struct EscalationStep {
  std::vector<std::string> notify;  // people, schedules, outside parties
  Duration after{};                 // since the alert began
  bool operator==(const EscalationStep&) const = default;
};

struct Escalation {
  std::string name;
  std::vector<EscalationStep> steps;
  unsigned repeat = 3;
  Duration repeat_after = std::chrono::minutes(10);
  bool operator==(const Escalation&) const = default;
};

// What a pressed key does on a call. All different.
struct Digits {
  unsigned acknowledge = 1;
  unsigned escalate = 2;
  unsigned say_again = 9;
  bool operator==(const Digits&) const = default;
};

struct Plan {
  std::string shop;
  std::string time_zone = "UTC";  // in which messages say times
  std::vector<Person> people;
  std::vector<Schedule> schedules;
  std::vector<OutsideParty> outside_parties;
  std::vector<Escalation>
      escalations;  // the first serves whatever names none; may be empty: then everybody is told at once
  Duration acknowledged_for = std::chrono::hours(1);  // an alert that is still there after it rings again
  Duration remind_every = std::chrono::minutes(15);   // until it is acknowledged
  Duration over_after = std::chrono::minutes(2);      // of calm; what comes back before is the same alert
  // Whether those who were reached by a call are called once more when it is over. Without: an SMS to whoever has one.
  enum class OverCalls : std::uint8_t { made, left_out } over_calls = OverCalls::made;
  Digits digits;
  // Named by checks below critical alone: they ring nobody, and need nobody's phone.
  std::vector<std::string> quiet_escalations;
  std::vector<ChannelKind> without_uplink;  // those that need no uplink of ours: a modem's SMS
  bool operator==(const Plan&) const = default;
};

// Null if there is none of that name.
const Person* find_person(const Plan& plan, std::string_view name);
const Schedule* find_schedule(const Plan& plan, std::string_view name);
const OutsideParty* find_outside_party(const Plan& plan, std::string_view name);
// What most of the people speak, of several the first one's; English without people.
Language main_language(const Plan& plan);
// What an outside party hears: its own language; else that of the country of its number (where several are spoken, the
// plan's main one if it is among them); in all other countries English.
Language spoken_to(const Plan& plan, const OutsideParty& party);
// The escalation of that name; where there is none of it, the first; where the plan has none at all, one that tells
// everybody at once.
Escalation escalation_of(const Plan& plan, std::string_view name);

}  // namespace tenfold::oncall
