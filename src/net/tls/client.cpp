#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/x509v3.h>

#include <list>
#include <unordered_map>
#include <vector>

#include "net/address.hpp"
#include "net/tls/connection.hpp"
#include "net/tls/tls.hpp"

namespace tenfold::net {

namespace {

// The sessions of the servers used last. One thread only.
class SessionCache {
 public:
  void put(const std::string& key, SslSessionPtr session);
  SslSessionPtr take(const std::string& key);  // null if there is none to resume
  void erase(const std::string& key);

 private:
  static constexpr std::size_t most_servers = 256;          // past it, the least recently used goes
  static constexpr std::size_t most_sessions_a_server = 4;  // past it, the oldest goes

  struct Entry {
    std::string key;
    std::vector<SslSessionPtr> sessions;  // newest last
  };
  std::list<Entry> recent_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

void SessionCache::put(const std::string& key, SslSessionPtr session) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
  } else {
    if (recent_.size() == most_servers) {
      by_key_.erase(recent_.back().key);
      recent_.pop_back();
    }
    recent_.push_front({key, {}});
    by_key_[key] = recent_.begin();
  }
  auto& sessions = recent_.front().sessions;
  if (sessions.size() == most_sessions_a_server) sessions.erase(sessions.begin());
  sessions.push_back(std::move(session));
}

SslSessionPtr SessionCache::take(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  auto& sessions = recent_.front().sessions;
  while (!sessions.empty()) {
    SslSessionPtr session = std::move(sessions.back());
    sessions.pop_back();
    if (SSL_SESSION_is_resumable(session.get()) != 1) continue;
    // RFC 8446, C.4: a TLS 1.3 session resumes one connection, which then brings its own. One of TLS 1.2 resumes many.
    if (SSL_SESSION_get_protocol_version(session.get()) == TLS1_2_VERSION) {
      SSL_SESSION_up_ref(session.get());
      sessions.emplace_back(session.get());
    }
    return session;
  }
  return nullptr;
}

void SessionCache::erase(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  recent_.erase(found->second);
  by_key_.erase(found);
}

class TlsClient final : public TlsClientContext, public std::enable_shared_from_this<TlsClient> {
 public:
  TlsClient();

  Result<void> trust(const std::string& authorities_file);
  void verify_nothing() { SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr); }
  Result<void> offer(const std::vector<std::string>& protocols);

  std::shared_ptr<TlsConnection> connection(std::unique_ptr<Stream> stream, std::string server_name);
  SessionCache& sessions() { return sessions_; }

 private:
  static int on_verify(int verified, X509_STORE_CTX* store);
  static int on_new_session(SSL* ssl, SSL_SESSION* session);

  SessionCache sessions_;
  const BioMethodPtr pipe_method_;
  const SslContextPtr context_;
};

TlsClient::TlsClient() : pipe_method_(make_pipe_method()), context_(make_ssl_context(TLS_client_method())) {
  SSL_CTX* const raw = context_.get();
  SSL_CTX_set_app_data(raw, this);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, &on_new_session);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, &on_verify);
}

Result<void> TlsClient::trust(const std::string& authorities_file) {
  forget_openssl_errors();
  if (authorities_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context_.get()) == 1) return {};
    return fail(Errc::invalid, "the system's certificate authorities cannot be read: " + take_openssl_reason());
  }
  if (SSL_CTX_load_verify_file(context_.get(), authorities_file.c_str()) == 1) return {};
  return fail(Errc::invalid,
              authorities_file + ": no certificate authorities can be read from it: " + take_openssl_reason());
}

Result<void> TlsClient::offer(const std::vector<std::string>& protocols) {
  const auto wire = alpn_wire(protocols);
  if (!wire) return std::unexpected(wire.error());
  SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(wire->data()),
                          static_cast<unsigned int>(wire->size()));
  return {};
}

