#include "watch/probe/trust.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <ctime>

#include "watch/probe/address.hpp"
#include "watch/probe/words.hpp"

namespace tenfold::watch {
namespace {

// Where OpenSSL keeps our pointer in contexts and connections. Taken once: indices are never given back.
int context_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
int connection_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// With both, as libcurl's own default: the file that the system's tool keeps up to date.
constexpr std::array<const char*, 3> system_files{"/etc/ssl/certs/ca-certificates.crt",
                                                  "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

std::int64_t written_ns(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return 0;
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

std::optional<WallTime> wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return WallTime(std::chrono::seconds(::timegm(&parts)));
}

std::string date_of(const ASN1_TIME* time) {
  const auto at = wall_time(time);
  return at ? date_words(*at) : "an unreadable date";
}

// The common name, or the organisation, as far as there is one.
std::string name_of(const X509_NAME* name) {
  for (const int field : {NID_commonName, NID_organizationName, NID_organizationalUnitName}) {
    const int at = X509_NAME_get_index_by_NID(name, field, -1);
    if (at < 0) continue;
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (size < 0) continue;
    std::string out(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return out;
  }
  return "without a name";
}

std::string names_for(X509* certificate) {
  constexpr std::size_t most_names = 5;
  auto* const names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::vector<std::string> out;
  std::size_t further = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    if (out.size() >= most_names) {
      ++further;
    } else if (name->type == GEN_DNS) {
      out.push_back(one_line({reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                              static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
    } else if (name->type == GEN_IPADD) {
      char* const text = i2s_ASN1_OCTET_STRING(nullptr, name->d.iPAddress);
      const int size = ASN1_STRING_length(name->d.iPAddress);
      const unsigned char* const bytes = ASN1_STRING_get0_data(name->d.iPAddress);
      out.push_back(size == 4 ? fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3])
                              : std::string(text != nullptr ? text : "an address"));
      OPENSSL_free(text);
    }
  }
  GENERAL_NAMES_free(names);
  if (out.empty()) return name_of(X509_get_subject_name(certificate));
  return fmt::format("{}{}", fmt::join(out, ", "), further != 0 ? fmt::format(" and {} more", further) : "");
}

}  // namespace

// Called by OpenSSL for each certificate of the chain, from the authority down, and for each thing wrong with one.
struct VerifyCallback {
  static int on_certificate(int good, X509_STORE_CTX* verification) {
    auto* const connection =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* seen = static_cast<SeenChain*>(SSL_get_ex_data(connection, connection_index()));
    if (seen == nullptr) {
      seen = static_cast<SeenChain*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), context_index()));
    }
    if (seen != nullptr) note(*seen, good, verification);
    return good;
  }

  static void note(SeenChain& seen, int good, X509_STORE_CTX* verification) {
    X509* const own = X509_STORE_CTX_get0_cert(verification);
    X509* const current = X509_STORE_CTX_get_current_cert(verification);
    if (seen.own_ == nullptr && own != nullptr && X509_up_ref(own) == 1) seen.own_ = own;
    if (good != 1 && seen.error_ == 0) {
      seen.error_ = X509_STORE_CTX_get_error(verification);
      seen.faulty_is_own_ = X509_STORE_CTX_get_error_depth(verification) == 0;
      if (current != nullptr && X509_up_ref(current) == 1) seen.faulty_ = current;
    }
    if (good != 1 || current == nullptr) return;
    const auto end = wall_time(X509_get0_notAfter(current));
    if (!end || (seen.end_ && seen.end_->at <= *end)) return;
    const bool is_own = X509_STORE_CTX_get_error_depth(verification) == 0;
    seen.end_ = {*end, is_own
                           ? "the certificate"
                           : fmt::format("the certificate of {}", in_quotes(name_of(X509_get_subject_name(current))))};
  }
};

SeenChain::~SeenChain() {
  X509_free(own_);
  X509_free(faulty_);
}

std::optional<SeenChain::End> SeenChain::end() const { return end_; }

