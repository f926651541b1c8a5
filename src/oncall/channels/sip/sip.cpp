#include "oncall/channels/sip/sip.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "oncall/channels/act_words.hpp"
#include "oncall/channels/sip/loop.hpp"
#include "oncall/channels/sip/trunk.hpp"

namespace tenfold::oncall {
namespace {

using State = Report::State;

char key_of(unsigned digit) { return static_cast<char>('0' + digit % 10); }

// After acknowledged and escalate the call goes on for a word of thanks, but there is no more to be told of it.
bool is_last(const Report& report) {
  return report.state != State::sent && report.state != State::ringing && report.state != State::answered;
}

// The on-call thread's side: who asked for which call, and what became of it.
class SipChannel final : public Channel {
 public:
  SipChannel(SipOptions options, transfer::Poller& poller, std::unique_ptr<sip::Loop> loop)
      : options_(std::move(options)),
        poller_(poller),
        loop_(std::move(loop)),
        home_(std::make_shared<SipChannel*>(this)) {
    trunk_ = std::make_unique<sip::Trunk>(options_, *loop_,
                                          [this, home = std::weak_ptr(home_)](std::uint64_t call, Report report) {
                                            hand_over(home, call, std::move(report));
                                          });
  }
  SipChannel(const SipChannel&) = delete;
  SipChannel& operator=(const SipChannel&) = delete;
  ~SipChannel() override;

  std::string_view name() const override { return "sip"; }
  ChannelKind kind() const override { return ChannelKind::call; }
  void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
            Reporter report) override;
  void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
            Reporter report) override;

 private:
  // What became of the last calls of this process, for find().
  static constexpr std::size_t most_remembered = 256;
  struct Known {
    std::uint64_t call = 0;
    std::string key;
    std::optional<Report> last;
    Reporter reporter;  // empty: the last word has been said
    Language language = Language::en;
  };

  using Home = std::shared_ptr<SipChannel*>;
  void hand_over(const std::weak_ptr<SipChannel*>& home, std::uint64_t call, Report report);
  void tell(std::uint64_t call, Report report);
  void later(Reporter reporter, Report report);
  Known* known(const std::string& key);
  void answer_act(std::uint64_t call, const ActOutcome& outcome);

  SipOptions options_;
  transfer::Poller& poller_;
  std::unique_ptr<sip::Loop> loop_;
  Home home_;
  std::unique_ptr<sip::Trunk> trunk_;  // lives and dies on the loop's thread
  std::uint64_t last_call_ = 0;
  std::deque<Known> known_;  // oldest first
};

SipChannel::~SipChannel() {
  home_.reset();  // nobody hears from us any more
  std::promise<void> closed;
  auto done = closed.get_future();
  loop_->post([this, &closed] { trunk_->close([&closed] { closed.set_value(); }); });
  done.wait();
  loop_->post([this] { trunk_.reset(); });
  loop_.reset();
}

void SipChannel::send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
                      Reporter report) {
  if (known_.size() >= most_remembered) {
    // Never one that is under way: the key that is pressed on it must find somebody who hears of it.
    const auto ended = std::ranges::find_if(known_, [](const Known& one) { return !one.reporter; });
    if (ended == known_.end()) {
      return later(
          std::move(report),
          {.state = State::failed, .id = {}, .detail = "too many calls at once", .retry = true, .retry_after = {}});
    }
    known_.erase(ended);
  }
  known_.push_back({.call = ++last_call_,
                    .key = key,
                    .last = std::nullopt,
                    .reporter = std::move(report),
                    .language = message.language});
  sip::CallOrder order{
      .to = to,
      .spoken = message.spoken,
      .kind = message.kind,
      .language = message.language,
      .keys = {.acknowledge = key_of(message.digit_acknowledge),
               .escalate = key_of(message.digit_escalate),
               .say_again = key_of(message.digit_again)},
      .answer_by = std::chrono::steady_clock::now() + timeout,
  };
  loop_->post([this, call = last_call_, order = std::move(order)]() mutable { trunk_->place(call, std::move(order)); });
}

