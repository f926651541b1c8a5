#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "guard/judge/subject_id.hpp"

namespace tenfold::guard::judging {

// What is held against a subject; the later, the graver.
enum class Charge : std::uint8_t {
  takes_more,       // of the origins' time than a fair share, while there is not enough
  ignores,          // challenges, and goes on asking
  breaks_protocol,  // requests and handshakes that are never finished
};
std::string_view name(Charge charge);  // "takes more", "ignores challenges", "breaks the protocol"

// The numbers behind a charge, for people: seven digits do. Lower bounds.
struct Evidence {
  float asks_ms_per_s = 0;  // of origin time, whether it got it or not
  float fair_ms_per_s = 0;  // the share of each, if all ask for as much as they like
  float asked_per_s = 0;    // requests that need an origin
  // Within the last five seconds or so.
  float requests = 0;
  float errors = 0;
  float challenges_ignored = 0;
  float challenges_solved = 0;
  float pages = 0;
  float assets = 0;
  float half_sent = 0;
  float known = 0;  // requests of known customers
  std::uint32_t spread = 1;

  bool operator==(const Evidence&) const = default;
};

struct Finding {
  Subject subject;
  Charge charge = Charge::takes_more;
  Evidence evidence{};

  double fair_shares() const;  // how many it asks for
  bool operator==(const Finding&) const = default;
};

// "asks for 4000 ms of origin time a second, 80 times its fair share of 50 ms"
std::string words(Charge charge, const Evidence& evidence);

}  // namespace tenfold::guard::judging
