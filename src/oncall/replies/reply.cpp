#include "oncall/replies/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace tenfold::oncall {
namespace {

constexpr std::size_t most_reply_bytes = 64;
constexpr std::size_t fewest_national_digits = 7;  // fewer are a service's short number
constexpr std::string_view between = " \t\r\n.,:;#-!\"'()";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Parts {
  unsigned digit = 0;
  std::optional<std::int64_t> alert;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(between);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(between) - first + 1);
}

std::optional<Parts> parts_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.size() > most_reply_bytes || !is_digit(text.front())) return std::nullopt;
  Parts parts{.digit = static_cast<unsigned>(text.front() - '0'), .alert = {}};
  const std::string_view number = trimmed(text.substr(1));
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

}  // namespace

Result<ReplyAct> read_reply(std::string_view text, const Digits& digits, std::span<const Answerable> answerable) {
  if (answerable.empty()) return fail(Errc::invalid, "no open alert was told to that number by SMS");
  const auto parts = parts_of(text);
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
  std::string from = digits_of(sender);
  const std::string to = digits_of(e164);
  if (to.empty() || from.size() < fewest_national_digits) return false;
  if (from.starts_with("00")) from.erase(0, 2);
  if (from == to) return true;
  const bool is_national = from.starts_with('0') && !sender.starts_with('+');
  return is_national && from.size() > fewest_national_digits && to.size() > from.size() &&
         to.ends_with(std::string_view(from).substr(1));
}

}  // namespace tenfold::oncall
