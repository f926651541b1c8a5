#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/escalate/alert.hpp"
#include "oncall/people/plan.hpp"
#include "transfer/poller.hpp"

namespace tenfold::oncall {

// One row of the outbox, for people: what was sent to whom and what became of it.
struct SendView {
  std::string key;
  std::int64_t alert = 0;
  Message::Kind kind = Message::Kind::alert;
  std::string who;
  ChannelKind channel = ChannelKind::call;
  std::string to;
  std::string by;     // the channel's name: "sip", "twilio-call"; empty: not tried yet
  std::string state;  // pending | sending | unsure (the answer was lost) | sent | delivered | failed | dropped
  unsigned attempts = 0;
  WallTime created_at{};
  std::optional<WallTime> changed_at;
  std::optional<WallTime> next_try_at;
  std::string provider_id;
  std::string detail;   // in words
  std::string trouble;  // what last kept it from getting through, if anything did
};

struct AlertView {
  Alert alert;
  std::vector<SendView> sends;  // oldest first; at most 1,000
};

struct View {
  std::vector<AlertView> alerts;  // open ones first, then those that are over, newest first; at most 200
  bool from_memory = false;       // the store cannot be written: it rings from memory
  std::string store_error;        // why; empty: it can
  std::uint64_t sends_total = 0;
  std::uint64_t sends_failed_total = 0;
  std::uint64_t acknowledged_total = 0;
  std::vector<std::string> channels;  // names of those that are configured, in the order in which they are tried
};

// Who is told when something is wrong, until a person answers: alert book, outbox and channels on a thread of their
// own, from start() to the destructor. All methods from any thread; none waits for the disk or the network. What is
// handed in before start() is kept.
class OnCall {
 public:
  // Makes the channels on the on-call thread's poller; called once, from make(). In the order in which those of one
  // kind are tried.
  using Channels = std::vector<std::unique_ptr<Channel>>;
  using MakeChannels = std::function<Result<Channels>(transfer::Poller& poller)>;

  struct Setup {
    const Clock& clock;
    std::string store_file;   // empty: in memory only
    std::string link_url;     // "https://console.shop.example"; empty: no links
    std::string link_secret;  // signs them
    MakeChannels make_channels;
    std::string cannot_write_note;  // said in messages when the store cannot be written; empty: the built-in words
    std::uint64_t store_largest_bytes = 0;  // of the file; past it it rings from memory; 0: as the disk allows
  };
  // Errors: exhausted, and those of make_channels. A store that cannot be opened is no error: it rings from memory.
  static Result<std::unique_ptr<OnCall>> make(Setup setup, Plan plan);
  OnCall(const OnCall&) = delete;
  OnCall& operator=(const OnCall&) = delete;
  virtual ~OnCall() = default;

  virtual Result<void> start() = 0;          // errors: exhausted (no thread); it may be tried again
  virtual void replace_plan(Plan plan) = 0;  // channels stay as they are
  virtual void trouble(Trouble trouble) = 0;
  virtual void over(std::string source) = 0;
  virtual void drill(std::string escalation) = 0;
  virtual void acknowledge(std::int64_t alert, std::string by, std::string how) = 0;
  virtual void escalate(std::int64_t alert, std::string by) = 0;
  virtual void silence(std::int64_t alert, WallTime until) = 0;
  virtual std::shared_ptr<const View> view() const = 0;  // at most a quarter of a second old

 protected:
  OnCall() = default;
};

}  // namespace tenfold::oncall
