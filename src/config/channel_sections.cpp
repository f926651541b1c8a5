#include "config/schema/compound.hpp"
#include "config/schema/scalars.hpp"
#include "config/sections.hpp"

// The channels that reach people.
namespace tenfold::config {
namespace {

SectionOf<TwilioChannel> twilio_section() {
  auto s = section<TwilioChannel>("twilio", "Calls and SMS by Twilio, or by a provider that speaks as it does.");
  s->field("account", &TwilioChannel::account, identifier(), "The account's SID.", Need::required);
  s->field("token", &TwilioChannel::token, secret(8), "The account's token.", Need::required);
  s->field("from", &TwilioChannel::from, phone_number(), "The number that calls.", Need::required);
  s->field("base_url", &TwilioChannel::base_url, url(), "Where the API is.");
  s->field("callbacks", &TwilioChannel::callbacks, optional(host_port(PortUse::listen)),
           "A listener of its own for results and pressed digits.")
      .otherwise("results are asked for");
  s->field("public_url", &TwilioChannel::public_url, url(), "Of `callbacks`, as the provider sees it.")
      .otherwise("none");
  s->check([](TwilioChannel& twilio, const Node& node, Reader& reader) {
    const bool callbacks = node.find("callbacks") != nullptr;
    const bool url = node.find("public_url") != nullptr;
    if (callbacks != url) {
      reader.error(node, fmt::format("{} is given without {}", callbacks ? "callbacks" : "public_url",
                                     callbacks ? "public_url, so the provider cannot find it"
                                               : "callbacks, so nothing listens there"));
    }
    if (twilio.base_url.starts_with("http://") && !twilio.base_url.starts_with("http://127.")) {
      reader.warning(node.at("base_url"), "the token goes to base_url unencrypted");
    }
  });
  return s;
}

SectionOf<SipChannel> sip_section() {
  using Transport = SipChannel::Transport;
  auto s = section<SipChannel>("sip", "Calls over a SIP trunk, with no cloud between.");
  s->field("server", &SipChannel::server, host_port(PortUse::connect), "The trunk's registrar.", Need::required);
  s->field("transport", &SipChannel::transport,
           one_of<Transport>({{"udp", Transport::udp, "as most trunks"},
                              {"tcp", Transport::tcp, "where UDP is lost"},
                              {"tls", Transport::tls, "encrypted"}}),
           "How it is reached.");
  s->field("user", &SipChannel::user, text(100), "The trunk's user.", Need::required);
  s->field("password", &SipChannel::password, secret(1), "The trunk's password.", Need::required);
  s->field("from", &SipChannel::from, phone_number(), "The number that is shown.").otherwise("the user");
  s->field("authorities", &SipChannel::authorities, file(FileUse::read),
           "PEM file with authorities that may have signed the trunk's certificate, besides the system's.")
      .otherwise("the system's authorities");
  using Sound = SipChannel::Sound;
  s->field("sound", &SipChannel::sound,
           one_of<Sound>({{"plain", Sound::plain, "as on the telephone network"},
                          {"srtp", Sound::srtp, "encrypted on its way to the provider, or no call"}}),
           "Whether the sound is encrypted.");
  s->field("silent_for", &SipChannel::silent_for, duration({.least = 5s, .most = 240s}),
           "No sound for so long after the answer: the line is dead, and the next contact is tried.");
  s->check([](SipChannel& sip, const Node& node, Reader& reader) {
    if (sip.transport != SipChannel::Transport::tls && sip.sound == SipChannel::Sound::srtp) {
      reader.warning(node.at("sound"), "the keys of the sound go out unencrypted; transport: tls encrypts them");
    }
    if (sip.transport != SipChannel::Transport::tls && node.find("authorities") != nullptr) {
      reader.error(node.at("authorities"), "authorities are for transport: tls, and there is no certificate here");
    }
  });
  return s;
}

SectionOf<ModemChannel> modem_section() {
  auto s = section<ModemChannel>("modem", "SMS by a modem on the shelf, which works while the uplink does not.");
  using Kind = ModemChannel::Kind;
  s->field("kind", &ModemChannel::kind,
           one_of<Kind>({{"smstools", Kind::smstools, "smsd of smstools"},
                         {"gammu", Kind::gammu, "gammu-smsd with service = files"}}),
           "The program that has the modem.");
  s->field(
      "spool", &ModemChannel::spool, text(4000),
      "The folder from which it sends: smstools' outgoing, gammu-smsd's outboxpath. Its other folders are beside.");
  s->check([](ModemChannel& modem, const Node& node, Reader& reader) {
    if (modem.kind == Kind::gammu && node.find("spool") == nullptr) {
      reader.error(node, "kind: gammu needs spool, the outboxpath of its configuration");
    }
  });
  return s;
}

SectionOf<MailChannel> mail_section() {
  using Tls = MailChannel::Tls;
  auto s = section<MailChannel>("mail", "Mail by SMTP.");
  s->field("server", &MailChannel::server, host_port(PortUse::connect), "Host and port.", Need::required);
  s->field("tls", &MailChannel::tls,
           one_of<Tls>({{"starttls", Tls::starttls, "encrypted after the greeting, or not sent"},
                        {"always", Tls::always, "encrypted from the start"},
                        {"off", Tls::off, "for a server on this machine"}}),
           "Whether it is encrypted.");
  s->field("user", &MailChannel::user, text(200), "Who logs in.").otherwise("nobody logs in");
  s->field("password", &MailChannel::password, secret(1), "The user's password.").otherwise("none");
  s->field("from", &MailChannel::from, mail_address(), "The sender.", Need::required);
  s->field("authorities", &MailChannel::authorities, file(FileUse::read),
           "PEM file with the authorities that may have signed the server's certificate.")
      .otherwise("the system's authorities");
  s->check([](MailChannel& mail, const Node& node, Reader& reader) {
    if ((node.find("user") != nullptr) != (node.find("password") != nullptr)) {
      reader.error(node, "user and password go together");
    }
    if (mail.tls == Tls::off && node.find("authorities") != nullptr) {
      reader.error(node.at("authorities"), "authorities are for an encrypted connection, and tls is off");
    }
    if (mail.tls == Tls::off && node.find("password") != nullptr && !mail.server.is_loopback()) {
      reader.warning(node.at("tls"), "the password goes to the mail server unencrypted");
    }
  });
  return s;
}

SectionOf<HookChannel> hook_section(std::string title, std::string help) {
  auto s = section<HookChannel>(std::move(title), std::move(help));
  s->field("url", &HookChannel::url, secret(10), "The incoming webhook's URL. Whoever knows it can write there.",
           Need::required);
  return s;
}

SectionOf<TelegramChannel> telegram_section() {
  auto s = section<TelegramChannel>("telegram", "Messages by a Telegram bot.");
  s->field("token", &TelegramChannel::token, secret(16), "The bot's token.", Need::required);
  s->field("base_url", &TelegramChannel::base_url, url(),
           "Where the API is: Telegram, or a Bot API server of your own.");
  s->field(
      "replies", &TelegramChannel::replies, on_off(),
      "Whether the bot's messages can be answered, by a button or by writing back. Off where another program reads "
      "what comes to the bot.");
  return s;
}

SectionOf<NtfyChannel> ntfy_section() {
  auto s = section<NtfyChannel>("ntfy", "Messages by ntfy.");
  s->field("server", &NtfyChannel::server, url(), "The server.");
  s->field("token", &NtfyChannel::token, secret(8), "An access token.").otherwise("topics are public");
  return s;
}

SectionOf<WebhookChannel> webhook_section() {
  auto s = section<WebhookChannel>("webhook", "A POST with JSON to a server of your own.");
  s->field("url", &WebhookChannel::url, url(), "Where to.", Need::required);
  s->field("secret", &WebhookChannel::secret, secret(16), "Signs the body (X-Tenfold-Signature).")
      .otherwise("unsigned");
  return s;
}

SectionOf<PagerDutyChannel> pagerduty_section() {
  auto s = section<PagerDutyChannel>("pagerduty", "Events to PagerDuty.");
  s->field("key", &PagerDutyChannel::key, secret(16), "The integration's routing key.", Need::required);
  s->field("base_url", &PagerDutyChannel::base_url, url(),
           "Where events go; https://events.eu.pagerduty.com for an account in Europe.");
  return s;
}

}  // namespace

SectionOf<Channels> channels_section() {
  const std::string none = "this shop has it not";
  auto s = section<Channels>("channels",
                             "How people are reached. For calls SIP goes before Twilio, for SMS Twilio before the "
                             "modem; when one fails the next is tried.");
  s->field("sip", &Channels::sip, optional(sip_section()), "Calls over a SIP trunk.").otherwise(none);
  s->field("twilio", &Channels::twilio, optional(twilio_section()), "Calls and SMS by Twilio's API.").otherwise(none);
  s->field("modem", &Channels::modem, optional(modem_section()), "SMS by a modem.").otherwise(none);
  s->field("mail", &Channels::mail, optional(mail_section()), "Mail.").otherwise(none);
  s->field("telegram", &Channels::telegram, optional(telegram_section()), "Telegram.").otherwise(none);
  s->field("ntfy", &Channels::ntfy, optional(ntfy_section()), "ntfy.").otherwise(none);
  s->field("slack", &Channels::slack, optional(hook_section("slack", "Messages to Slack.")), "Slack.").otherwise(none);
  s->field("teams", &Channels::teams, optional(hook_section("teams", "Messages to Microsoft Teams.")),
           "Microsoft Teams.")
      .otherwise(none);
  s->field("webhook", &Channels::webhook, optional(webhook_section()), "A server of your own.").otherwise(none);
  s->field("pagerduty", &Channels::pagerduty, optional(pagerduty_section()), "PagerDuty.").otherwise(none);
  return s;
}

}  // namespace tenfold::config