void SipChannel::find(const std::string& /*to*/, const std::string& key, const std::string& /*id*/,
                      WallTime /*tried_at*/, Reporter report) {
  const Known* call = known(key);
  if (call != nullptr && call->last) return later(std::move(report), *call->last);
  if (call != nullptr)
    return later(std::move(report),
                 {.state = State::sent, .id = {}, .detail = "being put through", .retry = false, .retry_after = {}});
  later(std::move(report), {.state = State::failed,
                            .id = {},
                            .detail = "a call ends with the program that made it, and this one knows of none",
                            .retry = true,
                            .retry_after = {}});
}

SipChannel::Known* SipChannel::known(const std::string& key) {
  const auto found = std::find_if(known_.rbegin(), known_.rend(), [&](const Known& one) { return one.key == key; });
  return found == known_.rend() ? nullptr : &*found;
}

// On the loop's thread.
void SipChannel::hand_over(const std::weak_ptr<SipChannel*>& home, std::uint64_t call, Report report) {
  const bool taken = poller_.post([home, call, report = std::move(report)]() mutable {
    if (const auto channel = home.lock()) (*channel)->tell(call, std::move(report));
  });
  if (!taken) log::error("SIP: the on-call thread does not keep up; the outcome of a call is lost");
}

void SipChannel::tell(std::uint64_t call, Report report) {
  const auto found = std::ranges::find(known_, call, &Known::call);
  if (found == known_.end() || !found->reporter) return;
  found->last = report;
  if (report.state == State::acknowledged || report.state == State::escalate) {
    report.answer = [this, home = std::weak_ptr(home_), call](const ActOutcome& outcome) {
      if (home.lock()) answer_act(call, outcome);
    };
  }
  // By a copy: what it does may send, which moves the others.
  const Reporter reporter = is_last(report) ? std::exchange(found->reporter, {}) : found->reporter;
  reporter(std::move(report));
}

void SipChannel::answer_act(std::uint64_t call, const ActOutcome& outcome) {
  const auto found = std::ranges::find(known_, call, &Known::call);
  if (found == known_.end()) return;
  loop_->post([this, call, words = channels::act_words(outcome, found->language)] { trunk_->answer_act(call, words); });
}

void SipChannel::later(Reporter reporter, Report report) {
  poller_.post([home = std::weak_ptr(home_), reporter = std::move(reporter), report = std::move(report)]() mutable {
    if (home.lock()) reporter(std::move(report));
  });
}

Result<void> check(const SipOptions& options) {
  if (options.host.empty()) return fail(Errc::invalid, "sip: expected a server");
  if (options.lines == 0) return fail(Errc::invalid, "sip: expected at least one line");
  if (options.times_spoken == 0) return fail(Errc::invalid, "sip: expected the message to be spoken at least once");
  if (options.first_media_port >= options.last_media_port)
    return fail(Errc::invalid, "sip: expected media ports from low to high");
  // They become part of a URI and of headers.
  for (const std::string* word : {&options.host, &options.user, &options.from}) {
    const bool is_plain = std::ranges::all_of(
        *word, [](unsigned char c) { return c > ' ' && c < 127 && c != '<' && c != '>' && c != '"' && c != ';'; });
    if (!is_plain) return fail(Errc::invalid, "sip: unexpected character in \"" + *word + "\"");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Channel>> make_sip(SipOptions options, transfer::Poller& poller, const Clock& /*clock*/) {
  if (const auto good = check(options); !good) return std::unexpected(good.error());
  auto loop = sip::Loop::start();
  if (!loop) return std::unexpected(loop.error());
  return std::make_unique<SipChannel>(std::move(options), poller, std::move(*loop));
}

}  // namespace tenfold::oncall
