#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::oncall {

// Somebody who would be told, and how.
struct Recipient {
  std::string who;      // the person's or outside party's name
  std::string because;  // "schedule shop-hours", "step 3", "nobody was found for step 1"
  Language language = Language::en;
  Contact contact;
  Duration after{};  // since the alert began: the step's and the contact's own
  enum class Kind : std::uint8_t { person, outside_party } kind = Kind::person;
  std::string customer_number;  // outside parties: to quote
  bool operator==(const Recipient&) const = default;
};

// Who is on duty by a schedule; empty: nobody. Daylight saving as the wall clock has it: a handover in the hour that is
// skipped happens when the clock jumps; one in the hour that comes twice happens the first time.
std::string on_duty(const Schedule& schedule, WallTime at);

// A step that resolves to nobody is loud: everybody is told instead, and `gap` says why.
struct StepRecipients {
  std::vector<Recipient> recipients;  // in the order in which they would be told
  std::string gap;                    // empty: none
};
StepRecipients recipients_of(const Plan& plan, const Escalation& escalation, std::size_t step, WallTime at);

// All ways to reach a person or an outside party, first the one to try first at that moment; none: the plan does not
// know them.
std::vector<Contact> contacts_of(const Plan& plan, std::string_view who, WallTime at);
// Whether the plan still knows the recipient by that contact.
bool is_current(const Plan& plan, const Recipient& recipient);

// Everybody who has a contact, at once.
std::vector<Recipient> everybody(const Plan& plan, Duration after, std::string because);

// The whole chain of an alert that begins then, in order of `after`: `tenfold who`. A step goes to those who are on
// duty when it is due.
std::vector<Recipient> ring_order(const Plan& plan, const Escalation& escalation, WallTime at);
// Its steps that reach nobody, in words.
std::vector<std::string> gaps(const Plan& plan, const Escalation& escalation, WallTime at);

// Stretches between the moments in which some step of an escalation would reach nobody; at most 100, the first ones.
// For `check` and `ready`.
struct Hole {
  WallTime from;
  WallTime until;
  std::string what;        // "schedule shop-hours has nobody"
  std::string escalation;  // its name
  std::size_t step = 0;
};
std::vector<Hole> holes(const Plan& plan, WallTime from, WallTime until);

// By a call or an SMS.
bool can_be_rung(const Person& person);
// What an alert that begins then does instead of ringing somebody of the shop's own: "only ada by mail, uplink
// (outside)". Empty: it rings one of them, or need not (Plan::quiet_escalations). An outside party is nobody who gets
// up for the shop.
std::string nobody_rung(const Plan& plan, const Escalation& escalation, WallTime at);
// Stretches between the moments in which an alert would begin that rings nobody of the shop's own, by each escalation
// that rings; at most 100, the first ones. For `check` and `ready`.
struct Quiet {
  WallTime from;
  WallTime until;
  std::string instead;     // as nobody_rung() has it, at its beginning
  std::string escalation;  // its name
};
std::vector<Quiet> quiet_stretches(const Plan& plan, WallTime from, WallTime until);

// Outside parties whose numbers nobody has confirmed for so long, in words.
std::vector<std::string> unconfirmed(const Plan& plan, WallTime now, Duration longest = std::chrono::hours(24 * 180));

}  // namespace tenfold::oncall
