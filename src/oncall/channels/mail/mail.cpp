#include "oncall/channels/mail/mail.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/log.hpp"
#include "base/text/percent.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/mail/letter.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

using transfer::Outcome;

constexpr std::size_t most_outcome_bytes = 200;

// What libcurl reads the letter from, and the envelope that it does not copy; lives as long as the request.
struct Upload {
  std::string letter;
  std::size_t at = 0;
  curl_slist* recipients = nullptr;

  explicit Upload(std::string text) : letter(std::move(text)) {}
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload() { curl_slist_free_all(recipients); }

  static std::size_t read(char* to, std::size_t size, std::size_t count, void* user) {
    auto& upload = *static_cast<Upload*>(user);
    const std::size_t part = std::min(size * count, upload.letter.size() - upload.at);
    std::memcpy(to, upload.letter.data() + upload.at, part);
    upload.at += part;
    return part;
  }
};

// A refusal is an answer with an error in libcurl.s words: they have the status only.
Report judged_mail(const Outcome& outcome, const std::string& id) {
  const std::string words = plain(outcome.error, most_outcome_bytes);
  switch (outcome.kind) {
    case Outcome::Kind::not_sent:
      // A server that offers no STARTTLS, or no login, does not learn it by being asked again.
      return {.state = Report::State::failed,
              .detail = words,
              .retry = outcome.curl_code != CURLE_USE_SSL_FAILED && outcome.curl_code != CURLE_LOGIN_DENIED};
    case Outcome::Kind::lost:
      return {.state = Report::State::unknown, .id = id, .detail = "the answer was lost: " + words};
    case Outcome::Kind::answered: break;
  }
  if (outcome.error.empty()) return {.state = Report::State::delivered, .id = id};
  return {.state = Report::State::failed,
          .detail = fmt::format("status {}, {}", outcome.status, words),
          .retry = outcome.status < 500};
}

}  // namespace

transfer::Request Mail::request(const std::string& to, const Message& message, const std::string& key) const {
  const bool is_v6 = options_.host.find(':') != std::string::npos;
  transfer::Request request;
  request.url =
      fmt::format("{}://{}:{}/{}", options_.tls == MailOptions::Tls::always ? "smtps" : "smtp",
                  is_v6 ? "[" + options_.host + "]" : options_.host, options_.port, percent_encoded(options_.hello));
  request.user = options_.user;
  request.password = options_.password;
  const Letter envelope{.from = options_.from, .to = to, .key = key, .date = clock_.wall_now()};
  auto upload = std::make_shared<Upload>(letter(envelope, message));
  request.prepare = [upload, to, from = options_.from, tls = options_.tls,
                     authorities = options_.authorities](CURL* curl) {
    upload->recipients = curl_slist_append(nullptr, ("<" + to + ">").c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + from + ">").c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, upload->recipients);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);  // mails are rare, and servers dislike idle clients
    curl_easy_setopt(curl, CURLOPT_SASL_IR, 1L);       // RFC 4954, 4: the login in one step, as every server takes it
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, &Upload::read);
    curl_easy_setopt(curl, CURLOPT_READDATA, upload.get());
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(upload->letter.size()));
    if (tls == MailOptions::Tls::starttls) curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    if (!authorities.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, authorities.c_str());
  };
  return request;
}

Result<std::unique_ptr<Mail>> Mail::make(MailOptions options, transfer::Poller& poller, const Clock& clock) {
  auto office = PostOffice::open(poller.clock());
  if (!office) return std::unexpected(office.error());
  return std::unique_ptr<Mail>(new Mail(std::move(options), poller, clock, std::move(*office)));
}

void Mail::send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
                Reporter report) {
  if (!is_mail_address(to) || !is_mail_address(options_.from)) {
    const std::string& wrong = is_mail_address(to) ? options_.from : to;
    return later(std::move(report),
                 {.state = Report::State::failed,
                  .detail = fmt::format("not a mail address: {}", plain(wrong, most_outcome_bytes))});
  }
  const Report too_many{.state = Report::State::failed, .detail = "too many mails are under way", .retry = true};
  if (under_way_ >= most_under_way) return later(std::move(report), too_many);
  auto mail = request(to, message, key);
  mail.timeout = timeout;
  auto done = [this, home = std::weak_ptr(home_), report, id = message_id(key, options_.from)](Outcome* outcome) {
    Report judged = outcome != nullptr ? judged_mail(*outcome, id)
                                       : Report{.state = Report::State::failed,
                                                .detail = "the mails before it took all of its time",
                                                .retry = true};
    // On the post office's thread, which ends before the channel does: the poller is there.
    const bool taken = poller_.post([home, report, judged = std::move(judged)]() mutable {
      if (const auto channel = home.lock()) (*channel)->tell(report, std::move(judged));
    });
    if (!taken) log::error("mail: the on-call thread does not keep up; the outcome of a mail is lost");
  };
  if (!office_->send(std::move(mail), std::move(done))) return later(std::move(report), too_many);
  ++under_way_;
}

void Mail::tell(const Reporter& reporter, Report report) {
  --under_way_;
  reporter(std::move(report));
}

void Mail::later(Reporter reporter, Report report) {
  poller_.at(poller_.now(), [home = std::weak_ptr(home_), reporter = std::move(reporter), report = std::move(report)] {
    if (home.lock()) reporter(report);
  });
}

void Mail::find(const std::string&, const std::string& key, const std::string&, WallTime, Reporter report) {
  later(std::move(report), {.state = Report::State::unknown,
                            .id = message_id(key, options_.from),
                            .detail = "a mail server cannot be asked whether it arrived; a repeat has the same "
                                      "Message-ID"});
}

}  // namespace tenfold::oncall::channels
