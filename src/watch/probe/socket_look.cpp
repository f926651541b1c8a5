#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "watch/probe/connector.hpp"
#include "watch/probe/looks.hpp"
#include "watch/probe/trust.hpp"
#include "watch/probe/words.hpp"

namespace tenfold::watch {
namespace {

using transfer::Poller;
using Cause = CheckResult::Cause;

// To a name or address, as far as a TCP connection; what follows is the derived look's.
class ConnectLook : public TimedLook {
 public:
  ConnectLook(LookSetup setup, std::string host, std::uint16_t port)
      : TimedLook(std::move(setup)), host_(std::move(host)), port_(port) {}
  ~ConnectLook() override {
    if (timer_ != 0) tools_.poller.cancel(timer_);
    close();
  }

  void begin() final {
    start_clock();
    way_.find(host_, deadline(), [this](Result<Way::Found> found) { on_found(std::move(found)); });
  }

 protected:
  virtual void on_connected() = 0;
  virtual std::string timeout_words() const { return fmt::format("no connection to {}", connector_->tried_words()); }
  virtual void before_end() {}
  int descriptor() const { return descriptor_; }
  std::string where() const { return text_with_port(*Address::parse(result_.address), port_); }
  TimePoint phase_began() const { return phase_began_; }
  void finish_good(std::string what = {}) { close(), end_good(std::move(what)); }
  void finish_failed(Cause cause, std::string what) { close(), end_failed(cause, std::move(what)); }

 private:
  void on_found(Result<Way::Found> found) {
    phase_began_ = tools_.poller.now();
    result_.phases.name_lookup = phase_began_ - (deadline() - check_.timeout);
    if (!found) return end_name_failed(found.error());
    timer_ = tools_.poller.at(deadline(), [this] { on_late(); });
    result_.address = found->addresses.front().text();
    connector_ = std::make_unique<Connector>(
        tools_.poller, std::move(found->addresses), port_, std::move(found->source),
        [this](Result<Connector::Connected> connected) { on_result(std::move(connected)); });
    connector_->begin();
  }

  // A connection that stands from now on must not be told: this look has ended, and waits to be destroyed.
  void on_late() {
    timer_ = 0;
    const std::string words = fmt::format("{}: {}", late_words(), timeout_words());
    connector_.reset();
    finish_failed(Cause::timeout, words);
  }

  void on_result(Result<Connector::Connected> connected) {
    const TimePoint now = tools_.poller.now();
    result_.phases.connect = now - std::exchange(phase_began_, now);
    if (!connected) return finish_failed(Cause::connect, connected.error().detail);
    descriptor_ = connected->descriptor;
    result_.address = connected->address.text();
    result_.source = connected->source;
    on_connected();
  }

  // Ends waiting, so that nothing is told twice.
  void close() {
    if (timer_ != 0) tools_.poller.cancel(std::exchange(timer_, 0));
    if (descriptor_ < 0) return;
    before_end();
    tools_.poller.unwatch(descriptor_);
    ::close(std::exchange(descriptor_, -1));
  }

  std::string host_;
  std::uint16_t port_;
  std::unique_ptr<Connector> connector_;
  int descriptor_ = -1;
  TimePoint phase_began_{};
  Poller::TimerId timer_ = 0;  // 0: none
};

class TcpLook final : public ConnectLook {
 public:
  TcpLook(const TcpProbe& probe, LookSetup setup) : ConnectLook(std::move(setup), probe.host, probe.port) {}

 private:
  void on_connected() override { finish_good(); }
};

struct SslFree {
  void operator()(SSL* connection) const { SSL_free(connection); }
};

class TlsLook final : public ConnectLook {
 public:
  TlsLook(const TlsProbe& probe, LookSetup setup)
      : ConnectLook(std::move(setup), probe.host, probe.port),
        probe_(probe),
        name_(probe.server_name.empty() ? probe.host : probe.server_name) {}

 private:
  void on_connected() override {
    tls_.reset(tools_.trust.connection(name_, &seen_));
    if (tls_ == nullptr) return finish_failed(Cause::tls, "this machine has no memory for TLS");
    SSL_set_fd(tls_.get(), descriptor());
    shake_hands();
  }

  std::string timeout_words() const override {
    if (tls_ == nullptr) return ConnectLook::timeout_words();
    return fmt::format("connected after {}, then the TLS handshake did not end",
                       duration_words(result_.phases.connect));
  }

  void shake_hands() {
    ERR_clear_error();
    const int status = SSL_connect(tls_.get());
    if (status == 1) return on_hands_shaken();
    switch (SSL_get_error(tls_.get(), status)) {
      case SSL_ERROR_WANT_READ: return wait(Poller::Interest::read);
      case SSL_ERROR_WANT_WRITE: return wait(Poller::Interest::write);
      default: break;
    }
    const unsigned long error = ERR_get_error();
    if (seen_.at_fault()) return finish_failed(Cause::certificate, seen_.fault_words(name_));
    const char* const reason = error != 0 ? ERR_reason_error_string(error) : nullptr;
    const bool closed = reason == nullptr || ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    finish_failed(Cause::tls, fmt::format("no TLS with {}: {}", where(),
                                          closed ? "the connection was closed in the handshake" : reason));
  }

  void wait(Poller::Interest interest) {
    const auto watched = tools_.poller.watch(descriptor(), interest, [this](Poller::Interest) { shake_hands(); });
    if (!watched) finish_failed(Cause::tls, watched.error().text());
  }

  void on_hands_shaken() {
    result_.phases.tls = tools_.poller.now() - phase_began();
    const auto end = seen_.end();
    if (!end) return finish_failed(Cause::certificate, fmt::format("{} shows no certificate", where()));
    const Duration left = end->at - tools_.poller.clock().wall_now();
    const auto days = std::chrono::floor<std::chrono::days>(left).count();
    const std::string words =
        fmt::format("{} ends on {}, in {} {}", end->of, date_words(end->at), days, days == 1 ? "day" : "days");
    if (left >= probe_.valid_for) return finish_good(words);
    const auto wanted = std::chrono::ceil<std::chrono::days>(probe_.valid_for).count();
    finish_failed(Cause::certificate, fmt::format("{}; at least {} are expected", words, wanted));
  }

  void before_end() override { tls_.reset(); }

  const TlsProbe& probe_;
  std::string name_;
  SeenChain seen_;
  std::unique_ptr<SSL, SslFree> tls_;
};

}  // namespace

std::unique_ptr<Look> make_tcp_look(const TcpProbe& probe, LookSetup setup) {
  return std::make_unique<TcpLook>(probe, std::move(setup));
}
std::unique_ptr<Look> make_tls_look(const TlsProbe& probe, LookSetup setup) {
  return std::make_unique<TlsLook>(probe, std::move(setup));
}

}  // namespace tenfold::watch
