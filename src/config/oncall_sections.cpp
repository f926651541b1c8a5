#include <array>

#include "config/schema/compound.hpp"
#include "config/schema/scalars.hpp"
#include "config/sections.hpp"

namespace tenfold::config {
namespace {

using namespace std::chrono_literals;
using oncall::ChannelKind;
using oncall::Contact;
using oncall::Digits;
using oncall::Escalation;
using oncall::EscalationStep;
using oncall::Language;
using oncall::OutsideParty;
using oncall::Override;
using oncall::Person;
using oncall::Rotation;
using oncall::Schedule;

// A contact as it is written: one key names the channel and says where to.
struct WrittenContact {
  std::string call;
  std::string sms;
  std::string mail;
  std::string telegram;
  std::string ntfy;
  bool slack = false;
  bool teams = false;
  bool webhook = false;
  bool pagerduty = false;
  Duration after = 0s;
};

SectionOf<WrittenContact> written_contact_section() {
  using W = WrittenContact;
  auto s = section<W>("contacts", "One way to reach the person: one of the channels, and when.");
  s->field("call", &W::call, phone_number(), "A call to this number, which only a pressed key silences.")
      .otherwise("another way");
  s->field("sms", &W::sms, phone_number(), "An SMS to this number.").otherwise("another way");
  s->field("mail", &W::mail, mail_address(), "A mail to this address.").otherwise("another way");
  s->field("telegram", &W::telegram, text(64), "The chat's id.").otherwise("another way");
  s->field("ntfy", &W::ntfy, identifier(), "The topic.").otherwise("another way");
  s->field("slack", &W::slack, on_off(), "A message to the channel of channels.slack.");
  s->field("teams", &W::teams, on_off(), "A message to the channel of channels.teams.");
  s->field("webhook", &W::webhook, on_off(), "A POST to channels.webhook.");
  s->field("pagerduty", &W::pagerduty, on_off(), "An event to channels.pagerduty.");
  s->field("after", &W::after, duration({.most = 24h}), "From when the person is first told.");
  return s;
}

class ContactType final : public Type<Contact> {
 public:
  void read(const Node& node, Reader& reader, Contact& into) const override {
    WrittenContact written;
    inner_->read(node, reader, written);
    if (node.kind != Node::Kind::map) return;
    int given = 0;
    for (const auto& [key, channel, to, flag] :
         std::array<Way, 9>{{{"call", ChannelKind::call, &written.call, nullptr},
                             {"sms", ChannelKind::sms, &written.sms, nullptr},
                             {"mail", ChannelKind::mail, &written.mail, nullptr},
                             {"telegram", ChannelKind::telegram, &written.telegram, nullptr},
                             {"ntfy", ChannelKind::ntfy, &written.ntfy, nullptr},
                             {"slack", ChannelKind::slack, nullptr, &written.slack},
                             {"teams", ChannelKind::teams, nullptr, &written.teams},
                             {"webhook", ChannelKind::webhook, nullptr, &written.webhook},
                             {"pagerduty", ChannelKind::pagerduty, nullptr, &written.pagerduty}}}) {
      if (node.find(key) == nullptr || (flag != nullptr && !*flag)) continue;
      ++given;
      into.channel = channel;
      into.to = to != nullptr ? *to : std::string();
    }
    into.after = written.after;
    if (given != 1) {
      into.channel = ChannelKind::call;
      reader.error(node,
                   fmt::format("found {} channels, expected one of call, sms, mail, telegram, ntfy, slack, teams, "
                               "webhook and pagerduty",
                               given));
    }
  }
  std::string expected() const override { return inner_->expected(); }
  Json json_schema() const override { return inner_->json_schema(); }
  Json written(const Contact&) const override { return nullptr; }
  const SectionInfo* section() const override { return inner_.get(); }

