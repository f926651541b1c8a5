#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "http/message.hpp"
#include "rehearse/plan/invented.hpp"
#include "rehearse/record/run_record.hpp"

namespace tenfold::rehearse {

// One request under way. Belongs to who makes it; stays until it has ended.
struct Call {
  TimePoint planned{};
  TimePoint deadline{};  // planned plus the time-out
  TimePoint sent{};      // when the request was given to the kernel; not set: never
  TimePoint first_byte{};
  std::string_view request;  // all of it, as it goes out; stays until the call has ended
  http::Method method = http::Method::get;
  std::uint32_t template_index = 0;
  bool sent_again = false;  // a kept connection turned out to be closed
  Invented invented = Invented::nothing;
  bool followed = false;  // a redirect led to it
};

// How a call ended.
struct CallEnd {
  TimePoint at{};
  int status = 0;          // 0: no answer
  bool by_shield = false;  // the answer is the shield's own, see AnswerReader
  bool encoded = false;    // its body is compressed
  std::uint64_t body_bytes = 0;
  std::uint64_t all_bytes = 0;  // with its head
  Led led = Led::nowhere;
  std::string_view led_to;          // good while the call's end is told
  Failure failure = Failure::none;  // as the connection knows it: not `status`
  // Our own machine could not: no descriptors, no ports, no address that may be driven. `failure` is none then.
  bool could_not = false;
  // A connection that had been kept ended before any byte of the answer: the server closed it while the request was on
  // its way. The request may be sent once more on a fresh one, if its method allows (RFC 9112, 9.3.1).
  bool stale = false;
  std::string_view why;  // nothing came of it, in words; good while the call's end is told
};

}  // namespace tenfold::rehearse
