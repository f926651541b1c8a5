#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "net/tls/tls.hpp"
#include "record.hpp"
#include "web.hpp"

namespace tenfold::siege {

// One wave of an attack: requests at their planned moments, whatever becomes of those before them, so that a contender
// that answers slowly is not attacked less. A request that finds no free connection of its source opens one.
class Attack {
 public:
  // `open_connections` is shared by all waves. All must outlive it.
  Attack(World& world, const Wave& wave, WaveRecord& record, Record& all, std::uint32_t& open_connections);
  ~Attack();

  net::Task<void> run();

 private:
  struct Source;
  struct Call;

  net::Task<void> farm();
  net::Task<void> farm_one(std::size_t index);
  void begin_due(TimePoint now);
  double rate_at(double at_s) const;
  Source& next_source();
  Request next_request(Source& source);
  Request walk_step(Source& source);
  rehearse::CookieJar* jar_of(Source& source);

  net::Task<void> shoot(std::size_t source_index);
  net::Task<Answer> ask(Source& source, const Request& request);
  net::Task<void> solve(Source& source, const Answer& answer);
  void ended(const Answer& answer);
  std::string hex(int digits);

  World& world_;
  const Wave& wave_;
  WaveRecord& record_;
  Record& all_;
  std::uint32_t& open_connections_;
  FastRandom random_;
  std::vector<Source> sources_;
  std::vector<rehearse::CookieJar> farmed_;
  std::size_t turn_ = 0;
  double next_s_ = 0;
  std::shared_ptr<net::TlsClientContext> tls_;  // null: not wanted
  std::string replayed_;                        // the target of a right answer to a challenge
};

}  // namespace tenfold::siege
