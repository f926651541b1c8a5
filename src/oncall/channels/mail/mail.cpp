#include "oncall/channels/mail/mail.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "oncall/channels/encode.hpp"
#include "oncall/channels/mail/letter.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

using transfer::Outcome;

constexpr std::size_t most_word_bytes = 200;

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
  const std::string words = plain(outcome.error, most_word_bytes);
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

void Mail::send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
                Reporter report) {
  const bool is_possible = is_mail_address(to) && is_mail_address(options_.from);
  if (!is_possible || !errands_.has_room()) {
    const std::string detail =
        is_possible
            ? "too many mails are under way"
            : fmt::format("not a mail address: {}", plain(is_mail_address(to) ? options_.from : to, most_word_bytes));
    errands_.later({}, [report = std::move(report), detail, is_possible] {
      report({.state = Report::State::failed, .detail = detail, .retry = is_possible});
    });
    return;
  }
  auto mail = request(to, message, key);
  mail.timeout = timeout;
  errands_.ask(std::move(mail), [report = std::move(report), id = message_id(key, options_.from)](Outcome& outcome) {
    report(judged_mail(outcome, id));
  });
}

void Mail::find(const std::string&, const std::string& key, const std::string&, WallTime, Reporter report) {
  errands_.later({}, [report = std::move(report), id = message_id(key, options_.from)] {
    report({.state = Report::State::unknown,
            .id = id,
            .detail = "a mail server cannot be asked whether it arrived; a repeat has the same Message-ID"});
  });
}

}  // namespace tenfold::oncall::channels
