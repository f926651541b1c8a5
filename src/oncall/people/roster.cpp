#include "oncall/people/roster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "oncall/people/local_time.hpp"

namespace tenfold::oncall {
namespace {

void add_person(const Person& person, Duration after, const std::string& because, std::vector<Recipient>& into) {
  for (const Contact& contact : person.contacts) {
    into.push_back({.who = person.name,
                    .because = because,
                    .language = person.language,
                    .contact = contact,
                    .after = after + contact.after});
  }
}

// The number under which the party answers then; empty: none.
std::string number_at(const OutsideParty& party, WallTime at) {
  const bool office_hours = !party.hours || within(zone_of(party.time_zone), *party.hours, at);
  return office_hours && !party.office.empty() ? party.office : party.out_of_hours;
}

void add_party(const Plan& plan, const OutsideParty& party, Duration after, const std::string& because, WallTime at,
               std::vector<Recipient>& into) {
  const std::string number = number_at(party, at);
  if (number.empty()) return;
  into.push_back({.who = party.name,
                  .because = because,
                  .language = spoken_to(plan, party),
                  .contact = {ChannelKind::call, number, {}},
                  .after = after,
                  .kind = Recipient::Kind::outside_party,
                  .customer_number = party.customer_number});
}

bool is_in(const std::vector<Recipient>& recipients, std::string_view who) {
  return std::ranges::any_of(recipients, [&](const Recipient& recipient) { return recipient.who == who; });
}

std::string joined(const std::vector<std::string>& names) {
  return names.empty() ? "nobody" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::vector<Contact> contacts_of(const Plan& plan, std::string_view who, WallTime at) {
  if (const Person* person = find_person(plan, who)) return person->contacts;
  std::vector<Contact> contacts;
  const OutsideParty* party = find_outside_party(plan, who);
  if (party == nullptr) return contacts;
  const std::string first = number_at(*party, at);
  const std::string& second = first == party->office ? party->out_of_hours : party->office;
  for (const std::string& number : {first, second}) {
    if (!number.empty()) contacts.push_back({ChannelKind::call, number, {}});
  }
  return contacts;
}

bool is_current(const Plan& plan, const Recipient& recipient) {
  return std::ranges::any_of(contacts_of(plan, recipient.who, {}), [&](const Contact& contact) {
    return contact.channel == recipient.contact.channel && contact.to == recipient.contact.to;
  });
}

std::vector<Recipient> everybody(const Plan& plan, Duration after, std::string because) {
  std::vector<Recipient> all;
  for (const Person& person : plan.people) add_person(person, after, because, all);
  return all;
}

StepRecipients recipients_of(const Plan& plan, const Escalation& escalation, std::size_t number, WallTime at) {
  StepRecipients found;
  if (number >= escalation.steps.size()) return found;
  const EscalationStep& step = escalation.steps[number];
  for (const std::string& name : step.notify) {
    const Schedule* schedule = find_schedule(plan, name);
    const std::string who = schedule != nullptr ? on_duty(*schedule, at) : name;
    // Whoever is named twice in a step is told once.
    if (is_in(found.recipients, who)) continue;
    const std::string because =
        schedule != nullptr ? fmt::format("schedule {}", name) : fmt::format("step {}", number + 1);
    if (const Person* person = find_person(plan, who)) add_person(*person, step.after, because, found.recipients);
    if (const OutsideParty* party = find_outside_party(plan, who)) {
      add_party(plan, *party, step.after, because, at, found.recipients);
    }
  }
  if (found.recipients.empty()) {
    found.gap =
        fmt::format("nobody was found for step {} of {} ({})", number + 1, escalation.name, joined(step.notify));
    found.recipients = everybody(plan, step.after, fmt::format("nobody was found for step {}", number + 1));
  }
  std::ranges::stable_sort(found.recipients, {}, &Recipient::after);
  return found;
}

std::vector<Recipient> ring_order(const Plan& plan, const Escalation& escalation, WallTime at) {
  std::vector<Recipient> all;
  for (std::size_t i = 0; i < escalation.steps.size(); ++i) {
    auto found = recipients_of(plan, escalation, i, at + escalation.steps[i].after);
    std::ranges::move(found.recipients, std::back_inserter(all));
  }
  std::ranges::stable_sort(all, {}, &Recipient::after);
  return all;
}

std::vector<std::string> gaps(const Plan& plan, const Escalation& escalation, WallTime at) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < escalation.steps.size(); ++i) {
    auto found = recipients_of(plan, escalation, i, at + escalation.steps[i].after);
    if (!found.gap.empty()) all.push_back(std::move(found.gap));
  }
  return all;
}

std::vector<std::string> unconfirmed(const Plan& plan, WallTime now, Duration longest) {
  std::vector<std::string> out;
  for (const OutsideParty& party : plan.outside_parties) {
    if (!party.confirmed) {
      out.push_back(fmt::format("nobody has ever tried the numbers of {} ({})", party.name, party.is));
    } else if (now - *party.confirmed > longest) {
      const std::chrono::year_month_day day(*party.confirmed);
      out.push_back(fmt::format("the numbers of {} ({}) were last tried on {:04}-{:02}-{:02}, {} days ago", party.name,
                                party.is, static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                                static_cast<unsigned>(day.day()),
                                std::chrono::floor<std::chrono::days>(now - *party.confirmed).count()));
    }
  }
  return out;
}

}  // namespace tenfold::oncall
