#include "oncall/channels/sip/re_version.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "base/log.hpp"

// Asked for by libre's header of debug words, and not used here.
#define DEBUG_MODULE "tenfold"
#define DEBUG_LEVEL 0
#include <re_dbg.h>

#ifndef TENFOLD_LIBRE_MAJOR
#error "CMake says which major version of libre this is"
#endif

// Declared by libre only for those who define the macros that it was built with.
#if TENFOLD_LIBRE_MAJOR >= 3
extern "C" ssl_ctx_st* tls_ssl_ctx(const struct tls* tls);
#else
extern "C" ssl_ctx_st* tls_openssl_context(const struct tls* tls);
#endif

namespace tenfold::oncall::sip {
namespace {

SSL_CTX* openssl_context(const tls* context) {
#if TENFOLD_LIBRE_MAJOR >= 3
  return tls_ssl_ctx(context);
#else
  return tls_openssl_context(context);
#endif
}

int description_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
int host_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int note_complaint(int verified, X509_STORE_CTX* store) {
  if (verified == 1) return verified;
  const auto* session =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* complaint = static_cast<std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), description_index()));
  if (complaint != nullptr) *complaint = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
  return verified;
}

// libre's SIP sends no server name before version 3; a provider with several names needs it to show the right one.
void name_server(const SSL* session, int where, int /*value*/) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  const auto* host = static_cast<const std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), host_index()));
  if (host == nullptr) return;
  // SSL_set_tlsext_host_name(), which is a macro with a cast of C.
  SSL_ctrl(const_cast<SSL*>(session), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(host->c_str()));
}

// libre would write in colours to standard error. What it has to say is for whoever looks for a fault in it.
void log_words(int /*level*/, const char* words, size_t length, void* /*nobody*/) {
  while (length > 0 && words[length - 1] == '\n') --length;
  log::debug("libre: {}", std::string_view(words, length));
}

}  // namespace

int open_thread() {
  dbg_handler_set(log_words, nullptr);
#if TENFOLD_LIBRE_MAJOR >= 3
  // libre_init() sets a handler for SIGPIPE, which is not its own to set: the program has one already.
  struct sigaction ours {};
  sigaction(SIGPIPE, nullptr, &ours);
  const int code = libre_init();
  sigaction(SIGPIPE, &ours, nullptr);
  return code;
#else
  // libre_init() would do no more on Linux than set a handler for SIGPIPE, which the program has already.
  return re_thread_init();
#endif
}

void close_thread() { re_thread_close(); }

#if TENFOLD_LIBRE_MAJOR >= 3
namespace {
// libre 3 asks for the offer once it knows the local address; ours is ready before.
int describe(mbuf** into, const sa* /*from*/, const sa* /*to*/, void* self) {
  *into = static_cast<mbuf*>(mem_ref(static_cast<SessionOwner*>(self)->description()));
  return 0;
}
}  // namespace
#endif

int invite(sipsess** session, sipsess_sock* socket, const Invitation& invitation, const SessionHandlers& handlers) {
  const char* route = invitation.route.c_str();
  return sipsess_connect(session, socket, invitation.to_uri.c_str(), nullptr, invitation.from_uri.c_str(),
                         invitation.contact_user.c_str(), &route, 1, "application/sdp",
#if TENFOLD_LIBRE_MAJOR >= 3
                         handlers.authenticate, handlers.self, false, nullptr, describe,
#else
                         handlers.self->description(), handlers.authenticate, handlers.self, false,
#endif
                         handlers.offer, handlers.answer, handlers.progress, handlers.established, handlers.info,
                         nullptr, handlers.closed, handlers.self, "%s", invitation.fields.c_str());
}

namespace {
// Later releases of libre 3 want the time of sending too, for RTCP, which we have not.
template <class Socket>
int send_by_any(Socket* socket, const sa* to, std::uint8_t type, bool marker, std::uint32_t timestamp, mbuf* packet) {
  if constexpr (requires { rtp_send(socket, to, false, marker, type, timestamp, packet); }) {
    return rtp_send(socket, to, false, marker, type, timestamp, packet);
  } else {
    return rtp_send(socket, to, false, marker, type, timestamp, std::uint64_t{0}, packet);
  }
}
}  // namespace

int send_rtp(RtpSocket* socket, const sa& to, std::uint8_t payload_type, bool marker, std::uint32_t timestamp,
             mbuf* packet) {
  return send_by_any(socket, &to, payload_type, marker, timestamp, packet);
}

int verify_server(tls* context, const std::string& host, const std::string& ca_file, std::string& complaint) {
  SSL_CTX* ssl = openssl_context(context);
  if (ssl == nullptr) return ENOSYS;
  if (SSL_CTX_set_default_verify_paths(ssl) != 1) return EINVAL;
  if (!ca_file.empty() && SSL_CTX_load_verify_locations(ssl, ca_file.c_str(), nullptr) != 1) return ENOENT;
  X509_VERIFY_PARAM* expected = SSL_CTX_get0_param(ssl);
  const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  if (!is_address && X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) != 1) return EINVAL;
  constexpr int longest_chain = 8;
  SSL_CTX_set_verify_depth(ssl, longest_chain);
  SSL_CTX_set_ex_data(ssl, description_index(), &complaint);
  SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, note_complaint);
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  if (!is_address) {
    SSL_CTX_set_ex_data(ssl, host_index(), const_cast<std::string*>(&host));
    SSL_CTX_set_info_callback(ssl, name_server);
  }
  return 0;
}

}  // namespace tenfold::oncall::sip
