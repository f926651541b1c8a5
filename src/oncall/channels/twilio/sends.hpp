#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "oncall/channels/channel.hpp"

namespace tenfold::oncall::channels {

// What is known of each call or message of the last hours, by the send's key: brought together from answers, polls and
// callbacks, which come late, repeatedly and in any order. Its word only ever goes forward:
//
//   nothing ──► accepted ──► ringing ──► answered ──► ended (completed, busy, no answer, failed)
//
// A digit counts whenever it comes, also after the end: acknowledging after anything, escalating unless acknowledged,
// and then it is told as an acknowledgement, which it does not take back. On the on-call thread only.
class TwilioSends {
 public:
  static constexpr std::size_t most = 2000;  // the oldest is forgotten; its callbacks are taken as after a restart
  static constexpr std::size_t most_kept_words = 8;  // reports that wait for somebody who asks (after a restart)

  enum class Stage : std::uint8_t { nothing, accepted, ringing, answered, ended };
  // A status in the provider's words, of a call or of a message. Not one of its words: nothing.
  static Stage stage_of(std::string_view status);

  struct Send {
    std::string sid;  // of the last try; empty: not known
    Stage stage = Stage::nothing;
    bool acknowledged = false;
    bool escalated = false;
    Message message;  // to say it again; empty texts after a restart
    Channel::Reporter report;
    std::deque<Report> kept;          // nobody has asked for them yet
    std::uint64_t turn = 0;           // a new one with every try: what polls for an older one ends
    std::deque<std::string> earlier;  // sids of tries before this one; the last most_kept_words
  };

  // A try begins. What an earlier one of the same key has become is forgotten but for its digits, which stay in `kept`
  // if nobody has asked for them yet.
  Send& begin(const std::string& key, const Message& message, Channel::Reporter report);
  // Somebody asks after a restart: gets what has come meanwhile, and what is to come.
  Send& ask(const std::string& key, Channel::Reporter report);
  Send* find(const std::string& key);
  Send& known(const std::string& key);  // found, or made
  // Whether it is known to be another send's, or an earlier try's of this one.
  bool is_of_another(std::string_view sid, const std::string& key) const;

  // What a status says of a call or message. `sid` may be empty. Reports if it is news.
  struct Status {
    std::string sid;
    std::string word;         // "in-progress"
    std::string answered_by;  // "machine_start"; empty: not looked at
    std::string error;        // the provider's, in words
    enum class Retry : std::uint8_t { may_help, is_useless } retry = Retry::may_help;
  };
  void take(const std::string& key, const Status& status);
  // A digit; `answer` is as Report's. A repeated one is told again, which changes nothing and is answered.
  using Answer = std::function<void(const ActOutcome&)>;
  void acknowledge(const std::string& key, std::string_view detail, Answer answer);
  void escalate(const std::string& key, std::string_view detail, Answer answer);

  std::size_t size() const { return sends_.size(); }

 private:
  void tell(Send& send, Report report);

  std::unordered_map<std::string, Send> sends_;
  std::deque<std::string> order_;
  std::uint64_t last_turn_ = 0;
};

}  // namespace tenfold::oncall::channels
