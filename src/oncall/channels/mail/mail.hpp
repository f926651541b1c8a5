#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "oncall/channels/channel.hpp"
#include "oncall/channels/mail/post_office.hpp"

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
// key, so that a repeat after a lost answer is recognised by those who read it. Past most_under_way a mail failed and
// may be tried again. A server that is silent holds up other mails to it, each for as long as it may take, and nothing
// else.
class Mail final : public Channel {
 public:
  static constexpr std::size_t most_under_way = 1000;

  // Errors: those of PostOffice::open.
  static Result<std::unique_ptr<Mail>> make(MailOptions options, transfer::Poller& poller, const Clock& clock);

  std::string_view name() const override { return "mail"; }
  ChannelKind kind() const override { return ChannelKind::mail; }
  void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
            Reporter report) override;
  void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
            Reporter report) override;

 private:
  Mail(MailOptions options, transfer::Poller& poller, const Clock& clock, std::unique_ptr<PostOffice> office)
      : options_(std::move(options)), poller_(poller), clock_(clock), office_(std::move(office)) {}
  transfer::Request request(const std::string& to, const Message& message, const std::string& key) const;

  void later(Reporter reporter, Report report);
  void tell(const Reporter& reporter, Report report);

  MailOptions options_;
  transfer::Poller& poller_;
  const Clock& clock_;
  std::size_t under_way_ = 0;
  std::shared_ptr<Mail*> home_ = std::make_shared<Mail*>(this);  // for reports that come after its end
  std::unique_ptr<PostOffice> office_;                           // ends first
};

}  // namespace tenfold::oncall::channels
