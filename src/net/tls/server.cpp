#include <algorithm>
#include <cstring>
#include <set>

#include "net/tls/certificates.hpp"
#include "net/tls/connection.hpp"
#include "net/tls/tickets.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::net {

namespace {

class TlsServer final : public TlsServerContext, public std::enable_shared_from_this<TlsServer> {
 public:
  TlsServer(std::string protocols, std::shared_ptr<TicketKeys> tickets)
      : protocols_(std::move(protocols)), tickets_(std::move(tickets)), pipe_method_(make_pipe_method()) {}

  Result<void> add(Certificate certificate);

  const std::vector<CertificateInfo>& certificates() const override { return certificates_; }
  std::vector<std::string> names() const override;

  const std::shared_ptr<TicketKeys>& tickets() const { return tickets_; }
  std::shared_ptr<TlsConnection> connection(std::unique_ptr<Stream> stream) const;

 private:
  // One for each set of names; it holds a certificate for each kind of key.
  struct Identity {
    SslContextPtr context;
    std::vector<std::string> names;
    std::vector<int> key_kinds;
  };

  Identity& identity_for(const Certificate& certificate);
  SslContextPtr make_context();

  static const TlsServer& of(SSL* ssl) {
    return *static_cast<const TlsServer*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  }
  static int choose_certificate(SSL* ssl, int* alert, void*);
  static int choose_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_bytes,
                             const unsigned char* offered, unsigned int offered_bytes, void*);
  static int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                            int sealing);

  const std::string protocols_;  // in ALPN's wire form
  const std::shared_ptr<TicketKeys> tickets_;
  const BioMethodPtr pipe_method_;
  std::vector<Identity> identities_;
  CertificateNames by_name_;
  std::vector<CertificateInfo> certificates_;
};

std::vector<std::string> TlsServer::names() const {
  std::set<std::string> all;
  for (const CertificateInfo& certificate : certificates_)
    all.insert(certificate.names.begin(), certificate.names.end());
  return {all.begin(), all.end()};
}

SslContextPtr TlsServer::make_context() {
  SslContextPtr context = make_ssl_context(TLS_server_method());
  SSL_CTX* const raw = context.get();
  SSL_CTX_set_app_data(raw, this);
  // Clients know best whether AES or ChaCha20 is cheaper for them; on our side they cost alike.
  SSL_CTX_set_options(raw, SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // tickets need no state here, and work across workers
  SSL_CTX_set_timeout(raw, std::chrono::duration_cast<std::chrono::seconds>(TicketKeys::ticket_lifetime).count());
  // The same for all, or a ticket would not be taken by the context that SNI chooses, or by that after a reload.
  constexpr std::string_view session_id_context = "tenfold";
  SSL_CTX_set_session_id_context(raw, reinterpret_cast<const unsigned char*>(session_id_context.data()),
                                 static_cast<unsigned int>(session_id_context.size()));
  SSL_CTX_set_tlsext_ticket_key_evp_cb(raw, &use_ticket_key);
  // The macro for this has an old-style cast.
  SSL_CTX_callback_ctrl(raw, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, reinterpret_cast<void (*)()>(&choose_certificate));
  if (!protocols_.empty()) SSL_CTX_set_alpn_select_cb(raw, &choose_protocol, nullptr);
  return context;
}

TlsServer::Identity& TlsServer::identity_for(const Certificate& certificate) {
  const int kind = EVP_PKEY_get_base_id(certificate.key.get());
  for (Identity& identity : identities_) {
    const bool has_kind = std::ranges::find(identity.key_kinds, kind) != identity.key_kinds.end();
    if (identity.names == certificate.info.names && !has_kind) {
      identity.key_kinds.push_back(kind);
      return identity;
    }
  }
  by_name_.add(certificate.info.names, identities_.size());
  return identities_.emplace_back(make_context(), certificate.info.names, std::vector<int>{kind});
}

Result<void> TlsServer::add(Certificate certificate) {
  const Identity& identity = identity_for(certificate);
  std::vector<X509*> rest;
  for (const X509Ptr& one : certificate.chain) rest.push_back(one.get());
  STACK_OF(X509)* const issuers = sk_X509_new_null();
  for (std::size_t i = 1; i < rest.size(); ++i) sk_X509_push(issuers, rest[i]);
  forget_openssl_errors();
  // Takes references of its own.
  const int used = SSL_CTX_use_cert_and_key(identity.context.get(), rest.front(), certificate.key.get(), issuers, 0);
  sk_X509_free(issuers);
  if (used != 1) {
    return fail(Errc::invalid, certificate.info.chain_file + ": cannot be used: " + take_openssl_reason());
  }
  certificates_.push_back(std::move(certificate.info));
  return {};
}

std::shared_ptr<TlsConnection> TlsServer::connection(std::unique_ptr<Stream> stream) const {
  SslPtr ssl(SSL_new(identities_.front().context.get()));
  TENFOLD_ASSERT(ssl != nullptr);
  SSL_set_accept_state(ssl.get());
  return std::make_shared<TlsConnection>(std::move(stream), std::move(ssl), *pipe_method_, shared_from_this(), nullptr);
}

int TlsServer::choose_certificate(SSL* ssl, int*, void*) {
  if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) {
    const TlsServer& server = of(ssl);
    SSL_set_SSL_CTX(ssl, server.identities_[server.by_name_.find(name)].context.get());
  }
  return SSL_TLSEXT_ERR_OK;
}

