#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.hpp"
#include "oncall/channels/channel.hpp"
#include "oncall/channels/sip/conversation.hpp"
#include "oncall/channels/sip/loop.hpp"
#include "oncall/channels/sip/media.hpp"
#include "oncall/channels/sip/outcome.hpp"
#include "oncall/channels/sip/re_version.hpp"
#include "oncall/channels/sip/speech.hpp"
#include "oncall/channels/sip/stack.hpp"

namespace tenfold::oncall::sip {

struct CallOrder {
  std::string to;  // a number in E.164 form, or a user name of the provider's
  std::string spoken;
  Message::Kind kind = Message::Kind::alert;
  Language language = Language::en;
  Conversation::Keys keys;
  TimePoint answer_by{};  // the first report must be out
};

// What is made before the phone rings, off the loop.
struct Prepared {
  Route route;
  Sound message;
  Sound heard;
  Sound not_understood;
  Sound goodbye;
};

// One call from first to last. On the loop's thread.
//
//   preparing → registering → calling → talking → closing
//   any of them → closing, by a refusal, a failure, the other side's BYE or hang_up()
class Call final : public SessionOwner {
 public:
  struct Listener {
    std::function<void(Report)> report;
    std::function<void()> over;  // no line is taken any more; the signalling may have its last words to say
    std::function<void()> gone;  // nothing is left: the call may be destroyed
  };

  Call(const SipOptions& options, Loop& loop, Speech& speech, CallOrder order, Listener listener);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();  // at once, without a word to anybody

  void start();
  void hang_up(const std::string& why);
  // What the key has led to, in words. Too late, or without a key: nothing happens.
  void answer_act(const std::string& words);

 private:
  enum class Phase : std::uint8_t { preparing, registering, calling, talking, closing };

  void prepared(Result<Prepared> result);
  void enroll();
  void enrolled(int code, const sip_msg* message);
  void ring();
  bool proves(int code, const sip_msg& refusal, std::string_view method, const std::string& uri);
  bool lengthens_session(const sip_msg& refusal);
  void watch_silence();
  void progressed(const sip_msg& message);
  void answered();
  void closed(int code, const sip_msg* message);
  int offered(mbuf** answer, const sip_msg& message);
  void heard_info(SipStack* from, const sip_msg& message);
  void pressed(char digit);
  void say_answer(Sound sound);
  void take_up(Turn turn);
  void turn_over();
  std::string deafness() const;
  void fail_with(Report report);
  void report(Report report);
  void close();
  void let_go();
  Report refused(int code, const sip_msg& message) const;
  Report broken(int code) const;
  std::string uri_of(const std::string& user) const;
  SessionHandlers handlers();
  mbuf* description() override { return description_.get(); }
  static int authenticate(char** user, char** password, const char* realm, void* self);

  const SipOptions& options_;
  Loop& loop_;
  Speech& speech_;
  CallOrder order_;
  Listener listener_;
  Phase phase_ = Phase::preparing;
  Conversation conversation_;
  Prepared prepared_;
  Sound answer_;
  std::string id_;
  bool said_anything_ = false;  // a report is out
  bool is_over_ = false;        // the last report is out
  bool rings_ = false;
  bool has_progressed_ = false;  // this INVITE
  std::string proof_;            // header fields of the next request, after a challenge that libre does not know
  std::string session_fields_;   // of the INVITE, for a provider that wants session timers (RFC 4028)

  std::shared_ptr<Call*> alive_;  // what the preparing thread posts to; emptied with us
  std::jthread preparing_;
  std::unique_ptr<Stack> stack_;
  Re<mbuf> description_;
  std::unique_ptr<Media> media_;
  Re<sipreg> registration_;
  Re<sipsess> session_;
  Timer deadline_;  // of the phase
  Timer talk_end_;
  Timer pause_;
  Timer silence_;
  Timer soon_;
};

}  // namespace tenfold::oncall::sip
