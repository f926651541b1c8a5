#include "app/wiring/channels.hpp"

#include <utility>

#include "oncall/channels/channel_thread.hpp"
#include "oncall/channels/mail/mail.hpp"
#include "oncall/channels/modem/modem.hpp"
#include "oncall/channels/ntfy/ntfy.hpp"
#include "oncall/channels/pagerduty/pagerduty.hpp"
#include "oncall/channels/sip/sip.hpp"
#include "oncall/channels/slack/slack.hpp"
#include "oncall/channels/teams/teams.hpp"
#include "oncall/channels/telegram/telegram.hpp"
#include "oncall/channels/twilio/callbacks.hpp"
#include "oncall/channels/twilio/twilio.hpp"
#include "oncall/channels/webhook/webhook.hpp"
#include "transfer/transfers.hpp"

namespace tenfold::app {
namespace {

namespace ways = oncall::channels;

// A channel that keeps alive what it stands on together with others.
class OnTransfers final : public oncall::Channel {
 public:
  OnTransfers(std::shared_ptr<transfer::Transfers> transfers, std::unique_ptr<oncall::Channel> channel)
      : transfers_(std::move(transfers)), channel_(std::move(channel)) {}

  std::string_view name() const override { return channel_->name(); }
  oncall::ChannelKind kind() const override { return channel_->kind(); }
  void send(const std::string& to, const oncall::Message& message, const std::string& key, Duration timeout,
            Reporter report) override {
    channel_->send(to, message, key, timeout, std::move(report));
  }
  void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
            Reporter report) override {
    channel_->find(to, key, id, tried_at, std::move(report));
  }
  Duration pace() const override { return channel_->pace(); }
  bool survives_uplink() const override { return channel_->survives_uplink(); }
  bool takes_replies() const override { return channel_->takes_replies(); }
  void hear_replies(HearReply hear) override { channel_->hear_replies(std::move(hear)); }

 private:
  std::shared_ptr<transfer::Transfers> transfers_;
  std::unique_ptr<oncall::Channel> channel_;  // ends before the transfers
};

ways::TwilioOptions twilio_options(const config::TwilioChannel& from) {
  ways::TwilioOptions to;
  to.account = from.account;
  to.token = from.token.reveal();
  to.from = from.from;
  to.base_url = from.base_url;
  if (from.callbacks) to.public_url = from.public_url;
  while (to.public_url.ends_with('/')) to.public_url.pop_back();
  return to;
}

oncall::SipOptions sip_options(const config::SipChannel& from) {
  oncall::SipOptions to;
  to.host = from.server.host;
  to.port = from.server.port;
  using Transport = config::SipChannel::Transport;
  to.transport = from.transport == Transport::tls   ? oncall::SipOptions::Transport::tls
                 : from.transport == Transport::tcp ? oncall::SipOptions::Transport::tcp
                                                    : oncall::SipOptions::Transport::udp;
  to.user = from.user;
  to.password = from.password.reveal();
  to.from = from.from;
  to.ca_file = from.authorities;
  to.silent_for = from.silent_for;
  to.sound = from.sound == config::SipChannel::Sound::srtp ? oncall::SipOptions::Sound::encrypted
                                                           : oncall::SipOptions::Sound::plain;
  return to;
}

ways::TelegramOptions telegram_options(const config::TelegramChannel& from) {
  using Replies = ways::TelegramOptions::Replies;
  return {
      .token = from.token.reveal(), .base_url = from.base_url, .replies = from.replies ? Replies::read : Replies::left};
}

ways::ModemOptions modem_options(const config::ModemChannel& from) {
  const bool is_gammu = from.kind == config::ModemChannel::Kind::gammu;
  return {.kind = is_gammu ? ways::SpoolKind::gammu : ways::SpoolKind::smstools, .outgoing = from.spool};
}

ways::MailOptions mail_options(const config::MailChannel& from) {
  ways::MailOptions to;
  to.host = from.server.host;
  to.port = from.server.port;
  using Tls = config::MailChannel::Tls;
  to.tls = from.tls == Tls::starttls ? ways::MailOptions::Tls::starttls
           : from.tls == Tls::always ? ways::MailOptions::Tls::always
                                     : ways::MailOptions::Tls::off;
  to.user = from.user;
  to.password = from.password.reveal();
  to.from = from.from;
  to.authorities = from.authorities;
  return to;
}

// What the provider reports goes to the on-call thread, and its answer comes back from there.
CallbackServer::Ask ask_on(transfer::Poller& poller, std::shared_ptr<ways::TwilioCallbacks> callbacks) {
  return
      [&poller, callbacks = std::move(callbacks)](CallbackServer::Callback callback, CallbackServer::Respond respond) {
        return poller.post([callbacks, callback = std::move(callback), respond = std::move(respond)] {
          callbacks->answer({callback.method, callback.url, callback.body, callback.signature},
                            [respond](ways::TwilioCallbackAnswer answer) {
                              respond({answer.status, std::move(answer.content_type), std::move(answer.body)});
                            });
        });
      };
}

class Maker {
 public:
  Maker(const config::Channels& from, const std::string& shop, const Clock& clock, transfer::Poller& poller,
        std::shared_ptr<transfer::Transfers> transfers)
      : from_(from), shop_(shop), clock_(clock), poller_(poller), transfers_(std::move(transfers)) {}

