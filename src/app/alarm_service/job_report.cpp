#include "app/alarm_service/job_report.hpp"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "oncall/plain_text.hpp"

namespace tenfold::app {
namespace {

constexpr std::size_t most_text_bytes = 500;

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
  if (end != "fail" && !status) return std::nullopt;
  std::string what = status ? fmt::format("the job ended with status {}", *status) : "the job reports a failure";
  const std::string words = oncall::shortened(oncall::plain(text, text.size()), most_text_bytes);
  if (!words.empty()) what += ": " + words;
  return watch::Beat{watch::Beat::Outcome::failed, std::move(what)};
}

}  // namespace tenfold::app
