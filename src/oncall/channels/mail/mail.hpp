#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "oncall/channels/channel.hpp"
#include "oncall/channels/errands.hpp"

namespace tenfold::oncall::channels {

struct MailOptions {
  std::string host;
  std::uint16_t port = 587;
  // starttls: a server that does not offer it is refused, so that nobody on the way can take it out.
  enum class Tls : std::uint8_t { starttls, always, off } tls = Tls::starttls;
  std::string user;  // empty: no login
  std::string password;
  std::string from;         // address
  std::string authorities;  // file of PEM certificates that are trusted instead of the system's; empty: the system's
  std::string hello;        // the name for EHLO; empty: that of this machine
};

// Mail over SMTP. 250 to the message is delivered; 4xx is worth another try, 5xx is not. The Message-ID is made of the
// key, so that a repeat after a lost answer is recognised by those who read it.
class Mail final : public Channel {
 public:
  Mail(MailOptions options, transfer::Poller& poller, transfer::Transfers& transfers, const Clock& clock)
      : options_(std::move(options)), clock_(clock), errands_(poller, transfers) {}

  std::string_view name() const override { return "mail"; }
  ChannelKind kind() const override { return ChannelKind::mail; }
  void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
            Reporter report) override;
  void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
            Reporter report) override;

 private:
  transfer::Request request(const std::string& to, const Message& message, const std::string& key) const;

  MailOptions options_;
  const Clock& clock_;
  Errands errands_;
};

}  // namespace tenfold::oncall::channels
