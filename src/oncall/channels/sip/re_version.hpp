#pragma once

#include <cstdint>
#include <string>

#include "oncall/channels/sip/re.hpp"

// What differs between libre 1 (Debian 12, Ubuntu 24.04), 2 (Debian 13) and 3 (newer): here alone.
namespace tenfold::oncall::sip {

// Before and after anything of libre on a thread.
int open_thread();
void close_thread();

// Who holds a session: libre 3 asks for the offer once it knows the local address.
class SessionOwner {
 public:
  virtual mbuf* description() = 0;  // SDP

 protected:
  ~SessionOwner() = default;
};

// What libre calls back for a session; all with `self`.
struct SessionHandlers {
  sip_auth_h* authenticate;
  sipsess_offer_h* offer;
  sipsess_answer_h* answer;
  sipsess_progr_h* progress;
  sipsess_estab_h* established;
  sipsess_info_h* info;
  sipsess_close_h* closed;
  SessionOwner* self;
};

struct Invitation {
  std::string to_uri;
  std::string from_uri;
  std::string contact_user;
  std::string route;   // where it is sent: "sip:192.0.2.1:5060;transport=udp"
  std::string fields;  // further header fields, with their line ends
};

int invite(sipsess** session, sipsess_sock* socket, const Invitation& invitation, const SessionHandlers& handlers);

int send_rtp(RtpSocket* socket, const sa& to, std::uint8_t payload_type, bool marker, std::uint32_t timestamp,
             mbuf* packet);

// Trusts the system's certificate authorities and those of ca_file (empty: none), and lets only a server pass whose
// certificate is for `host`. What was wrong with it is written to `complaint`, which must outlive the context.
int verify_server(tls* context, const std::string& host, const std::string& ca_file, std::string& complaint);

}  // namespace tenfold::oncall::sip
