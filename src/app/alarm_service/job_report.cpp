#include "app/alarm_service/job_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/text/letters.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::app {
namespace {

constexpr std::size_t most_text_bytes = 500;
constexpr std::size_t most_run_bytes = 64;

// The status that a shell has of a program: 0 to 255.
std::optional<int> exit_status(std::string_view text) {
  std::uint8_t status = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), status);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return status;
}

}  // namespace

std::optional<watch::Beat> job_report(std::string_view end, std::string_view text) {
  const auto status = exit_status(end);
  if (end.empty() || status == 0) return watch::Beat();
  if (end == "start") return watch::Beat{.outcome = watch::Beat::Outcome::begun};
  if (end != "fail" && !status) return std::nullopt;
  std::string what = status ? fmt::format("the job ended with status {}", *status) : "the job reports a failure";
  const std::string words = oncall::shortened(oncall::plain(text, text.size()), most_text_bytes);
  if (!words.empty()) what += ": " + words;
  return watch::Beat{watch::Beat::Outcome::failed, std::move(what)};
}

std::optional<std::string> run_of(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view field = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (!field.starts_with("rid=")) continue;
    const std::string_view run = field.substr(4);
    const bool good = !run.empty() && run.size() <= most_run_bytes && std::ranges::all_of(run, [](char c) {
      return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
    });
    return good ? std::optional<std::string>(run) : std::nullopt;
  }
  return std::string();
}

}  // namespace tenfold::app