std::string SeenChain::fault_words(const std::string& host) const {
  X509* const faulty = faulty_ != nullptr ? faulty_ : own_;
  if (faulty == nullptr) return fmt::format("the certificate of {} cannot be trusted", host);
  const std::string which =
      faulty_is_own_ ? "the certificate"
                     : fmt::format("the authority's certificate {}", in_quotes(name_of(X509_get_subject_name(faulty))));
  switch (error_) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return fmt::format("{} ended on {}", which, date_of(X509_get0_notAfter(faulty)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("{} begins only on {}", which, date_of(X509_get0_notBefore(faulty)));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "the certificate is signed by itself: no browser trusts it";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return fmt::format("the chain ends at {}, which is not trusted",
                         in_quotes(name_of(X509_get_subject_name(faulty))));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return fmt::format("the certificate's chain is incomplete or not trusted: {} is signed by {}, which is not known",
                         in_quotes(name_of(X509_get_subject_name(faulty))),
                         in_quotes(name_of(X509_get_issuer_name(faulty))));
    case X509_V_OK:
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("the certificate is not for {} but for {}", host, names_for(own_ != nullptr ? own_ : faulty));
    default: return fmt::format("{} is not valid: {}", which, X509_verify_cert_error_string(error_));
  }
}

Result<std::unique_ptr<Trust>> Trust::make(std::string file) {
  for (const char* candidate : system_files) {
    if (file.empty() && written_ns(candidate) != 0) file = candidate;
  }
  std::unique_ptr<Trust> trust(new Trust(std::move(file)));
  trust->context_ = SSL_CTX_new(TLS_client_method());
  if (trust->context_ == nullptr) return fail(Errc::exhausted, "no memory for TLS");
  SSL_CTX_set_session_cache_mode(trust->context_, SSL_SESS_CACHE_OFF);
  if (auto loaded = trust->load(); !loaded) return std::unexpected(loaded.error());
  return trust;
}

Trust::~Trust() {
  SSL_CTX_free(context_);
  X509_STORE_free(store_);
}

Result<void> Trust::load() {
  X509_STORE* const store = X509_STORE_new();
  if (store == nullptr) return fail(Errc::exhausted, "no memory for the authorities");
  written_ns_ = written_ns(file_);
  // Without any file of the system, whatever OpenSSL finds; then nothing is trusted rather than everything.
  const int loaded = file_.empty() ? X509_STORE_set_default_paths(store) : X509_STORE_load_file(store, file_.c_str());
  ERR_clear_error();
  if (loaded != 1) {
    X509_STORE_free(store);
    return fail(Errc::not_found, fmt::format("no certificates of authorities in {}", file_));
  }
  X509_STORE_free(store_);
  store_ = store;
  SSL_CTX_set1_cert_store(context_, store_);
  return {};
}

// A file that has become unreadable leaves the authorities that were read before.
void Trust::reload_if_changed() {
  if (file_.empty()) return;
  const std::int64_t written = written_ns(file_);
  if (written == written_ns_ || written == 0) return;
  if (!load()) written_ns_ = written;
}

void Trust::install(SSL_CTX* context, SeenChain* seen) {
  reload_if_changed();
  SSL_CTX_set1_cert_store(context, store_);
  SSL_CTX_set_ex_data(context, context_index(), seen);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &VerifyCallback::on_certificate);
}

SSL* Trust::connection(const std::string& server_name, SeenChain* seen) {
  reload_if_changed();
  SSL* const connection = SSL_new(context_);
  if (connection == nullptr) return nullptr;
  SSL_set_ex_data(connection, connection_index(), seen);
  SSL_set_verify(connection, SSL_VERIFY_PEER, &VerifyCallback::on_certificate);
  SSL_set_connect_state(connection);
  if (const auto address = Address::parse(server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), address->text().c_str());
  } else {
    SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(server_name.c_str()));  // SSL_set_tlsext_host_name, whose macro casts in the old style
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(connection, server_name.c_str());
  }
  return connection;
}

}  // namespace tenfold::watch
