#include "oncall/channels/sip/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/thread.hpp"
#include "oncall/channels/sip/digest.hpp"
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
constexpr Duration answered_within = 5s;  // a disk that hangs is waited for 3 s
constexpr std::uint32_t registered_s = 300;
// RFC 4028: what is usual, what may be asked for. Half of it, after which it would have to be refreshed, is longer than
// any call of ours.
constexpr std::uint32_t usual_session_s = 1'800;
constexpr std::uint32_t longest_session_s = 86'400;
constexpr Duration silence_looked_for = 500ms;

TimePoint now() { return std::chrono::steady_clock::now(); }
Call& self_of(void* self) { return *static_cast<Call*>(static_cast<SessionOwner*>(self)); }

Report report_of(State state, std::string detail = {}) {
  return {.state = state, .id = {}, .detail = std::move(detail), .retry = false, .retry_after = {}};
}

bool is_challenge(const sip_msg& message) { return message.scode == 401 || message.scode == 407; }

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
        this, nullptr, "%s", proof_.c_str());
  });
  if (code != 0) return fail_with(broken(code));
  deadline_.start(std::min<Duration>(longest_registering, (order_.answer_by - now()) / 2), [this] { ring(); });
}

void Call::enrolled(int code, const sip_msg* message) {
  if (phase_ != Phase::registering) return;  // a refresh, while the call goes on
  if (message != nullptr && proves(code, *message, "REGISTER", "sip:" + options_.host)) {
    registration_.reset();
    return soon_.start(Duration::zero(), [this] { enroll(); });
  }
  if (code != 0 && message != nullptr && is_challenge(*message)) return fail_with(refused(code, *message));
  proof_.clear();  // it was for this request
  if (code != 0 || message == nullptr) return fail_with(broken(code));
  const unsigned status = message->scode;
  if (status == 401 || status == 403 || status == 407) return fail_with(refused(code, *message));
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

// libre gives up where it does not know the algorithm; one that it knows it answers by itself. Once: what is refused
// again is wrong.
bool Call::proves(int code, const sip_msg& refusal, std::string_view method, const std::string& uri) {
  if (code == 0 || !is_challenge(refusal) || !proof_.empty() || options_.user.empty()) return false;
  proof_ = proof_for(
      refusal,
      {.user = options_.user, .password = options_.password, .method = method, .uri = uri, .own_nonce = rand_u64()});
  return !proof_.empty();
}

// 422, and 421 where it is session timers that are demanded. Once.
bool Call::lengthens_session(const sip_msg& refusal) {
  const bool wants_timer = refusal.scode == 421 && sip_msg_hdr_has_value(&refusal, SIP_HDR_REQUIRE, "timer");
  if ((refusal.scode != 422 && !wants_timer) || !session_fields_.empty()) return false;
  const sip_hdr* least = sip_msg_hdr(&refusal, SIP_HDR_MIN_SE);
  const std::uint32_t least_s = least != nullptr ? pl_u32(&least->val) : 0;
  if (least_s > longest_session_s || (refusal.scode == 422 && least_s == 0)) return false;
  session_fields_ =
      fmt::format("Supported: timer\r\nSession-Expires: {};refresher=uas\r\n", std::max(least_s, usual_session_s));
  if (least_s != 0) session_fields_ += fmt::format("Min-SE: {}\r\n", least_s);
  return true;
}

void Call::ring() {
  phase_ = Phase::calling;
  has_progressed_ = false;
  const MediaPorts ports{.first = options_.first_media_port, .last = options_.last_media_port};
  const bool is_encrypted = options_.sound == SipOptions::Sound::encrypted;
  auto media = Media::open(prepared_.route.local, prepared_.route.server, ports,
                           is_encrypted ? SoundCipher::srtp : SoundCipher::none,
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
      .fields = proof_ + session_fields_,
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
  if (!std::exchange(has_progressed_, true)) {
    deadline_.start(options_.ring_for, [this] {
      Report report =
          report_of(State::no_answer, fmt::format("it rang for {} s and nobody answered",
                                                  std::chrono::round<std::chrono::seconds>(options_.ring_for).count()));
      report.retry = true;
      fail_with(std::move(report));
    });
    if (!said_anything_) report(report_of(State::sent));
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
  watch_silence();
  take_up(conversation_.begin());
}

// An answer after which no sound comes is of nobody: a line that died, a gateway that took the call and lost it.
void Call::watch_silence() {
  silence_.start(std::min(silence_looked_for, options_.silent_for), [this] {
    if (phase_ != Phase::talking) return;
    if (now() - media_->alive_at() < options_.silent_for || conversation_.settled()) return watch_silence();
    fail_with(
        failed_for_now(fmt::format("answered, but no sound came for {} s: the line is dead{}",
                                   std::chrono::round<std::chrono::seconds>(options_.silent_for).count(), deafness())));
  });
}

void Call::take_up(Turn turn) {
  pause_.cancel();
  switch (turn) {
    case Turn::attend: return pause_.start(attend_for, [this] { turn_over(); });
    case Turn::listen: return pause_.start(options_.listen_for, [this] { turn_over(); });
    case Turn::say_message: return media_->play(prepared_.message);
    case Turn::wait_for_answer: media_->fall_silent(); return pause_.start(answered_within, [this] { turn_over(); });
    case Turn::say_answer: return media_->play(answer_);
    case Turn::say_heard: return media_->play(prepared_.heard);
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

// Spoken on a thread of its own, as all words are: who waits hears silence meanwhile, for some tens of milliseconds.
void Call::answer_act(const std::string& words) {
  if (phase_ != Phase::talking) return;
  if (preparing_.joinable()) preparing_.join();  // it has long ended: the phone has rung
  auto speaking = start_thread<std::jthread>("the thread that speaks an answer",
                                             [alive = alive_, &speech = speech_, &loop = loop_, words,
                                              language = order_.language](const std::stop_token& stop) {
                                               Sound sound = speech.say(words, language, stop).value_or(nullptr);
                                               loop.post([alive, sound = std::move(sound)]() mutable {
                                                 if (*alive != nullptr) (*alive)->say_answer(std::move(sound));
                                               });
                                             });
  if (speaking) preparing_ = std::move(*speaking);  // without a thread it is said that the key was heard
}

void Call::say_answer(Sound sound) {
  if (phase_ != Phase::talking || sound == nullptr) return;
  answer_ = std::move(sound);
  if (const auto turn = conversation_.answered()) take_up(*turn);
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
  const bool is_refusal = message != nullptr && message->scode >= 300 && (code == 0 || is_challenge(*message));
  if (is_refusal && (proves(code, *message, "INVITE", uri_of(order_.to)) || lengthens_session(*message))) {
    session_.reset();
    return soon_.start(Duration::zero(), [this] { ring(); });
  }
  fail_with(is_refusal ? refused(code, *message) : broken(code));
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

// With a code, libre could not answer the challenge.
Report Call::refused(int code, const sip_msg& message) const {
  const std::string reason = text(message.reason);
  const auto field = [&message](sip_hdrid kind) {
    const sip_hdr* found = sip_msg_hdr(&message, kind);
    return found != nullptr ? text(found->val) : std::string();
  };
  const std::string retry_after = field(SIP_HDR_RETRY_AFTER);
  const std::string warning = field(SIP_HDR_WARNING);
  const std::string named = field(message.scode == 420   ? SIP_HDR_UNSUPPORTED
                                  : message.scode == 421 ? SIP_HDR_REQUIRE
                                                         : SIP_HDR_MIN_SE);
  const bool is_unknown = code != 0 && proof_.empty() && !options_.user.empty();
  if (is_unknown) {
    return {.state = State::failed,
            .id = {},
            .detail = fmt::format("the provider wants the password proven in a way that is not known here ({} {})",
                                  message.scode, reason.substr(0, 80)),
            .retry = false,
            .retry_after = {}};
  }
  return outcome_of({.status = message.scode,
                     .reason = reason,
                     .retry_after = retry_after,
                     .user = options_.user,
                     .named = named,
                     .warning = warning});
}

Report Call::broken(int code) const {
  const std::string server = fmt::format("{} ({})", options_.host, text(prepared_.route.server));
  if (stack_ == nullptr || stack_->complaint().empty()) return outcome_of_error(code, server);
  return failed_for_now(fmt::format("{} does not prove who it is: {}", server, stack_->complaint()));
}

void Call::close() {
  phase_ = Phase::closing;
  preparing_.request_stop();
  for (Timer* timer : {&deadline_, &talk_end_, &pause_, &silence_, &soon_}) timer->cancel();
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
