#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/calendar.hpp"
#include "config/values.hpp"

// Who is told when something is wrong: people, schedules, outside parties, escalation, and the channels that reach
// them. All replaceable. Names of people, schedules and outside parties are one name space: a step may notify any.
namespace tenfold::config {

using namespace std::chrono_literals;

enum class Channel : std::uint8_t { call, sms, mail, telegram, ntfy, slack, teams, webhook, pagerduty };

// One way to reach somebody, in the order in which that person wants it tried.
struct Contact {
  Channel channel = Channel::call;
  std::string to;       // a number in E.164 form, a mail address, a chat, a topic; empty for slack, teams, webhook and
                        // pagerduty, whose channel says where it goes
  Duration after = 0s;  // from when the person is first told

  bool operator==(const Contact&) const = default;
};

enum class Language : std::uint8_t { en, de, fr, es };

struct Person {
  std::string name;
  Language language = Language::en;
  std::vector<Contact> contacts;  // at least one

  bool operator==(const Person&) const = default;
};

struct Rotation {
  std::vector<std::string> people;        // in turn; at least one
  std::chrono::sys_days start{};          // the first one's first day
  std::chrono::minutes handover{9 * 60};  // on the clock on the wall of the schedule's time zone
  Duration length = 7 * 24h;              // of a turn: whole hours; whole days keep to the handover over clock changes
  std::optional<Hours> hours;             // absent: around the clock

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
  std::string time_zone;            // of the tz database; empty: oncall.time_zone
  std::vector<Rotation> rotations;  // at least one
  std::vector<Override> overrides;  // go before the rotations

  bool operator==(const Schedule&) const = default;
};

// Nobody's employee: the internet provider, the hosting firm, the payment provider.
struct OutsideParty {
  std::string name;
  std::string is;                                  // "internet provider"
  std::string customer_number;                     // to quote
  std::string office;                              // number in E.164 form; empty: out_of_hours serves always
  std::optional<Hours> hours;                      // of the office number; absent: always
  std::string time_zone;                           // of the hours; empty: oncall.time_zone
  std::string out_of_hours;                        // number in E.164 form; empty: nobody answers then
  std::optional<std::chrono::sys_days> confirmed;  // when somebody last tried the numbers; absent: never

  bool operator==(const OutsideParty&) const = default;
};

struct EscalationStep {
  std::vector<std::string> notify;  // names of people, schedules, outside parties
  Duration after = 0s;              // since the alert began; later than the step before

  bool operator==(const EscalationStep&) const = default;
};

struct Escalation {
  std::string name;
  std::vector<EscalationStep> steps;  // at least one
  unsigned repeat = 3;                // the steps again, while nobody has acknowledged
  Duration repeat_after = 10min;      // since the last step

  bool operator==(const Escalation&) const = default;
};

// What a pressed key does on a call. All different.
struct Digits {
  unsigned acknowledge = 1;
  unsigned escalate = 2;  // on to the next step at once
  unsigned say_again = 9;

  bool operator==(const Digits&) const = default;
};

// Calls and messages by Twilio's API, or one that speaks as it does.
struct TwilioChannel {
  std::string account;  // its SID
  Secret token;
  std::string from;  // number in E.164 form
  std::string base_url = "https://api.twilio.com";
  std::optional<HostPort> callbacks;  // where results and digits arrive; absent: results are asked for
  std::string public_url;             // of `callbacks`, as the provider sees it

  bool operator==(const TwilioChannel&) const = default;
};

struct SipChannel {
  HostPort server;
  enum class Transport : std::uint8_t { udp, tcp, tls } transport = Transport::udp;
  std::string user;
  Secret password;
  std::string from;         // the number shown; empty: the user
  std::string authorities;  // PEM file, for TLS; trusted besides the system's

  bool operator==(const SipChannel&) const = default;
};

// SMS through smstools or gammu-smsd: a file in its spool.
struct ModemChannel {
  enum class Kind : std::uint8_t { smstools, gammu } kind = Kind::smstools;
  std::string spool = "/var/spool/sms/outgoing";

  bool operator==(const ModemChannel&) const = default;
};

struct MailChannel {
  HostPort server;
  enum class Tls : std::uint8_t { starttls, always, off } tls = Tls::starttls;
  std::string user;  // empty: no login
  Secret password;
  std::string from;
  std::string authorities;  // PEM file; empty: the system's

  bool operator==(const MailChannel&) const = default;
};

struct TelegramChannel {
  Secret token;

  bool operator==(const TelegramChannel&) const = default;
};

struct NtfyChannel {
  std::string server = "https://ntfy.sh";
  Secret token;  // empty: topics are public

  bool operator==(const NtfyChannel&) const = default;
};

// Slack, Teams: knowing the URL is enough to write there.
struct HookChannel {
  Secret url;

  bool operator==(const HookChannel&) const = default;
};

struct WebhookChannel {
  std::string url;
  Secret secret;  // signs the body: X-Tenfold-Signature; empty: unsigned

  bool operator==(const WebhookChannel&) const = default;
};

struct PagerDutyChannel {
  Secret key;

  bool operator==(const PagerDutyChannel&) const = default;
};

// Absent: this shop has it not. For calls SIP goes before Twilio, for SMS Twilio before the modem; when one fails the
// other is tried.
struct Channels {
  std::optional<SipChannel> sip;
  std::optional<TwilioChannel> twilio;
  std::optional<ModemChannel> modem;
  std::optional<MailChannel> mail;
  std::optional<TelegramChannel> telegram;
  std::optional<NtfyChannel> ntfy;
  std::optional<HookChannel> slack;
  std::optional<HookChannel> teams;
  std::optional<WebhookChannel> webhook;
  std::optional<PagerDutyChannel> pagerduty;

  bool operator==(const Channels&) const = default;
};

struct OnCall {
  std::string time_zone = "UTC";
  std::vector<Person> people;
  std::vector<Schedule> schedules;
  std::vector<OutsideParty> outside_parties;
  std::vector<Escalation> escalation;  // the first serves whatever names none
  Digits digits;
  Duration acknowledged_for = 1h;  // an alert that is still there after it rings again
  Duration remind_every = 15min;   // until it is acknowledged
  Duration over_after = 2min;      // of calm; what comes back before is the same alert
  std::string link_url;            // where signed links lead: the console as its users reach it; empty: no links
  Channels channels;

  bool operator==(const OnCall&) const = default;
};

}  // namespace tenfold::config
