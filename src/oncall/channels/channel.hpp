#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/channels/act_outcome.hpp"
#include "oncall/people/plan.hpp"

namespace tenfold::oncall {

// What is to be said, in the recipient's language already (words/).
struct Message {
  enum class Kind : std::uint8_t { alert, reminder, over, gap, drill, uplink } kind = Kind::alert;
  std::int64_t alert = 0;  // its number
  std::string subject;     // one line: "Corner Shop: front-page is down"
  std::string text;        // written: what, since when, how bad, how to acknowledge
  std::string short_text;  // the same as an SMS of one part (160 characters of GSM-7, 70 others); a link makes it two
  std::string short_text_to_reply;  // the same, saying what to write back; empty: nothing can be
  std::string spoken;               // for a voice, without abbreviations; says which digit does what
  // The same for a call that cannot hear digits (Twilio without a public address), which then says itself how else to
  // acknowledge; empty: `spoken` is all there is.
  std::string spoken_without_digits;
  Language language = Language::en;
  std::string acknowledge_url;  // signed link; empty: none
  std::string severity;         // "critical"
  WallTime since{};
  unsigned digit_acknowledge = 1;
  unsigned digit_escalate = 2;
  unsigned digit_again = 9;
};

// What became of a send, told any number of times; the last word counts. Only a person's act acknowledges.
struct Report {
  enum class State : std::uint8_t {
    sent,  // the provider has it; `id` is the provider's
    ringing,
    answered,      // by a person or a mailbox: no acknowledgement yet
    delivered,     // as far as the channel can tell, all is done
    acknowledged,  // a digit, a reply
    escalate,      // a digit: on to the next step at once
    busy,
    no_answer,
    failed,   // `retry` says whether another try may help
    unknown,  // the answer was lost: it may have been sent
  } state = State::failed;
  std::string id;      // the provider's, once known
  std::string detail;  // in words, for the log and the drill's report
  bool retry = false;
  Duration retry_after{};  // what the provider asked for; zero: the outbox's own pace
  // Of a key that was pressed: called once, on the on-call thread, when what it has led to is written down. Empty:
  // nobody waits for it. Not called where the on-call service ends before.
  std::function<void(const ActOutcome&)> answer;
};

// What somebody has written back.
struct Reply {
  ChannelKind by = ChannelKind::sms;
  std::string from;  // the sender's number, as the network writes it; the chat's number of Telegram
  std::string text;
  WallTime at{};  // when it was received
};

// A way out. All calls on the on-call thread; `report` is called on it too, and never from within send(). Must be able
// to be asked again after a restart: find() looks up whether an earlier, possibly lost send arrived.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual std::string_view name() const = 0;  // "twilio-call"
  virtual ChannelKind kind() const = 0;

  using Reporter = std::function<void(Report)>;
  // Starts to send; the outcome comes by reports, the first within `timeout`. `key` is the row's own and the same on
  // every try: channels that can, use it to keep a repeat from ringing twice.
  virtual void send(const std::string& to, const Message& message, const std::string& key, Duration timeout,
                    Reporter report) = 0;
  // After a lost answer or a restart: was it sent? Reports sent/answered/... or failed with retry (not there). Channels
  // that cannot know report unknown.
  virtual void find(const std::string& to, const std::string& key, const std::string& id, WallTime tried_at,
                    Reporter report) = 0;
  // At least this long between two sends (a call a second, for instance).
  virtual Duration pace() const { return Duration::zero(); }
  // Works without our own uplink (a modem on the shelf).
  virtual bool survives_uplink() const { return false; }

  // Whether people can write back.
  virtual bool takes_replies() const { return false; }
  // Whoever waits for replies from now on; null: nobody does, and they need not be looked for. It is called on the
  // on-call thread, once for each reply as far as the channel knows, and for those of before as well.
  using HearReply = std::function<void(const Reply&)>;
  virtual void hear_replies(HearReply hear) { static_cast<void>(hear); }
};

}  // namespace tenfold::oncall