 private:
  struct Way {
    std::string_view key;
    ChannelKind channel;
    const std::string* to;
    const bool* flag;
  };
  SectionOf<WrittenContact> inner_ = written_contact_section();
};

TypeOf<Language> spoken_language() {
  return one_of<Language>({{"en", Language::en, "English"},
                           {"de", Language::de, "German"},
                           {"fr", Language::fr, "French"},
                           {"es", Language::es, "Spanish"}});
}

SectionOf<Person> person_section() {
  auto s = section<Person>("people", "Somebody who can be told.");
  s->field("name", &Person::name, identifier(), "What schedules and escalations call them.", Need::required);
  s->field("language", &Person::language, spoken_language(), "In which they are spoken and written to.");
  s->field("contacts", &Person::contacts, list(std::make_shared<const ContactType>(), {.least = 1, .most = 20}),
           "Ways to reach them, in the order in which they want them tried.", Need::required);
  return s;
}

TypeOf<std::chrono::weekday> weekday() {
  using std::chrono::weekday;
  const auto day = one_of<weekday>({{"mon", std::chrono::Monday, "Monday"},
                                    {"tue", std::chrono::Tuesday, "Tuesday"},
                                    {"wed", std::chrono::Wednesday, "Wednesday"},
                                    {"thu", std::chrono::Thursday, "Thursday"},
                                    {"fri", std::chrono::Friday, "Friday"},
                                    {"sat", std::chrono::Saturday, "Saturday"},
                                    {"sun", std::chrono::Sunday, "Sunday"}});
  // What is no day counts as Monday for the checks that follow.
  return kept<weekday>(
      day, [](const weekday&) { return std::chrono::Monday; }, [](weekday& to, const weekday& from) { to = from; });
}

SectionOf<Hours> hours_section() {
  auto s = section<Hours>("hours", "Hours of the week.");
  s->field("days", &Hours::days, list(weekday(), {.most = 7}), "On which they begin.").otherwise("every day");
  s->field("from", &Hours::from, time_of_day(), "Their beginning.");
  s->field("until", &Hours::until, time_of_day(), "Their end; if it is not after the beginning, on the next day.");
  return s;
}

SectionOf<Rotation> rotation_section() {
  auto s = section<Rotation>("rotations", "People in turn.");
  s->field("people", &Rotation::people, list(identifier(), {.least = 1, .most = 100}), "Their names, in turn.",
           Need::required);
  s->field("start", &Rotation::start, date(),
           "The first turn's first day; its weekday is that of every handover of a weekly turn.", Need::required);
  s->field("handover", &Rotation::handover, time_of_day(), "When one turn ends and the next begins.");
  s->field("length", &Rotation::length, duration({.least = 1h, .most = 24h * 366}),
           "Of a turn, in whole hours or days.");
  s->field("hours", &Rotation::hours, optional(hours_section()), "When the rotation answers at all.")
      .otherwise("around the clock");
  s->check([](Rotation& rotation, const Node& node, Reader& reader) {
    if (rotation.length % 1h != 0s) reader.error(node.at("length"), "length is not in whole hours");
  });
  return s;
}

SectionOf<Override> override_section() {
  auto s = section<Override>("overrides", "Somebody answers instead.");
  s->field("person", &Override::person, identifier(), "Who.", Need::required);
  s->field("from", &Override::from, local_time(), "In the schedule's time zone.", Need::required);
  s->field("until", &Override::until, local_time(), "In the schedule's time zone.", Need::required);
  s->check([](Override& over, const Node& node, Reader& reader) {
    if (node.find("from") != nullptr && node.find("until") != nullptr && over.until <= over.from) {
      reader.error(node.at("until"), "until is not after from");
    }
  });
  return s;
}

SectionOf<Schedule> schedule_section() {
  auto s = section<Schedule>("schedules",
                             "Who answers when. A rotation further down answers where those above it have nobody.");
  s->field("name", &Schedule::name, identifier(), "What escalations call it.", Need::required);
  s->field("time_zone", &Schedule::time_zone, time_zone(), "Of its days and hours.").otherwise("oncall.time_zone");
  s->field("rotations", &Schedule::rotations, list(rotation_section(), {.least = 1, .most = 20}), "People in turn.",
           Need::required);
  s->field("overrides", &Schedule::overrides, list(override_section()), "Holidays and swaps.");
  return s;
}

SectionOf<OutsideParty> outside_party_section() {
  auto s = section<OutsideParty>("outside_parties",
                                 "Nobody's employee, but somebody to ring at night: the internet provider, the hosting "
                                 "firm, the payment provider.");
  s->field("name", &OutsideParty::name, identifier(), "What escalations call it.", Need::required);
  s->field("is", &OutsideParty::is, text(100), "What it is to the shop.", Need::required);
  s->field("language", &OutsideParty::language, optional(spoken_language()), "In which it is spoken to.")
      .otherwise("that of its number's country, English where that is none of them");
  s->field("customer_number", &OutsideParty::customer_number, text(100), "To quote.").otherwise("none");
  s->field("office", &OutsideParty::office, phone_number(), "Its number in office hours.")
      .otherwise("out_of_hours serves always");
  s->field("hours", &OutsideParty::hours, optional(hours_section()), "When the office answers.").otherwise("always");
  s->field("time_zone", &OutsideParty::time_zone, time_zone(), "Of its hours.").otherwise("oncall.time_zone");
  s->field("out_of_hours", &OutsideParty::out_of_hours, phone_number(), "Its number at night and on holidays.")
      .otherwise("nobody answers then");
  s->field("confirmed", &OutsideParty::confirmed, optional(date()), "When somebody last tried the numbers.")
      .otherwise("never");
  return s;
}

SectionOf<EscalationStep> escalation_step_section() {
  auto s = section<EscalationStep>("steps", "Who is told next.");
  s->field("notify", &EscalationStep::notify, list(identifier(), {.least = 1, .most = 100}),
           "Names of people, schedules, outside parties.", Need::required);
  s->field("after", &EscalationStep::after, duration({.most = 24h * 7}), "Since the alert began.");
  return s;
}

SectionOf<Escalation> escalation_section() {
  auto s = section<Escalation>("escalation", "Who is told, and who next while nobody has acknowledged.");
  s->field("name", &Escalation::name, identifier(), "What checks call it.", Need::required);
  s->field("steps", &Escalation::steps, list(escalation_step_section(), {.least = 1, .most = 50}), "In order.",
           Need::required);
  s->field("repeat", &Escalation::repeat, count(0, 100), "How often the steps are gone through again.");
  s->field("repeat_after", &Escalation::repeat_after, duration({.least = 1min, .most = 24h}), "Since the last step.");
  return s;
}

SectionOf<Digits> digits_section() {
  auto s = section<Digits>("digits", "What a key pressed on a call does.");
  s->field("acknowledge", &Digits::acknowledge, count(0, 9), "I take care of it.");
  s->field("escalate", &Digits::escalate, count(0, 9), "Ring the next one.");
  s->field("say_again", &Digits::say_again, count(0, 9), "Say it again.");
  s->check([](Digits& digits, const Node& node, Reader& reader) {
    if (digits.acknowledge == digits.escalate || digits.acknowledge == digits.say_again ||
        digits.escalate == digits.say_again) {
      reader.error(node, "one digit does two things");
    }
  });
  return s;
}

}  // namespace

SectionOf<OnCall> oncall_section() {
  auto s = section<OnCall>(
      "oncall", "Who is told when something is wrong. Names of people, schedules and outside parties must all differ.");
  s->field("time_zone", &OnCall::time_zone, time_zone(), "Of schedules and hours that name none.");
  s->field("people", &OnCall::people, list(person_section(), {.least = 1, .most = 500}), "Who can be told.",
           Need::required);
  s->field("schedules", &OnCall::schedules, list(schedule_section(), {.most = 100}), "Who answers when.");
  s->field("outside_parties", &OnCall::outside_parties, list(outside_party_section(), {.most = 100}),
           "Who else to ring.");
  s->field("escalation", &OnCall::escalations, list(escalation_section(), {.least = 1, .most = 100}),
           "Who is told, and who next; the first serves whatever names none.", Need::required);
  s->field("digits", &OnCall::digits, digits_section(), "What a key pressed on a call does.");
  s->field("acknowledged_for", &OnCall::acknowledged_for, duration({.least = 1min, .most = 24h * 7}),
           "An alert that is still there after it rings again.");
  s->field("remind_every", &OnCall::remind_every, duration({.least = 1min, .most = 24h}), "Until it is acknowledged.");
  s->field("over_after", &OnCall::over_after, duration({.most = 24h}),
           "So long all must be well; what comes back before is the same alert.");
  s->field("over_calls", &OnCall::over_calls,
           one_of<OnCall::OverCalls>(
               {{"made", OnCall::OverCalls::made, "whoever was reached by a call is called"},
                {"left_out", OnCall::OverCalls::left_out, "they get an SMS, if they have a number for one"}}),
           "How people who were called hear that it is over.");
  s->field("link_url", &OnCall::link_url, url(), "The console as its users reach it, for signed links.")
      .otherwise("messages have no links");
  s->field("channels", &OnCall::channels, channels_section(), "How people are reached.");
  return s;
}

}  // namespace tenfold::config
