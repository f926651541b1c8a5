#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "transfer/transfers.hpp"
#include "watch/probe/check.hpp"
#include "watch/probe/destination.hpp"
#include "watch/probe/expect.hpp"
#include "watch/probe/trust.hpp"
#include "watch/probe/way.hpp"

typedef void CURLSH;

namespace tenfold::watch {

// What every look needs of the prober, which outlives it.
struct Tools {
  transfer::Poller& poller;
  transfer::Transfers& transfers;
  Names& names;
  Trust& trust;
  Expressions& expressions;
  const ProberOptions& options;
};

// Cookies that belong to one run of one check.
class CookieJar {
 public:
  CookieJar();
  CookieJar(const CookieJar&) = delete;
  CookieJar& operator=(const CookieJar&) = delete;
  ~CookieJar();
  CURLSH* handle() const { return handle_; }

 private:
  CURLSH* handle_;
};

struct TlsOfHop;  // what one connection's TLS sees and needs

// One request and its answer, over as many redirects as it takes, each over a fresh connection.
class Exchange {
 public:
  struct End {
    Verdict verdict;  // what went wrong, the expectation included; empty: nothing
    Answer answer;
    std::string address;
    std::string source;
  };
  using Done = std::function<void(End)>;  // may come from within begin()

  // Adds the time of its parts to `phases`.
  Exchange(const Tools& tools, Way& way, std::shared_ptr<CookieJar> jar, Phases& phases, HttpProbe request,
           Duration timeout, Done done);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  enum class Body : std::uint8_t { judged, kept };  // judged: kept only if the expectation looks into it
  void keep_body() { body_ = Body::kept; }
  void begin();

 private:
  void hop();
  void on_found(Result<Way::Found> found);
  transfer::Request request_to(const Way::Found& found);
  std::string add_own_cookie(std::vector<std::pair<std::string, std::string>>& headers, const Way::Found& found);
  void after_own_cookie(const transfer::Outcome& outcome) const;
  std::string resolve_entry(const Way::Found& found) const;
  void on_outcome(transfer::Outcome& outcome);
  void read_text();
  void add_phases(CURL* handle);
  bool redirected(const transfer::Outcome& outcome);
  void change_for_redirect(long status, const Destination& to);
  Verdict failure(const transfer::Outcome& outcome) const;
  Verdict timeout_words(CURL* handle) const;
  void fail_with(CheckResult::Cause cause, std::string what);

  Tools tools_;
  Way& way_;
  std::shared_ptr<CookieJar> jar_;
  Phases& phases_;
  HttpProbe request_;
  Duration timeout_;
  Done done_;
  Body body_ = Body::judged;

  TimePoint began_{};
  TimePoint deadline_{};
  TimePoint hop_began_{};
  Destination target_;
  unsigned redirects_ = 0;
  std::string own_cookie_name_;           // empty: this hop's request does not bear it
  transfer::Transfers::Id transfer_ = 0;  // 0: none
  TimePoint transfer_began_{};
  std::shared_ptr<TlsOfHop> tls_;  // of this hop
  std::string tried_;              // the first address of this hop
  End end_;
};

}  // namespace tenfold::watch