  Result<oncall::OnCall::Channels> make(CallbackServer::Ask& callbacks) {
    if (from_.sip) {
      auto sip = oncall::make_sip(sip_options(*from_.sip), poller_, clock_);
      if (!sip) return std::unexpected(Error{sip.error().code, "oncall.channels.sip: " + sip.error().detail});
      channels_.push_back(std::move(*sip));
    }
    if (from_.twilio) add_twilio(*from_.twilio, callbacks);
    if (from_.modem) {
      auto modem = open_modem(*from_.modem);
      if (!modem) return std::unexpected(Error{modem.error().code, "oncall.channels.modem: " + modem.error().detail});
      channels_.push_back(std::move(*modem));
    }
    if (from_.mail) {
      auto mail = ways::Mail::make(mail_options(*from_.mail), poller_, clock_);
      if (!mail) return std::unexpected(Error{mail.error().code, "oncall.channels.mail: " + mail.error().detail});
      channels_.push_back(std::move(*mail));
    }
    if (from_.telegram) add<ways::Telegram>(telegram_options(*from_.telegram), poller_, *transfers_);
    if (from_.ntfy)
      add<ways::Ntfy>(ways::NtfyOptions{from_.ntfy->server, from_.ntfy->token.reveal()}, poller_, *transfers_);
    if (from_.slack) add<ways::Slack>(ways::SlackOptions{from_.slack->url.reveal()}, poller_, *transfers_);
    if (from_.teams) add<ways::Teams>(ways::TeamsOptions{from_.teams->url.reveal()}, poller_, *transfers_);
    if (from_.webhook) {
      add<ways::Webhook>(ways::WebhookOptions{from_.webhook->url, from_.webhook->secret.reveal()}, poller_, *transfers_,
                         clock_);
    }
    if (from_.pagerduty) {
      add<ways::PagerDuty>(
          ways::PagerDutyOptions{
              .key = from_.pagerduty->key.reveal(), .source = shop_, .base_url = from_.pagerduty->base_url},
          poller_, *transfers_);
    }
    return std::move(channels_);
  }

 private:
  template <class Way, class... Arguments>
  void add(Arguments&&... arguments) {
    channels_.push_back(
        std::make_unique<OnTransfers>(transfers_, std::make_unique<Way>(std::forward<Arguments>(arguments)...)));
  }

  // Its folders may be on the very disk that hangs, while a call would get through.
  Result<std::unique_ptr<ways::ChannelThread>> open_modem(const config::ModemChannel& from) {
    return ways::ChannelThread::open(
        "the modem's thread", poller_, [&](transfer::Poller& poller, transfer::Transfers& transfers) {
          return std::make_unique<ways::Modem>(modem_options(from), poller, transfers, clock_);
        });
  }

  void add_twilio(const config::TwilioChannel& from, CallbackServer::Ask& callbacks) {
    const auto options = twilio_options(from);
    const auto calls = std::make_shared<ways::TwilioSends>();
    const auto messages = std::make_shared<ways::TwilioSends>();
    add<ways::TwilioCalls>(options, calls, poller_, *transfers_);
    const auto inbox = std::make_shared<ways::TwilioInbox>();
    add<ways::TwilioMessages>(options, messages, inbox, poller_, *transfers_);
    struct Kept {
      std::shared_ptr<ways::TwilioSends> calls;
      std::shared_ptr<ways::TwilioSends> messages;
      std::shared_ptr<ways::TwilioInbox> inbox;
      ways::TwilioCallbacks callbacks;
    };
    const auto kept =
        std::make_shared<Kept>(Kept{calls, messages, inbox, {options, *calls, *messages, *inbox, clock_}});
    callbacks = ask_on(poller_, std::shared_ptr<ways::TwilioCallbacks>(kept, &kept->callbacks));
  }

  const config::Channels& from_;
  const std::string& shop_;
  const Clock& clock_;
  transfer::Poller& poller_;
  std::shared_ptr<transfer::Transfers> transfers_;
  oncall::OnCall::Channels channels_;
};

}  // namespace

oncall::OnCall::MakeChannels make_channels(const config::OnCall& from, const std::string& shop, const Clock& clock,
                                           CallbackServer::Ask& callbacks) {
  return [&, from](transfer::Poller& poller) -> Result<oncall::OnCall::Channels> {
    auto transfers = transfer::Transfers::make(poller);
    if (!transfers) return std::unexpected(transfers.error());
    return Maker(from.channels, shop, clock, poller, std::move(*transfers)).make(callbacks);
  };
}

}  // namespace tenfold::app
