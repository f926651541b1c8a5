#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "config/values.hpp"
#include "oncall/people/plan.hpp"

// Who is told when something is wrong, which is oncall's own plan, and the channels that reach them. All replaceable.
// Names of people, schedules and outside parties are one name space: a step may notify any.
namespace tenfold::config {

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
  enum class Sound : std::uint8_t { plain, srtp } sound = Sound::plain;
  Duration silent_for = std::chrono::seconds(30);

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
  std::string base_url = "https://api.telegram.org";
  bool replies = true;

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
  std::string base_url = "https://events.pagerduty.com";

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

struct OnCall : oncall::Plan {
  std::string link_url;  // where signed links lead: the console as its users reach it; empty: no links
  Channels channels;

  bool operator==(const OnCall&) const = default;
};

}  // namespace tenfold::config
