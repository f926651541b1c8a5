#include "watch/probe/looks.hpp"

#include <fmt/format.h>

#include <utility>

#include "watch/probe/words.hpp"

namespace tenfold::watch {

TimedLook::TimedLook(LookSetup setup)
    : tools_(setup.tools),
      check_(setup.check),
      way_(tools_.poller, tools_.names, tools_.options, setup.path, setup.usual),
      done_(std::move(setup.done)) {
  result_.path = setup.path;
}

void TimedLook::start_clock() { began_ = tools_.poller.now(); }

void TimedLook::end_good(std::string what) {
  result_.outcome = CheckResult::Outcome::good;
  result_.cause = CheckResult::Cause::none;
  result_.what = std::move(what);
  end();
}

void TimedLook::end_failed(CheckResult::Cause cause, std::string what) {
  result_.outcome = CheckResult::Outcome::failed;
  result_.cause = cause;
  result_.what = std::move(what);
  end();
}

void TimedLook::end_name_failed(const Error& error) {
  const bool late = error.code == Errc::timed_out;
  end_failed(CheckResult::Cause::name, late ? fmt::format("{}: {}", late_words(), error.detail) : error.detail);
}

std::string TimedLook::late_words() const { return fmt::format("no answer within {}", duration_words(check_.timeout)); }

void TimedLook::end() {
  result_.at = tools_.poller.clock().wall_now();
  result_.phases.total = tools_.poller.now() - began_;
  result_.by = way_.by();
  std::exchange(done_, nullptr)(std::move(result_));
}

std::unique_ptr<Look> make_look(const Tools& tools, const Check& check, CheckResult::Path path, UsualWay usual,
                                Look::Done done) {
  LookSetup setup{.tools = tools, .check = check, .path = path, .usual = usual, .done = std::move(done)};
  if (const auto* const http = std::get_if<HttpProbe>(&check.probe)) return make_http_look(*http, std::move(setup));
  if (const auto* const steps = std::get_if<JourneyProbe>(&check.probe)) {
    return make_journey_look(*steps, std::move(setup));
  }
  if (const auto* const tcp = std::get_if<TcpProbe>(&check.probe)) return make_tcp_look(*tcp, std::move(setup));
  if (const auto* const tls = std::get_if<TlsProbe>(&check.probe)) return make_tls_look(*tls, std::move(setup));
  const auto* const dns = std::get_if<DnsProbe>(&check.probe);
  TENFOLD_ASSERT(dns != nullptr);  // nobody is asked for a heartbeat
  return make_dns_look(*dns, std::move(setup));
}

}  // namespace tenfold::watch
