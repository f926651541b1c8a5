#include "oncall/channels/sip/phone_double_test.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/result.hpp"

namespace tenfold::oncall::sip {
namespace {

int bound_socket(std::uint16_t& port) {
  const int made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  bind(made, reinterpret_cast<const sockaddr*>(&address), length);
  getsockname(made, reinterpret_cast<sockaddr*>(&address), &length);
  port = ntohs(address.sin_port);
  return made;
}

// On another address than the phone's.
int stranger_socket() {
  const int made = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(0x7f000009);
  TENFOLD_ASSERT(bind(made, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  return made;
}

std::string header(const std::string& message, const std::string& name) {
  const auto at = message.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 4;
  return message.substr(from, message.find("\r\n", from) - from);
}

std::string description(std::uint16_t port, std::string_view format) {
  return fmt::format(
      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP {} 101\r\n"
      "a=rtpmap:101 telephone-event/8000\r\n",
      port, format);
}

}  // namespace

PhoneDouble::PhoneDouble(Manner manner)
    : manner_(manner), signal_(bound_socket(port_)), sound_(bound_socket(sound_port_)), stop_(eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] { serve(); });
}

PhoneDouble::~PhoneDouble() {
  eventfd_write(stop_, 1);
  thread_.join();
  for (const int each : {signal_, sound_, stop_}) close(each);
}

unsigned PhoneDouble::heard(const std::string& method) const {
  const std::lock_guard lock(mutex_);
  const auto found = heard_.find(method);
  return found == heard_.end() ? 0 : found->second;
}

std::size_t PhoneDouble::packets() const {
  const std::lock_guard lock(mutex_);
  return packets_;
}

void PhoneDouble::serve() {
  while (true) {
    std::array<pollfd, 3> each{pollfd{stop_, POLLIN, 0}, pollfd{signal_, POLLIN, 0}, pollfd{sound_, POLLIN, 0}};
    poll(each.data(), each.size(), -1);
    if (each[0].revents != 0) return;
    if (each[1].revents != 0) take_signal();
    if (each[2].revents != 0) take_sound();
  }
}

void PhoneDouble::take_signal() {
  std::array<char, 8'192> packet;
  Peer from(sizeof(sockaddr_in));
  auto length = static_cast<socklen_t>(from.size());
  const ssize_t size =
      recvfrom(signal_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(from.data()), &length);
  if (size <= 0) return;
  const std::string request(packet.data(), static_cast<std::size_t>(size));
  const std::string method = request.substr(0, request.find(' '));
  if (method == "SIP/2.0") return;
  const std::string mark = method + header(request, "Via");
  {
    const std::lock_guard lock(mutex_);
    if (std::ranges::find(seen_, mark) == seen_.end()) {
      seen_.push_back(mark);
      ++heard_[method];
    }
  }
  if (manner_ == Manner::silent) return;
  if (method == "INVITE") return take_invite(request, from);
  if (method == "REGISTER") return answer(request, "405 Method Not Allowed", "", from);
  if (method == "BYE") return answer(request, "200 OK", "", from);
  if (method != "CANCEL") return;
  answer(request, "200 OK", "", from);
  answer(invite_, "487 Request Terminated", "", from);
}

std::string PhoneDouble::last_invite() const {
  const std::lock_guard lock(mutex_);
  return invite_;
}

// Empty: it picks up.
std::string PhoneDouble::refusal_of(const std::string& request) const {
  const std::string proof = header(request, "Proxy-Authorization");
  const std::string challenge = "407 Proxy Authentication Required\r\nProxy-Authenticate: Digest realm=\"x\", ";
  switch (manner_) {
    case Manner::sha256:
      if (proof.contains("algorithm=SHA-256")) return {};
      return challenge + "nonce=\"y\", qop=\"auth\", algorithm=SHA-256\r\nProxy-Authenticate: Digest realm=\"x\", " +
             "nonce=\"z\", qop=\"auth\", algorithm=MD5";
    case Manner::strange: return challenge + "nonce=\"y\", qop=\"auth\", algorithm=SHA-3";
    case Manner::timer:
      return header(request, "Session-Expires").starts_with("3600;") ? ""
                                                                     : "422 Session Interval Too Small\r\nMin-SE: 3600";
    case Manner::extension: return "421 Extension Required\r\nRequire: precondition";
    case Manner::redirect:
      if (request.starts_with("INVITE sip:other@")) return {};
      return fmt::format("302 Moved Temporarily\r\nContact: <sip:other@127.0.0.1:{}>", port_);
    case Manner::stale:
      if (proof.contains("nonce=\"new\"")) return {};
      return challenge + (proof.empty() ? "nonce=\"old\", qop=\"auth\"" : "nonce=\"new\", qop=\"auth\", stale=true");
    default: return {};
  }
}

void PhoneDouble::take_invite(const std::string& request, const Peer& from) {
  {
    const std::lock_guard lock(mutex_);
    invite_ = request;
  }
  if (const std::string refusal = refusal_of(request); !refusal.empty()) return answer(request, refusal, "", from);
  caller_ = from;
  switch (manner_) {
    case Manner::busy: return answer(request, "486 Busy Here", "", from);
    case Manner::challenge:
      return answer(
          request,
          "407 Proxy Authentication Required\r\nProxy-Authenticate: Digest realm=\"x\", nonce=\"y\", qop=\"auth\"", "",
          from);
    default: break;
  }
  answer(request, "180 Ringing", "", from);
  if (manner_ == Manner::ring) return;
  answer(request, "200 OK", description(sound_port_, manner_ == Manner::foreign ? "9" : "8"), from);
}

void PhoneDouble::answer(const std::string& request, const std::string& status, const std::string& body,
                         const Peer& to) {
  const std::string text = fmt::format(
      "SIP/2.0 {}\r\nVia: {}\r\nFrom: {}\r\nTo: {}{}\r\nCall-ID: {}\r\nCSeq: {}\r\n{}{}"
      "Content-Length: {}\r\n\r\n{}",
      status, header(request, "Via"), header(request, "From"), header(request, "To"),
      header(request, "To").contains(";tag=") ? "" : ";tag=phone", header(request, "Call-ID"), header(request, "CSeq"),
      status.contains("Contact:") ? "" : fmt::format("Contact: <sip:phone@127.0.0.1:{}>\r\n", port_),
      body.empty() ? "" : "Content-Type: application/sdp\r\n", body.size(), body);
  sendto(signal_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(to.data()),
         static_cast<socklen_t>(to.size()));
}

void PhoneDouble::take_sound() {
  std::array<char, 2'048> packet;
  Peer from(sizeof(sockaddr_in));
  auto length = static_cast<socklen_t>(from.size());
  if (recvfrom(sound_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(from.data()), &length) <= 0) return;
  {
    const std::lock_guard lock(mutex_);
    ++packets_;
  }
  if (std::exchange(acted_, true)) return;
  if (manner_ == Manner::press_one) press_one(sound_, from);
  if (manner_ == Manner::stranger_presses) {
    const int stranger = stranger_socket();
    press_one(stranger, from);
    close(stranger);
  }
  if (manner_ == Manner::hang_up) send_bye();
}

void PhoneDouble::press_one(int from, const Peer& to) {
  const std::array<std::uint8_t, 16> event{0x80, 0x80 | 101, 0, 1, 0, 0, 0x1f, 0x40, 1, 2, 3, 4, 1, 10, 0, 160};
  sendto(from, event.data(), event.size(), 0, reinterpret_cast<const sockaddr*>(to.data()),
         static_cast<socklen_t>(to.size()));
}

void PhoneDouble::send_bye() {
  const std::string contact = header(invite_, "Contact");
  const std::string text = fmt::format(
      "BYE {} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{};branch=z9hG4bKbye;rport\r\nFrom: {};tag=phone\r\nTo: "
      "{}\r\nCall-ID: {}\r\nCSeq: 7 BYE\r\n"
      "Content-Length: 0\r\n\r\n",
      contact.substr(1, contact.find('>') - 1), port_, header(invite_, "To"), header(invite_, "From"),
      header(invite_, "Call-ID"));
  sendto(signal_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(caller_.data()),
         static_cast<socklen_t>(caller_.size()));
}

}  // namespace tenfold::oncall::sip
