#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tenfold::oncall::sip {

// A phone on 127.0.0.1 that speaks just enough SIP over UDP for the channel's unit tests: one request, one answer. What
// a real phone does is tested with sipp (tests/system/test_sip_call.py).
class PhoneDouble {
 public:
  enum class Manner : std::uint8_t {
    answer,            // picks up
    press_one,         // picks up and presses the 1 as soon as it hears something
    stranger_presses,  // picks up, and somebody else's packet presses the 1
    ring,              // until cancelled
    busy,              // 486
    silent,            // not a word
    hang_up,           // picks up, and is gone as soon as it hears something
    challenge,         // 407, whatever is shown
    foreign,           // picks up with a sound that we have not
    sha256,            // 407 that names SHA-256 before MD5, then picks up if that was answered
    strange,           // 407, to be proven as nobody can
    timer,             // 422 with a least interval, then picks up if that was asked for
    extension,         // 421, for what nobody speaks here
    redirect,          // 302 to another user, who picks up
    stale,             // 407, once more with another nonce since that one was old, then picks up
  };
  explicit PhoneDouble(Manner manner);
  PhoneDouble(const PhoneDouble&) = delete;
  PhoneDouble& operator=(const PhoneDouble&) = delete;
  ~PhoneDouble();

  std::uint16_t port() const { return port_; }
  // How often a method was heard, repetitions by the network's rules not counted.
  unsigned heard(const std::string& method) const;
  std::size_t packets() const;  // of RTP
  std::string last_invite() const;

 private:
  using Peer = std::vector<std::uint8_t>;  // a socket address
  void serve();
  void take_signal();
  void take_sound();
  void answer(const std::string& request, const std::string& status, const std::string& body, const Peer& to);
  void take_invite(const std::string& request, const Peer& from);
  std::string refusal_of(const std::string& request) const;
  void send_bye();
  void press_one(int from, const Peer& to);

  Manner manner_;
  std::uint16_t port_ = 0;
  std::uint16_t sound_port_ = 0;
  int signal_ = -1;
  int sound_ = -1;
  int stop_ = -1;  // an eventfd
  std::string invite_;
  Peer caller_;
  bool acted_ = false;
  mutable std::mutex mutex_;
  std::map<std::string, unsigned> heard_;
  std::vector<std::string> seen_;  // branch and method
  std::size_t packets_ = 0;
  std::thread thread_;
};

}  // namespace tenfold::oncall::sip
