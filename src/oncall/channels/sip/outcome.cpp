#include "oncall/channels/sip/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>

#include "oncall/channels/sip/re.hpp"

namespace tenfold::oncall::sip {
namespace {

using namespace std::chrono_literals;

constexpr Duration longest_wait = 10min;  // a provider may not ask to be left alone for the rest of the night
constexpr std::size_t longest_reason = 80;

// RFC 3261, section 20.33: seconds, then perhaps a comment and parameters.
Duration wait_of(std::string_view retry_after) {
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (error != std::errc()) return Duration::zero();
  return std::min<Duration>(std::chrono::seconds(seconds), longest_wait);
}

// "488 Not Acceptable Here: SRTP required". A warning is a code, who gives it, and words in quotes (RFC 3261, section
// 20.43).
std::string words(const Refusal& refusal) {
  std::string all = fmt::format("{} {}", refusal.status, refusal.reason.substr(0, longest_reason));
  const std::size_t begin = refusal.warning.find('"');
  if (begin == std::string_view::npos) return all;
  const std::string_view warning = refusal.warning.substr(begin + 1);
  return all.append(": ").append(warning.substr(0, std::min(warning.find('"'), longest_reason)));
}

std::string named(const Refusal& refusal, std::string_view otherwise) {
  return std::string(refusal.named.empty() ? otherwise : refusal.named.substr(0, longest_reason));
}

Report of(Report::State state, std::string detail) {
  return {.state = state, .id = {}, .detail = std::move(detail), .retry = true, .retry_after = {}};
}

Report for_good(std::string detail) {
  return {.state = Report::State::failed, .id = {}, .detail = std::move(detail), .retry = false, .retry_after = {}};
}

}  // namespace

Report outcome_of(const Refusal& refusal) {
  using State = Report::State;
  switch (refusal.status) {
    case 401:
    case 407:
      if (refusal.user.empty()) {
        return for_good(fmt::format("the provider wants a user and a password, and none is set ({})", words(refusal)));
      }
      return for_good(
          fmt::format("the provider does not accept the password of user {}: wrong user or wrong password ({})",
                      refusal.user, words(refusal)));
    case 403:
      return for_good(
          fmt::format("the provider forbids this call: wrong password, the number shown is not ours, or the account "
                      "is barred ({})",
                      words(refusal)));
    case 404:
    case 410:
    case 484:
    case 485:
    case 604: return for_good(fmt::format("the provider knows no such number ({})", words(refusal)));
    case 420:
      return for_good(
          fmt::format("the provider does not know {} of SIP ({})", named(refusal, "an extension"), words(refusal)));
    case 421:
      return for_good(fmt::format("the provider demands {} of SIP, which is not spoken here ({})",
                                  named(refusal, "an extension"), words(refusal)));
    case 422:
      return for_good(
          fmt::format("the provider demands a session of at least {} s ({})", named(refusal, "some"), words(refusal)));
    case 494:
      return for_good(
          fmt::format("the provider demands an agreement on security, which is not spoken here ({})", words(refusal)));
    case 406:
    case 415:
    case 488:
    case 606: return for_good(fmt::format("the other side takes neither PCMA nor PCMU audio ({})", words(refusal)));
    case 486:
    case 600: return of(State::busy, fmt::format("busy ({})", words(refusal)));
    case 603: return of(State::busy, fmt::format("the call was declined ({})", words(refusal)));
    case 408:
    case 480:
    case 487: return of(State::no_answer, fmt::format("nobody answered ({})", words(refusal)));
    default: break;
  }
  Report report = of(State::failed, fmt::format("the provider could not put the call through ({})", words(refusal)));
  report.retry_after = wait_of(refusal.retry_after);
  // Other answers of the 400s say that the request itself is not acceptable, but for 429 and the 430s and 490s, which
  // speak of the moment (RFC 3261, section 21.4; RFC 5626; RFC 3261, 491).
  const bool of_the_moment = refusal.status >= 500 || refusal.status == 429 || refusal.status == 430 ||
                             refusal.status == 491 || refusal.status < 400;
  report.retry = of_the_moment;
  return report;
}

Report outcome_of_error(int code, std::string_view server) {
  switch (code) {
    case ETIMEDOUT: return of(Report::State::failed, fmt::format("no answer from {}", server));
    case ECONNREFUSED: return of(Report::State::failed, fmt::format("{} refuses the connection", server));
    case ENETUNREACH:
    case EHOSTUNREACH: return of(Report::State::failed, fmt::format("no way to {}: {}", server, error_text(code)));
    case ENOKEY: return for_good("the other side does not encrypt the sound (SRTP)");
    case ENOMEDIUM: return for_good("the other side takes neither PCMA nor PCMU audio");
    default: return of(Report::State::failed, fmt::format("the connection to {} failed: {}", server, error_text(code)));
  }
}

}  // namespace tenfold::oncall::sip
