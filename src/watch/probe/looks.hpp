#pragma once

#include <functional>
#include <memory>
#include <string>

#include "watch/probe/check.hpp"
#include "watch/probe/exchange.hpp"
#include "watch/probe/way.hpp"

namespace tenfold::watch {

// One look at one thing. Destroying it ends it without a word.
class Look {
 public:
  using Done = std::function<void(CheckResult)>;  // once; may come from within begin(); must not destroy the look

  virtual ~Look() = default;
  virtual void begin() = 0;
};

// `check` must outlive the look; not of a heartbeat.
std::unique_ptr<Look> make_look(const Tools& tools, const Check& check, CheckResult::Path path, UsualWay usual,
                                Look::Done done);

// The parts of make_look().
struct LookSetup {
  const Tools& tools;
  const Check& check;
  CheckResult::Path path;
  UsualWay usual;
  Look::Done done;
};
std::unique_ptr<Look> make_http_look(const HttpProbe& probe, LookSetup setup);
std::unique_ptr<Look> make_journey_look(const JourneyProbe& probe, LookSetup setup);
std::unique_ptr<Look> make_tcp_look(const TcpProbe& probe, LookSetup setup);
std::unique_ptr<Look> make_tls_look(const TlsProbe& probe, LookSetup setup);
std::unique_ptr<Look> make_dns_look(const DnsProbe& probe, LookSetup setup);

// What all looks share: the way, the clock, the result.
class TimedLook : public Look {
 public:
  explicit TimedLook(LookSetup setup);

 protected:
  void start_clock();
  TimePoint deadline() const { return began_ + check_.timeout; }
  void end_good(std::string what = {});
  void end_failed(CheckResult::Cause cause, std::string what);
  void end_name_failed(const Error& error);
  std::string late_words() const;  // "no answer within 10 s"

  const Tools tools_;
  const Check& check_;
  Way way_;
  CheckResult result_;

 private:
  void end();

  Done done_;
  TimePoint began_{};
};

}  // namespace tenfold::watch