std::shared_ptr<TlsConnection> TlsClient::connection(std::unique_ptr<Stream> stream, std::string server_name) {
  SslPtr ssl(SSL_new(context_.get()));
  TENFOLD_ASSERT(ssl != nullptr);
  SSL_set_connect_state(ssl.get());
  X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl.get());
  if (IpAddress::parse(server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(rules, server_name.c_str());
  } else {
    // RFC 9525: names from subjectAltName only, and a wildcard only as a whole label.
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    X509_VERIFY_PARAM_set1_host(rules, server_name.data(), server_name.size());
    // The macro for this has an old-style cast.
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, server_name.data());
  }
  auto side = std::make_unique<TlsClientSide>();
  side->session_key = server_name + ' ' + stream->peer().text();
  side->server_name = std::move(server_name);
  if (const auto session = sessions_.take(side->session_key)) SSL_set_session(ssl.get(), session.get());
  SSL_set_app_data(ssl.get(), side.get());
  return std::make_shared<TlsConnection>(std::move(stream), std::move(ssl), *pipe_method_, shared_from_this(),
                                         std::move(side));
}

int TlsClient::on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto& client = *static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const auto& side = *static_cast<const TlsClientSide*>(SSL_get_app_data(ssl));
  client.sessions_.put(side.session_key, SslSessionPtr(session));
  return 1;  // the reference is ours now
}

std::string day(const ASN1_TIME& time) {
  return fmt::format("{:%Y-%m-%d}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(
                         std::chrono::time_point_cast<std::chrono::system_clock::duration>(wall_time_of(time)))));
}

std::string subject(const X509& certificate) {
  const auto names = certificate_names(certificate);
  return names.empty() ? "a certificate without a name" : fmt::format("the certificate of {}", names.front());
}

std::string names_in_words(const X509& certificate) {
  constexpr std::size_t shown = 8;
  auto names = certificate_names(certificate);
  if (names.empty()) return "no name";
  const std::size_t more = names.size() > shown ? names.size() - shown : 0;
  names.resize(names.size() - more);
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (more > 0) text += fmt::format(" and {} more", more);
  return text;
}

// Why verification failed, with what an operator needs to mend it.
std::string describe(X509_STORE_CTX* store, const TlsClientSide& side) {
  const int code = X509_STORE_CTX_get_error(store);
  const std::string reason = X509_verify_cert_error_string(code);
  const X509* const certificate = X509_STORE_CTX_get_current_cert(store);
  if (certificate == nullptr) return reason;
  switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("{}: the certificate is for {}, not for {}", reason, names_in_words(*certificate),
                         side.server_name);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format("{}: {} was valid until {}", reason, subject(*certificate),
                         day(*X509_get0_notAfter(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("{}: {} is valid from {}", reason, subject(*certificate),
                         day(*X509_get0_notBefore(certificate)));
    default: return fmt::format("{}: {}", reason, subject(*certificate));
  }
}

int TlsClient::on_verify(int verified, X509_STORE_CTX* store) {
  if (verified != 1) {
    auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& side = *static_cast<TlsClientSide*>(SSL_get_app_data(ssl));
    side.verify_failure = "the server's certificate was refused: " + describe(store, side);
  }
  return verified;
}

}  // namespace

Result<std::shared_ptr<TlsClientContext>> make_tls_client_context(const TlsClientOptions& options) {
  const auto client = std::make_shared<TlsClient>();
  if (options.verify) {
    if (auto trusted = client->trust(options.authorities_file); !trusted) return std::unexpected(trusted.error());
  } else {
    client->verify_nothing();
  }
  if (auto offered = client->offer(options.protocols); !offered) return std::unexpected(offered.error());
  return client;
}

Task<Result<std::unique_ptr<Stream>>> connect_tls(std::unique_ptr<Stream> stream,
                                                  std::shared_ptr<TlsClientContext> context, std::string server_name,
                                                  TimePoint deadline, CancelToken token) {
  auto& client = static_cast<TlsClient&>(*context);
  auto connection = client.connection(std::move(stream), std::move(server_name));
  const std::string key = connection->client()->session_key;
  auto connected = co_await TlsConnection::shake_hands(std::move(connection), deadline, token);
  // A session that a server no longer likes must not fail the next connection too.
  if (!connected) client.sessions().erase(key);
  co_return connected;
}

}  // namespace tenfold::net
