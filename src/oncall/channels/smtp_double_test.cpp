#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

#include "oncall/channels/server_double_test.hpp"

namespace tenfold::oncall::channels {

struct SmtpDouble::Encryption {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  X509* certificate = X509_new();
  std::map<int, SSL*> sessions;

  Encryption();
  ~Encryption() {
    for (const auto& [descriptor, session] : sessions) SSL_free(session);
    X509_free(certificate);
    SSL_CTX_free(context);
  }
  Encryption(const Encryption&) = delete;
  Encryption& operator=(const Encryption&) = delete;
};

SmtpDouble::Encryption::Encryption() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("double"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, key);
  X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  EXPECT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
  EXPECT_EQ(SSL_CTX_use_certificate(context, certificate), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key), 1);
  EVP_PKEY_free(key);
}

SmtpDouble::SmtpDouble(Replies replies, Tls tls) : replies_(std::move(replies)), tls_(tls) {
  if (tls != Tls::none) encryption_ = std::make_unique<Encryption>();
  run();
}

SmtpDouble::~SmtpDouble() { stop(); }

std::string SmtpDouble::certificate() const {
  BIO* const text = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(text, encryption_->certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(text);
  return out;
}

// The handshake blocks: a client that does not finish it ends it by closing.
void SmtpDouble::encrypt(int descriptor) {
  SSL* const session = SSL_new(encryption_->context);
  SSL_set_fd(session, descriptor);
  SSL_accept(session);  // where it fails, reading does too
  encryption_->sessions[descriptor] = session;
}

std::string SmtpDouble::receive(int descriptor) {
  if (encryption_ == nullptr || !encryption_->sessions.contains(descriptor)) return ServerDouble::receive(descriptor);
  SSL* const session = encryption_->sessions[descriptor];
  std::array<char, 16 * 1024> buffer;
  std::string out;
  do {
    const int size = SSL_read(session, buffer.data(), static_cast<int>(buffer.size()));
    if (size <= 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(size));
  } while (SSL_pending(session) > 0);
  return out;
}

void SmtpDouble::say(int descriptor, std::string_view text) {
  if (encryption_ == nullptr || !encryption_->sessions.contains(descriptor)) return ServerDouble::say(descriptor, text);
  SSL_write(encryption_->sessions[descriptor], text.data(), static_cast<int>(text.size()));
}

void SmtpDouble::closing(int descriptor) {
  if (encryption_ == nullptr) return;
  const auto session = encryption_->sessions.find(descriptor);
  if (session == encryption_->sessions.end()) return;
  SSL_free(session->second);
  encryption_->sessions.erase(session);
}

std::vector<std::string> SmtpDouble::commands() const {
  const std::lock_guard guard(lock_);
  return commands_;
}

std::vector<std::string> SmtpDouble::mails() const {
  const std::lock_guard guard(lock_);
  return mails_;
}

void SmtpDouble::greet(int descriptor) {
  if (tls_ == Tls::always) encrypt(descriptor);
  reply(descriptor, "", "220 double ESMTP\r\n");
}

ServerDouble::Next SmtpDouble::reply(int descriptor, const std::string& to, std::string_view usual) {
  const auto set = replies_.find(to);
  if (set == replies_.end()) {
    say(descriptor, usual);
  } else if (set->second.empty()) {
    return Next::close;
  } else if (set->second != silence) {
    say(descriptor, set->second + "\r\n");
  }
  return Next::go_on;
}

ServerDouble::Next SmtpDouble::took(int descriptor, Connection& connection) {
  while (true) {
    const bool in_data = connection.state == "data";
    const std::string_view mark = in_data ? "\r\n.\r\n" : "\r\n";
    const std::size_t end = connection.received.find(mark);
    if (end == std::string::npos) return Next::go_on;
    const std::string part = connection.received.substr(0, end);
    connection.received.erase(0, end + mark.size());
    const std::string verb = in_data ? "." : part.substr(0, 4);
    {
      const std::lock_guard guard(lock_);
      (in_data ? mails_ : commands_).push_back(part);
    }
    connection.state.clear();
    std::string_view usual = "250 fine\r\n";
    if (verb == "EHLO") usual = "250-double\r\n250-AUTH PLAIN\r\n250 SIZE 1000000\r\n";
    if (verb == "EHLO" && tls_ == Tls::starttls && !encryption_->sessions.contains(descriptor)) {
      usual = "250-double\r\n250 STARTTLS\r\n";
    }
    if (part == "STARTTLS" && tls_ == Tls::starttls) {
      say(descriptor, "220 go on\r\n");
      encrypt(descriptor);
      continue;
    }
    if (verb == "AUTH") usual = "235 welcome\r\n";
    if (verb == "QUIT") usual = "221 bye\r\n";
    if (verb == "DATA") usual = "354 go on\r\n";
    if (verb == "DATA" && !replies_.contains("DATA")) connection.state = "data";
    const bool stays = replies_.contains(verb) && replies_.at(verb) == silence;
    if (reply(descriptor, verb, usual) == Next::close || (verb == "QUIT" && !stays)) return Next::close;
  }
}

}  // namespace tenfold::oncall::channels
