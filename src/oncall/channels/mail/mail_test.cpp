#include "oncall/channels/mail/mail.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text/base64.hpp"
#include "oncall/channels/channel_fixture_test.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/mail/letter.hpp"

namespace tenfold::oncall::channels {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class MailTest : public ChannelFixture {
 protected:
  MailOptions options(const SmtpDouble& server) const {
    return {.host = "127.0.0.1",
            .port = server.port(),
            .tls = MailOptions::Tls::off,
            .from = "tenfold@shop.example",
            .hello = "edge"};
  }
  Report answered(const std::string& verb, const std::string& reply, Duration timeout = 5s) {
    const SmtpDouble server(SmtpDouble::Replies{{verb, reply}});
    const auto mail = *Mail::make(options(server), *poller_, wall_);
    return sent(*mail, "ada@shop.example", timeout);
  }
};

TEST_F(MailTest, SendsALetter) {
  const SmtpDouble server;
  const auto mail = *Mail::make(options(server), *poller_, wall_);
  message_.text = ".\n.leading dot";
  message_.acknowledge_url.clear();
  const Report report = sent(*mail, "ada@shop.example");
  EXPECT_EQ(report.state, Report::State::delivered);
  EXPECT_EQ(report.id, "<7=3a0=3a1=3aada=3acall@shop.example>");
  EXPECT_THAT(server.commands(), Contains("EHLO edge"));
  EXPECT_THAT(server.commands(), Contains(HasSubstr("MAIL FROM:<tenfold@shop.example>")));
  EXPECT_THAT(server.commands(), Contains("RCPT TO:<ada@shop.example>"));
  ASSERT_EQ(server.mails().size(), 1u);
  EXPECT_EQ(server.mails()[0],
            "From: Tenfold <tenfold@shop.example>\r\n"
            "To: <ada@shop.example>\r\n"
            "Subject: Corner Shop: front-page is down\r\n"
            "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
            "Message-ID: <7=3a0=3a1=3aada=3acall@shop.example>\r\n"
            "References: <alert-7@shop.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "Importance: high\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "=2E\r\n"
            "=2Eleading dot");
}

TEST_F(MailTest, LogsIn) {
  const SmtpDouble server;
  auto with_login = options(server);
  with_login.user = "u";
  with_login.password = "p";
  const auto mail = *Mail::make(with_login, *poller_, wall_);
  EXPECT_EQ(sent(*mail, "ada@shop.example").state, Report::State::delivered);
  const std::string login("\0u\0p", 4);
  EXPECT_THAT(server.commands(), Contains(HasSubstr("AUTH PLAIN")));
  EXPECT_THAT(server.commands(), Contains(HasSubstr(base64(login))));
}

TEST_F(MailTest, AWrongPasswordIsForGood) {
  const SmtpDouble server(SmtpDouble::Replies{{"AUTH", "535 5.7.8 bad credentials"}});
  auto with_login = options(server);
  with_login.user = "u";
  with_login.password = "p";
  const auto mail = *Mail::make(with_login, *poller_, wall_);
  const Report report = sent(*mail, "ada@shop.example");
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_FALSE(report.retry);
}

TEST_F(MailTest, WhatTheServerRefusesForNowIsTriedAgain) {
  for (const char* verb : {"", "MAIL", "RCPT", "DATA", "."}) {
    const Report report = answered(verb, "451 4.7.1 come back later");
    EXPECT_EQ(report.state, Report::State::failed) << verb;
    EXPECT_TRUE(report.retry) << verb << ": " << report.detail;
    EXPECT_THAT(report.detail, HasSubstr("451")) << verb;
  }
}

TEST_F(MailTest, WhatTheServerRefusesForGoodIsNot) {
  for (const char* verb : {"", "MAIL", "RCPT", "DATA", "."}) {
    const Report report = answered(verb, "550 5.1.1 no such user");
    EXPECT_EQ(report.state, Report::State::failed) << verb;
    EXPECT_FALSE(report.retry) << verb << ": " << report.detail;
    EXPECT_THAT(report.detail, HasSubstr("550")) << verb;
  }
}

TEST_F(MailTest, ALostAnswerToTheMessageIsUnknownButNotOneBeforeIt) {
  const Report after = answered(".", "");
  EXPECT_EQ(after.state, Report::State::unknown) << after.detail;
  EXPECT_EQ(after.id, "<7=3a0=3a1=3aada=3acall@shop.example>");
  const Report before = answered("RCPT", "");
  EXPECT_EQ(before.state, Report::State::failed);
  EXPECT_TRUE(before.retry);
}

TEST_F(MailTest, GarbageIsNotDelivered) {
  const Report report = answered("", "HTTP/1.1 200 OK", 50ms);
  EXPECT_EQ(report.state, Report::State::failed);
}

TEST_F(MailTest, WithoutTheTlsThatWasAskedForNothingIsSent) {
  const SmtpDouble server;
  auto with_tls = options(server);
  with_tls.tls = MailOptions::Tls::starttls;
  const auto mail = *Mail::make(with_tls, *poller_, wall_);
  const Report report = sent(*mail, "ada@shop.example");
  EXPECT_EQ(report.state, Report::State::failed);
  EXPECT_TRUE(server.mails().empty());
  EXPECT_THAT(server.commands(), Not(Contains(HasSubstr("MAIL"))));
}

TEST_F(MailTest, IsEncryptedForAServerThatProvesItself) {
  for (const auto tls : {MailOptions::Tls::starttls, MailOptions::Tls::always}) {
    const SmtpDouble server({}, tls == MailOptions::Tls::always ? SmtpDouble::Tls::always : SmtpDouble::Tls::starttls);
    std::string file = ::testing::TempDir() + "tenfold-mail-XXXXXX";
    ::close(::mkstemp(file.data()));
    std::ofstream(file) << server.certificate();
    auto encrypted = options(server);
    encrypted.tls = tls;
    Report report;
    {
      const auto mail = *Mail::make(encrypted, *poller_, wall_);
      report = sent(*mail, "ada@shop.example");
      EXPECT_EQ(report.state, Report::State::failed) << "nobody we know vouches for it";
      EXPECT_TRUE(server.mails().empty());
    }
    encrypted.authorities = file;
    const auto mail = *Mail::make(encrypted, *poller_, wall_);
    report = sent(*mail, "ada@shop.example");
    EXPECT_EQ(report.state, Report::State::delivered) << report.detail;
    EXPECT_EQ(server.mails().size(), 1u);
    std::filesystem::remove(file);
  }
}

// libcurl waits for these words without going back to its thread's other work.
TEST_F(MailTest, AServerThatIsSilentAfterTheMessageHoldsUpNothingElse) {
  const SmtpDouble server(SmtpDouble::Replies{{".", SmtpDouble::silence}});
  const auto mail = *Mail::make(options(server), *poller_, wall_);
  mail->send("ada@shop.example", message_, key_, 60s, collect());
  until([&] { return server.mails().size() == 1; });
  int turns = 0;
  for (int turn = 0; turn < 20; ++turn) {
    bool came = false;
    poller_->at(poller_->now(), [&] { came = true; });
    until([&] { return came; });
    turns += came ? 1 : 0;
  }
  EXPECT_EQ(turns, 20);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(MailTest, AServerThatIsSilentAfterTheMessageIsAnUnknownOutcomeInTime) {
  const SmtpDouble server(SmtpDouble::Replies{{".", SmtpDouble::silence}});
  const auto mail = *Mail::make(options(server), *poller_, wall_);
  EXPECT_EQ(sent(*mail, "ada@shop.example", 3s).state, Report::State::unknown);
}

TEST_F(MailTest, AServerWithoutAGoodbyeHasTheMailAllTheSame) {
  const SmtpDouble server(SmtpDouble::Replies{{"QUIT", SmtpDouble::silence}});
  const auto mail = *Mail::make(options(server), *poller_, wall_);
  EXPECT_EQ(sent(*mail, "ada@shop.example", 3s).state, Report::State::delivered);
}

TEST_F(MailTest, AMailThatWaitedBehindASilentServerUntilItsTimeWasUpIsNotSent) {
  const SmtpDouble server(SmtpDouble::Replies{{".", SmtpDouble::silence}});
  const auto mail = *Mail::make(options(server), *poller_, wall_);
  mail->send("ada@shop.example", message_, key_, 4s, [](const Report&) {});
  until([&] { return server.mails().size() == 1; });
  const Report second = sent(*mail, "bela@shop.example", 100ms);
  EXPECT_EQ(second.state, Report::State::failed) << second.detail;
  EXPECT_TRUE(second.retry);
  EXPECT_EQ(server.mails().size(), 1u);
}

TEST_F(MailTest, TheEndDoesNotWaitForASilentServer) {
  const SmtpDouble server(SmtpDouble::Replies{{".", SmtpDouble::silence}});
  auto mail = *Mail::make(options(server), *poller_, wall_);
  mail->send("ada@shop.example", message_, key_, 300s, collect());
  until([&] { return server.mails().size() == 1; });
  const TimePoint began = clock_.now();
  mail.reset();
  EXPECT_LT(clock_.now() - began, 20s);
  poller_->run_until(poller_->now() + 20ms);
  EXPECT_TRUE(reports_.empty()) << "nobody is told after the end";
}

TEST_F(MailTest, AnAddressCannotCarryACommand) {
  const SmtpDouble server;
  const auto mail = *Mail::make(options(server), *poller_, wall_);
  for (const char* to : {"a@b\r\nRCPT TO:<c@d>", "a@b>", "a b@c", "", "@b", "a@", "ä@b"}) {
    const Report report = sent(*mail, to);
    EXPECT_EQ(report.state, Report::State::failed) << to;
    EXPECT_FALSE(report.retry);
  }
  EXPECT_TRUE(server.commands().empty());
}

TEST_F(MailTest, ASubjectCannotCarryAHeader) {
  message_.subject = "a\r\nBcc: everybody@shop.example\r\n\r\nbody";
  const std::string text = letter({.from = "a@b", .to = "c@d", .key = "k", .date = wall_.wall_now()}, message_);
  EXPECT_THAT(text, Not(HasSubstr("\r\nBcc:")));
  EXPECT_THAT(text, HasSubstr("Subject: a Bcc: everybody@shop.example body\r\n"));
}

TEST_F(MailTest, OtherLettersThanAsciiAreEncodedWords) {
  EXPECT_EQ(encoded_header("Laden: Störung"), "=?UTF-8?B?TGFkZW46IFN0w7ZydW5n?=");
  EXPECT_EQ(encoded_header("=?x?="), "=?UTF-8?B?PT94Pz0=?=");
  EXPECT_EQ(encoded_header(std::string(60, 'a')), std::string(60, 'a'));
  std::string umlauts;
  for (int i = 0; i < 50; ++i) umlauts += "ö";
  const std::string encoded = encoded_header("x" + umlauts);  // an odd start: no word may end within a character
  for (std::size_t from = 0; from < encoded.size();) {
    const std::size_t end = std::min(encoded.find("\r\n ", from), encoded.size());
    EXPECT_LE(end - from, 75u);
    from = end + 3;
  }
  EXPECT_EQ(encoded.substr(0, 72), "=?UTF-8?B?" + base64("x" + umlauts.substr(0, 44)) + "?=");
}

TEST_F(MailTest, LinesOfTheBodyStayShort) {
  const std::string text = quoted_printable(std::string(300, 'a') + "ö \n=");
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find("\r\n", from);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - from, 76u);
    from = end + 2;
  }
  EXPECT_THAT(text, HasSubstr("=C3=B6=20\r\n=3D\r\n"));
}

TEST_F(MailTest, KeysThatDifferHaveIdsThatDiffer) {
  EXPECT_EQ(message_id("a-1", "x@y.example"), "<a-1@y.example>");
  EXPECT_NE(message_id("a:1", "x@y"), message_id("a=3a1", "x@y"));
  EXPECT_EQ(message_id("a\r\nb>", "x@y"), "<a=0d=0ab=3e@y>");
}

}  // namespace
}  // namespace tenfold::oncall::channels
