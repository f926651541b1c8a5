#include "oncall/replies/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <system_error>

#include "base/text/letters.hpp"

namespace tenfold::oncall {
namespace {

constexpr std::size_t most_reply_bytes = 64;
constexpr std::size_t fewest_national_digits = 7;  // fewer are a service's short number
constexpr std::string_view within_numbers = "0123456789 -./()";
constexpr std::string_view between = " \t\r\n.,:;#-!\"'()";

struct ReplyParts {
  unsigned digit = 0;
  std::optional<std::int64_t> alert;
};

std::optional<ReplyParts> reply_parts_of(std::string_view text) {
  text = trimmed(text, between);
  if (text.empty() || text.size() > most_reply_bytes || !is_digit(text.front())) return std::nullopt;
  ReplyParts parts{.digit = static_cast<unsigned>(text.front() - '0'), .alert = {}};
  const std::string_view number = trimmed(text.substr(1), between);
  if (number.empty()) return parts;
  std::int64_t alert = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), alert);
  if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  parts.alert = alert;
  return parts;
}

std::string digits_of(std::string_view number) {
  std::string digits;
  std::ranges::copy_if(number, std::back_inserter(digits), is_digit);
  return digits;
}

// How many of a number's first digits name the country (ITU-T E.164, assigned country codes).
std::size_t country_digits(std::string_view number) {
  constexpr std::array<std::string_view, 44> of_two{"20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41",
                                                    "43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54",
                                                    "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
                                                    "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"};
  if (number.starts_with('1') || number.starts_with('7')) return 1;
  return std::ranges::count(of_two, number.substr(0, 2)) > 0 ? 2 : 3;
}

}  // namespace

Result<ReplyAct> read_reply(std::string_view text, const Digits& digits, std::span<const Answerable> answerable) {
  if (answerable.empty()) return fail(Errc::invalid, "no open alert was told to that number by SMS");
  const auto parts = reply_parts_of(text);
  const bool is_act = parts && (parts->digit == digits.acknowledge || parts->digit == digits.escalate);
  if (!is_act) {
    return fail(Errc::invalid, fmt::format("{} or {} was expected, and the number of the alert behind it",
                                           digits.acknowledge, digits.escalate));
  }
  const auto kind = parts->digit == digits.acknowledge ? ReplyAct::Kind::acknowledge : ReplyAct::Kind::escalate;
  if (!parts->alert) {
    if (answerable.size() == 1) return ReplyAct{kind, answerable.front()};
    return fail(Errc::invalid,
                fmt::format("{} alerts are open: their number was expected behind the digit", answerable.size()));
  }
  const auto found = std::ranges::find(answerable, *parts->alert, &Answerable::alert);
  if (found != answerable.end()) return ReplyAct{kind, *found};
  return fail(Errc::invalid, fmt::format("alert {} is not open, or was not told to that number", *parts->alert));
}

bool is_number_of(std::string_view sender, std::string_view e164) {
  const bool is_international = sender.starts_with('+');
  // A sender with letters in it is a name, which anybody may choose: "0301234567X" is nobody's number.
  if (sender.substr(is_international ? 1 : 0).find_first_not_of(within_numbers) != std::string_view::npos) return false;
  std::string from = digits_of(sender);
  const std::string to = digits_of(e164);
  if (to.empty() || from.size() < fewest_national_digits) return false;
  if (from.starts_with("00")) from.erase(0, 2);
  if (from == to) return true;
  const bool is_national = from.starts_with('0') && !is_international && from.size() > fewest_national_digits;
  if (!is_national) return false;
  // All of it behind the country's code, not merely its end: 0511 2345678 is not +49 151 12345678.
  return std::string_view(to).substr(std::min(country_digits(to), to.size())) == std::string_view(from).substr(1);
}

}  // namespace tenfold::oncall
