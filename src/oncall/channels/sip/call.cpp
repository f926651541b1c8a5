#include "oncall/channels/sip/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/thread.hpp"
#include "oncall/channels/sip/lookup.hpp"
#include "oncall/channels/sip/preparation.hpp"

namespace tenfold::oncall::sip {
namespace {

using namespace std::chrono_literals;
using State = Report::State;

constexpr Duration longest_registering = 8s;  // after that the call is tried without
constexpr Duration longest_closing =
    34s;  // a cancelled INVITE that nobody answers takes libre 32 s (RFC 3261, timer B)
constexpr Duration attend_for = 1s;
constexpr std::uint32_t registered_s = 300;

TimePoint now() { return std::chrono::steady_clock::now(); }
Call& self_of(void* self) { return *static_cast<Call*>(static_cast<SessionOwner*>(self)); }

Report report_of(State state, std::string detail = {}) {
  return {.state = state, .id = {}, .detail = std::move(detail), .retry = false, .retry_after = {}};
}

Report failed_for_now(std::string detail) {
  return {.state = State::failed, .id = {}, .detail = std::move(detail), .retry = true, .retry_after = {}};
}

}  // namespace

Call::Call(const SipOptions& options, Loop& loop, Speech& speech, CallOrder order, Listener listener)
    : options_(options),
      loop_(loop),
      speech_(speech),
      order_(std::move(order)),
      listener_(std::move(listener)),
      conversation_(order_.keys, options.times_spoken),
      alive_(std::make_shared<Call*>(this)) {}

Call::~Call() {
  *alive_ = nullptr;
  preparing_.request_stop();
  if (preparing_.joinable()) preparing_.join();
  let_go();
}

void Call::start() {
  deadline_.start(order_.answer_by - now(),
                  [this] { fail_with(failed_for_now("the call could not be prepared in time")); });
  auto preparing = start_thread<std::jthread>("the thread that prepares a call",
                                              [this, alive = alive_](const std::stop_token& stop) {
                                                // Everything that this thread uses of the call is set before it starts,
                                                // and stays until it has ended.
                                                auto result = prepare(options_, speech_, order_, stop);
                                                loop_.post([alive, result = std::move(result)]() mutable {
                                                  if (*alive != nullptr) (*alive)->prepared(std::move(result));
                                                });
                                              });
  if (preparing) {
    preparing_ = std::move(*preparing);
  } else {
    // Not here: whoever starts us is not done with it.
    soon_.start(Duration::zero(), [this, why = preparing.error().detail] { fail_with(failed_for_now(why)); });
  }
}

void Call::prepared(Result<Prepared> result) {
  if (phase_ != Phase::preparing) return;
  if (!result) {
    Report report = failed_for_now(result.error().detail);
    report.retry = result.error().code != Errc::not_found;  // a missing package is missing the next time too
    return fail_with(std::move(report));
  }
  prepared_ = std::move(*result);
  auto stack = Stack::open(options_, prepared_.route);
  if (!stack) {
    Report report = failed_for_now(stack.error().detail);
    report.retry = stack.error().code != Errc::invalid;
    return fail_with(std::move(report));
  }
  stack_ = std::move(*stack);
  const bool registers = options_.registration == SipOptions::Registration::with_call && !options_.user.empty();
  if (registers) return enroll();
  ring();
}

void Call::enroll() {
  phase_ = Phase::registering;
  const char* route = stack_->route_uri().c_str();
  const std::string registrar = "sip:" + options_.host;
  const std::string self = uri_of(options_.user);
  const int code = make_re(registration_, [&](sipreg** out) {
    return sipreg_register(
        out, stack_->get(), registrar.c_str(), self.c_str(), nullptr, self.c_str(), registered_s, options_.user.c_str(),
        &route, 1, 0, authenticate, static_cast<SessionOwner*>(this), false,
        [](int result, const sip_msg* message, void* owner) { static_cast<Call*>(owner)->enrolled(result, message); },
        this, nullptr, nullptr);
  });
  if (code != 0) return fail_with(broken(code));
  deadline_.start(std::min<Duration>(longest_registering, (order_.answer_by - now()) / 2), [this] { ring(); });
}

void Call::enrolled(int code, const sip_msg* message) {
  if (phase_ != Phase::registering) return;  // a refresh, while the call goes on
  if (code != 0 || message == nullptr) return fail_with(broken(code));
  const unsigned status = message->scode;
  if (status == 401 || status == 403 || status == 407) return fail_with(refused(*message));
  // Whoever does not want registrations (a trunk, a phone) may still take the call: what it says to that counts.
  if (status >= 300) registration_.reset();
  ring();
}

std::string Call::uri_of(const std::string& user) const {
  const bool is_ipv6 = options_.host.contains(':');
  return is_ipv6 ? fmt::format("sip:{}@[{}]", user, options_.host) : fmt::format("sip:{}@{}", user, options_.host);
}

SessionHandlers Call::handlers() {
  return {
      .authenticate = authenticate,
      .offer = [](mbuf** answer, const sip_msg* message,
                  void* self) { return self_of(self).offered(answer, *message); },
      .answer = [](const sip_msg* message, void* self) { return self_of(self).media_->take_answer(message->mb); },
      .progress = [](const sip_msg* message, void* self) { self_of(self).progressed(*message); },
      .established = [](const sip_msg*, void* self) { self_of(self).answered(); },
      .info = [](SipStack* from, const sip_msg* message, void* self) { self_of(self).heard_info(from, *message); },
      .closed = [](int code, const sip_msg* message, void* self) { self_of(self).closed(code, message); },
      .self = this,
  };
}

void Call::ring() {
  phase_ = Phase::calling;
  const MediaPorts ports{.first = options_.first_media_port, .last = options_.last_media_port};
  auto media = Media::open(prepared_.route.local, prepared_.route.server, ports,
                           {.played = [this] { turn_over(); }, .pressed = [this](char digit) { pressed(digit); }});
  if (!media) return fail_with(failed_for_now(media.error().detail));
  media_ = std::move(*media);
  description_ = media_->offer();
  const std::string& shown = options_.from.empty() ? options_.user : options_.from;
  const Invitation invitation{
      .to_uri = uri_of(order_.to),
      .from_uri = uri_of(shown.empty() ? "tenfold" : shown),
      .contact_user = options_.user.empty() ? "tenfold" : options_.user,
      .route = stack_->route_uri(),
  };
  const int code =
      make_re(session_, [&](sipsess** out) { return invite(out, stack_->sessions(), invitation, handlers()); });
  if (code != 0) return fail_with(broken(code));
  id_ = sip_dialog_callid(sipsess_dialog(session_.get()));
  deadline_.start(order_.answer_by - now(), [this] { fail_with(outcome_of_error(ETIMEDOUT, options_.host)); });
}

int Call::authenticate(char** user, char** password, const char* /*realm*/, void* self) {
  const SipOptions& options = self_of(self).options_;
  if (options.user.empty()) return EAUTH;
  if (const int code = str_dup(user, options.user.c_str()); code != 0) return code;
  return str_dup(password, options.password.c_str());
}

void Call::progressed(const sip_msg& message) {
  if (phase_ != Phase::calling) return;
  if (!said_anything_) {
    deadline_.start(options_.ring_for, [this] {
      Report report =
          report_of(State::no_answer, fmt::format("it rang for {} s and nobody answered",
                                                  std::chrono::round<std::chrono::seconds>(options_.ring_for).count()));
      report.retry = true;
      fail_with(std::move(report));
    });
    report(report_of(State::sent));
  }
  const bool rings = message.scode == 180 || message.scode == 183;
  if (!rings || std::exchange(rings_, true)) return;
  report(report_of(State::ringing));
}

void Call::answered() {
  if (phase_ != Phase::calling) return;
  phase_ = Phase::talking;
  deadline_.cancel();
  report(report_of(State::answered));
  talk_end_.start(options_.call_for, [this] { take_up(Turn::hang_up); });
  media_->start();
  take_up(conversation_.begin());
}

void Call::take_up(Turn turn) {
  pause_.cancel();
  switch (turn) {
    case Turn::attend: return pause_.start(attend_for, [this] { turn_over(); });
    case Turn::listen: return pause_.start(options_.listen_for, [this] { turn_over(); });
    case Turn::say_message: return media_->play(prepared_.message);
    case Turn::say_acknowledged: return media_->play(prepared_.acknowledged);
    case Turn::say_escalated: return media_->play(prepared_.escalated);
    case Turn::say_not_understood: return media_->play(prepared_.not_understood);
    case Turn::say_goodbye: return media_->play(prepared_.goodbye);
    case Turn::hang_up: break;
  }
  // Not here: the sound calls us, and is to be closed.
  soon_.start(Duration::zero(), [this] { hang_up("answered, but no key was pressed: a mailbox perhaps"); });
}

void Call::turn_over() {
  if (phase_ == Phase::talking) take_up(conversation_.done());
}

void Call::pressed(char digit) {
  if (phase_ != Phase::talking) return;
  const Conversation::Act act = conversation_.pressed(digit);
  if (act.report) report(report_of(*act.report, fmt::format("key {} was pressed", digit)));
  if (act.turn) take_up(*act.turn);
}

int Call::offered(mbuf** answer, const sip_msg& message) {
  return media_ ? media_->take_offer(message.mb, answer) : EPROTO;
}

void Call::heard_info(SipStack* from, const sip_msg& message) {
  const std::string type = text(message.ctyp.type) + "/" + text(message.ctyp.subtype);
  const std::string_view body(reinterpret_cast<const char*>(mbuf_buf(message.mb)), mbuf_get_left(message.mb));
  const auto digit = digit_of_info(type, body);
  sip_reply(from, &message, 200, "OK");
  if (digit && phase_ == Phase::talking) media_->press(*digit);
}

void Call::closed(int code, const sip_msg* message) {
  if (phase_ == Phase::talking) return hang_up("answered, and hung up without a key");
  if (phase_ == Phase::closing) return;
  // An answer that we could not take (no sound in common) comes with the words of success.
  const bool is_refusal = code == 0 && message != nullptr && message->scode >= 300;
  fail_with(is_refusal ? refused(*message) : broken(code));
}

void Call::hang_up(const std::string& why) {
  if (phase_ == Phase::closing) return;
  if (phase_ != Phase::talking) return fail_with(failed_for_now(why));
  if (!conversation_.settled()) report(report_of(State::delivered, why + deafness()));
  close();
}

// Where nothing came back a key could not be heard either, and somebody may have pressed one in vain.
std::string Call::deafness() const {
  if (media_ == nullptr || media_->packets_heard() > 0) return {};
  return fmt::format("; no sound came back: UDP ports {} to {} must be let in (a firewall, or NAT?)",
                     options_.first_media_port, options_.last_media_port);
}

void Call::fail_with(Report outcome) {
  if (phase_ == Phase::closing) return;
  report(std::move(outcome));
  close();
}

void Call::report(Report report) {
  said_anything_ = true;
  report.id = id_;
  listener_.report(std::move(report));
}

Report Call::refused(const sip_msg& message) const {
  const sip_hdr* wait = sip_msg_hdr(&message, SIP_HDR_RETRY_AFTER);
  const std::string reason = text(message.reason);
  const std::string retry_after = wait != nullptr ? text(wait->val) : std::string();
  return outcome_of({.status = message.scode, .reason = reason, .retry_after = retry_after, .user = options_.user});
}

Report Call::broken(int code) const {
  const std::string server = fmt::format("{} ({})", options_.host, text(prepared_.route.server));
  if (stack_ == nullptr || stack_->complaint().empty()) return outcome_of_error(code, server);
  return failed_for_now(fmt::format("{} does not prove who it is: {}", server, stack_->complaint()));
}

void Call::close() {
  phase_ = Phase::closing;
  preparing_.request_stop();
  for (Timer* timer : {&deadline_, &talk_end_, &pause_, &soon_}) timer->cancel();
  session_.reset();       // says BYE, or CANCEL
  registration_.reset();  // says that we are not here any more
  media_.reset();
  listener_.over();
  if (stack_ == nullptr) return soon_.start(Duration::zero(), [this] { listener_.gone(); });
  deadline_.start(longest_closing, [this] { listener_.gone(); });
  stack_->close([this] { listener_.gone(); });
}

void Call::let_go() {
  session_.reset();
  registration_.reset();
  media_.reset();
  stack_.reset();
}

}  // namespace tenfold::oncall::sip
