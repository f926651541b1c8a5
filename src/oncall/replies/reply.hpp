#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oncall/people/plan.hpp"

// What somebody means who writes back to an alert's SMS. Pure; any thread.
namespace tenfold::oncall {

// An open alert that was told by SMS to the number from which a reply came.
struct Answerable {
  std::int64_t alert = 0;
  std::string who;  // whose number it is
  std::string to;   // as the plan writes it
  bool operator==(const Answerable&) const = default;
};

struct ReplyAct {
  enum class Kind : std::uint8_t { acknowledge, escalate } kind = Kind::acknowledge;
  Answerable of;
  bool operator==(const ReplyAct&) const = default;
};

// A reply is the digit of Digits, alone or with the alert's number behind it ("1", "1 7", "17"), and nothing else but
// blanks and punctuation: a holiday's or a driver's automatic answer is none. The digit alone counts while one alert is
// open for that number only. Errors: invalid, saying what was expected.
Result<ReplyAct> read_reply(std::string_view text, const Digits& digits, std::span<const Answerable> answerable);

// Whether a number, as a network writes the sender ("4930123456", "004930123456", inside the country "030123456"), is
// the one that the plan has in E.164 form.
bool is_number_of(std::string_view sender, std::string_view e164);

}  // namespace tenfold::oncall
