#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/channels/sip/g711.hpp"
#include "oncall/channels/sip/key_presses.hpp"
#include "oncall/channels/sip/loop.hpp"
#include "oncall/channels/sip/re.hpp"
#include "oncall/channels/sip/sound_keys.hpp"
#include "oncall/channels/sip/speech.hpp"
#include "oncall/channels/sip/tone_detector.hpp"

namespace tenfold::oncall::sip {

struct MediaPorts {
  std::uint16_t first = 16'384;
  std::uint16_t last = 32'766;
};

enum class SoundCipher : std::uint8_t { none, srtp };

// The sound of one call: RTP both ways, a packet every 20 ms from answer to end, silence between the sentences (so that
// firewalls and providers see that the call lives). On the loop's thread.
class Media {
 public:
  struct Listener {
    std::function<void()> played;       // what play() was given is over
    std::function<void(char)> pressed;  // a key, once a press
  };

  // Sound is taken from the address that the other side's SDP names, and from `provider`, that of the signalling: a
  // stranger's packet that hits our port must not press a key. Ports are not looked at (RFC 4961 is not kept by all).
  static Result<std::unique_ptr<Media>> open(const sa& local, const sa& provider, MediaPorts ports, SoundCipher cipher,
                                             Listener listener);
  Media(const Media&) = delete;
  Media& operator=(const Media&) = delete;
  ~Media() = default;

  // SDP. The offer is PCMA, PCMU and telephone-event. take_*: an errno when nothing of it suits us.
  Re<mbuf> offer();
  int take_answer(mbuf* description);
  int take_offer(mbuf* description, mbuf** answer);

  void start();  // to send: once the call is answered
  void play(Sound sound);
  void fall_silent() {
    playing_ = nullptr;
  }  // without a word that it was played  // in place of what is playing; null or empty counts as played at once
  void press(char digit);  // a key that came by SIP INFO

  std::uint64_t packets_heard() const { return packets_heard_; }
  TimePoint alive_at() const { return alive_at_; }  // when something last came, a key by SIP INFO too; or the start

 private:
  Media(Listener listener, const sa& provider) : listener_(std::move(listener)), provider_(provider) {}
  int open_session(const sa& local, MediaPorts ports, SoundCipher cipher);
  int settle();
  void send_due();
  void send_one();
  bool is_stranger(const sa& source) const;
  void hear(const rtp_header& header, mbuf* packet);

  static constexpr Duration packet_time = std::chrono::milliseconds(20);
  static constexpr std::size_t packet_samples = 160;

  Listener listener_;
  Re<sdp_session> session_;
  sdp_media* audio_ = nullptr;  // the session's
  Re<RtpSocket> socket_;
  std::unique_ptr<SoundKeys> keys_of_sound_;  // null: it is not encrypted

  Law law_ = Law::a;
  std::uint8_t audio_type_ = 8;
  int event_type_ = -1;  // none: the other side sends no telephone-events
  sa remote_{};          // as the SDP has it
  sa provider_{};        // the signalling's

  Timer pace_;
  TimePoint next_due_{};
  bool started_ = false;
  bool first_packet_ = true;
  std::uint32_t timestamp_ = 0;
  Sound playing_;
  std::size_t played_ = 0;

  ToneDetector tones_;
  KeyPresses keys_;
  std::uint64_t packets_heard_ = 0;
  TimePoint alive_at_{};
};

}  // namespace tenfold::oncall::sip
