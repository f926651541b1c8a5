// A test's phone call from the command line, without the chain above it: one message by make_sip, and each report as a
// line of JSON on standard output. Ends with 0 after the last report, with 1 when none came in time.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include "oncall/channels/sip/sip.hpp"
#include "transfer/poller.hpp"

namespace tenfold::oncall {
namespace {

using namespace std::chrono_literals;

struct Wish {
  SipOptions options;
  std::string transport = "udp";
  std::string registration = "with-call";
  std::string to = "+4930123456";
  std::string text =
      "Corner Shop. The front page is down since three o'clock. Press one to take it, two to pass it on, nine to hear "
      "it again.";
  std::string language = "en";
  double timeout_s = 10;
  double ring_s = 45;
  double listen_s = 3;
  double longest_s = 120;
  double after_last_s = 0;  // goes on after the last report, for the words that are said then
};

const char* name_of(Report::State state) {
  using enum Report::State;
  switch (state) {
    case sent: return "sent";
    case ringing: return "ringing";
    case answered: return "answered";
    case delivered: return "delivered";
    case acknowledged: return "acknowledged";
    case escalate: return "escalate";
    case busy: return "busy";
    case no_answer: return "no_answer";
    case failed: return "failed";
    case unknown: return "unknown";
  }
  return "?";
}

Duration seconds(double count) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count)); }

void read(CLI::App& app, Wish& wish) {
  SipOptions& options = wish.options;
  app.add_option("--host", options.host)->required();
  app.add_option("--port", options.port);
  app.add_option("--transport", wish.transport)->check(CLI::IsMember({"udp", "tcp", "tls"}));
  app.add_option("--user", options.user);
  app.add_option("--password", options.password);
  app.add_option("--from", options.from);
  app.add_option("--ca", options.ca_file);
  app.add_option("--registration", wish.registration)->check(CLI::IsMember({"with-call", "never"}));
  app.add_option("--to", wish.to);
  app.add_option("--text", wish.text);
  app.add_option("--language", wish.language);
  app.add_option("--times", options.times_spoken);
  app.add_option("--speech", options.speech_program);
  app.add_option("--timeout", wish.timeout_s);
  app.add_option("--ring-for", wish.ring_s);
  app.add_option("--listen-for", wish.listen_s);
  app.add_option("--longest", wish.longest_s);
  app.add_option("--after-last", wish.after_last_s);
}

bool is_last(Report::State state) {
  using enum Report::State;
  return state != sent && state != ringing && state != answered;
}

int call(Wish wish) {
  using Transport = SipOptions::Transport;
  wish.options.transport = wish.transport == "tls"   ? Transport::tls
                           : wish.transport == "tcp" ? Transport::tcp
                                                     : Transport::udp;
  wish.options.registration =
      wish.registration == "never" ? SipOptions::Registration::never : SipOptions::Registration::with_call;
  wish.options.ring_for = seconds(wish.ring_s);
  wish.options.listen_for = seconds(wish.listen_s);
  const SystemClock clock;
  auto poller = transfer::Poller::make(clock);
  if (!poller) return std::cerr << poller.error().text() << '\n', 2;
  auto channel = make_sip(wish.options, **poller, clock);
  if (!channel) return std::cerr << channel.error().text() << '\n', 2;

  Message message;
  message.spoken = wish.text;
  message.language = language(wish.language).value_or(Language::en);
  const TimePoint began = clock.now();
  int code = 1;
  (*channel)->send(wish.to, message, "row-1", seconds(wish.timeout_s), [&](const Report& report) {
    const nlohmann::json line{{"state", name_of(report.state)},
                              {"id", report.id},
                              {"detail", report.detail},
                              {"retry", report.retry},
                              {"retry_after_s", std::chrono::duration<double>(report.retry_after).count()},
                              {"at_s", std::chrono::duration<double>(clock.now() - began).count()}};
    std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
    using Kind = ActOutcome::Kind;
    const bool took = report.state == Report::State::acknowledged;
    if (report.answer) report.answer({.kind = took ? Kind::taken : Kind::next_is_called});
    if (!is_last(report.state)) return;
    code = 0;
    (*poller)->at(clock.now() + seconds(wish.after_last_s), [&] { (*poller)->stop(); });
  });
  (*poller)->run_until(began + seconds(wish.longest_s));
  channel->reset();
  return code;
}

}  // namespace
}  // namespace tenfold::oncall

int main(int argc, char** argv) {
  tenfold::oncall::Wish wish;
  CLI::App app{"One call by SIP, for tests"};
  tenfold::oncall::read(app, wish);
  CLI11_PARSE(app, argc, argv);
  return tenfold::oncall::call(std::move(wish));
}
