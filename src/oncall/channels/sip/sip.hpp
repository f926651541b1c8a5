#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "oncall/channels/channel.hpp"
#include "transfer/poller.hpp"

namespace tenfold::oncall {

// A telephone provider (or a PBX of one's own) that speaks SIP.
struct SipOptions {
  std::string host;
  std::uint16_t port = 5060;
  enum class Transport : std::uint8_t { udp, tcp, tls } transport = Transport::udp;
  // encrypted: SRTP with keys in the SDP (SDES), or no call at all. Whoever reads the signalling has the keys.
  enum class Sound : std::uint8_t { plain, encrypted } sound = Sound::plain;
  std::string user;  // empty: the provider knows us by our address; no registration, no password
  std::string password;
  std::string from;     // the number shown; empty: the user
  std::string ca_file;  // TLS: certificate authorities trusted besides the system's; empty: none

  // Registered for as long as a call takes, as many providers demand before they put one through; a registrar that does
  // not want it is passed over. Never: calls are authenticated by the challenge to the INVITE alone.
  enum class Registration : std::uint8_t { with_call, never } registration = Registration::with_call;

  unsigned lines = 2;  // calls at once; others wait their turn
  Duration ring_for = std::chrono::seconds(45);
  unsigned times_spoken = 3;                      // the message, while no key is pressed
  Duration listen_for = std::chrono::seconds(3);  // after each time
  Duration call_for = std::chrono::seconds(240);  // whatever happens on the phone, it is over then
  // No sound for so long after the answer: the line is dead, nobody hears the message, and the next contact is tried.
  Duration silent_for = std::chrono::seconds(30);
  std::uint16_t first_media_port = 16'384;  // RTP; even ones
  std::uint16_t last_media_port = 32'766;
  std::string speech_program = "espeak-ng";
};

namespace sip {
inline constexpr std::size_t most_waiting = 64;  // calls that have no line yet
// At the end of the channel: for BYE and CANCEL to be answered. Blocks the on-call thread for so long at most.
inline constexpr Duration longest_goodbye = std::chrono::seconds(2);
}  // namespace sip

// Calls over a SIP trunk, without a cloud between the shop and the phone: the message is spoken until a key is pressed.
//
// Reports: sent (the provider has it), ringing, answered; then acknowledged or escalate (a key), or delivered when an
// answered call ends without a key that counts: a mailbox, or somebody half asleep, has not acknowledged anything. Or
// busy, no_answer, failed. The id is the call's Call-ID.
//
// find(): a call lives in this process and ends with it. What this process knows, it tells; a call that it does not
// know (it was restarted) is not there any more, whoever may have picked up heard it break off, and the answer is
// failed with retry: at three in the morning a phone that rings twice is better than one that stays silent.
//
// Bounds: `lines` calls at once, sip::most_waiting more in line; a call that has no line within its timeout failed with
// retry. A message of more than Speech::longest_text bytes is cut. The sound is encrypted (SRTP) where the options
// say so; on the telephone network that it goes to it never is.
//
// Errors of make_sip: invalid (an option), exhausted (no descriptors, no thread).
Result<std::unique_ptr<Channel>> make_sip(SipOptions options, transfer::Poller& poller, const Clock& clock);

}  // namespace tenfold::oncall