int TlsServer::choose_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_bytes,
                               const unsigned char* offered, unsigned int offered_bytes, void*) {
  const std::string& ours = of(ssl).protocols_;
  unsigned char* chosen = nullptr;
  const int outcome = SSL_select_next_proto(&chosen, out_bytes, reinterpret_cast<const unsigned char*>(ours.data()),
                                            static_cast<unsigned int>(ours.size()), offered, offered_bytes);
  *out = chosen;
  // RFC 7301, 3.2: speaking a protocol that the client did not offer is how connections get confused (ALPACA).
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int TlsServer::use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                              EVP_MAC_CTX* mac, int sealing) {
  TicketKeys& tickets = *of(ssl).tickets_;
  if (sealing == 1) return tickets.seal(name, iv, *cipher, *mac);
  const int opened = tickets.open(name, iv, *cipher, *mac);
  // RFC 8446, C.4: a TLS 1.3 client uses a ticket once, so it needs a new one.
  return opened == 1 && SSL_version(ssl) == TLS1_3_VERSION ? 2 : opened;
}

}  // namespace

Result<std::shared_ptr<const TlsServerContext>> make_tls_server_context(
    const std::vector<CertificateFiles>& certificates, const std::vector<std::string>& protocols,
    const TlsServerContext* previous, const Clock* clock) {
  if (certificates.empty()) return fail(Errc::invalid, "a TLS listener needs at least one certificate");
  auto wire = alpn_wire(protocols);
  if (!wire) return std::unexpected(wire.error());
  std::shared_ptr<TicketKeys> tickets;
  if (const auto* server = dynamic_cast<const TlsServer*>(previous)) {
    tickets = server->tickets();
  } else {
    tickets = std::make_shared<TicketKeys>(clock);
  }
  const auto server = std::make_shared<TlsServer>(std::move(*wire), std::move(tickets));
  for (const CertificateFiles& files : certificates) {
    auto certificate = read_certificate(files);
    if (!certificate) return std::unexpected(certificate.error());
    if (auto added = server->add(std::move(*certificate)); !added) return std::unexpected(added.error());
  }
  return server;
}

Task<Result<std::unique_ptr<Stream>>> accept_tls(std::unique_ptr<Stream> stream,
                                                 std::shared_ptr<const TlsServerContext> context, TimePoint deadline,
                                                 CancelToken token, HandshakeWatch* watch) {
  const auto& server = static_cast<const TlsServer&>(*context);
  auto connection = server.connection(std::move(stream));
  auto accepted = co_await TlsConnection::shake_hands(std::move(connection), deadline, token, watch);
  co_return accepted;
}

}  // namespace tenfold::net
