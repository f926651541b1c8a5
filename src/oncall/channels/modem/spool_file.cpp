#include "oncall/channels/modem/spool_file.hpp"

#include <fmt/format.h>

#include "base/hex.hpp"
#include "base/hmac.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/written.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_text_bytes = 640;  // a handful of parts
constexpr std::size_t most_name_bytes = 150;
constexpr std::size_t most_reason_bytes = 200;

}  // namespace

std::optional<std::string> spool_file(const std::string& to, const Message& message) {
  const bool is_number = to.size() >= 3 && to.size() <= 20 && to.front() == '+' &&
                         to.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!is_number) return std::nullopt;
  return fmt::format("To: {}\nAlphabet: UTF-8\nAutosplit: 3\n\n{}", to.substr(1),
                     written_short(message, most_text_bytes, Replies::taken));
}

std::string spool_name(std::string_view key) {
  std::string out = "tenfold-";
  for (const char c : key) {
    const bool stays =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    out += stays ? std::string(1, c) : "=" + hex(std::string_view(&c, 1));
  }
  if (out.size() <= most_name_bytes) return out;
  return out.substr(0, most_name_bytes - 33) + "-" + hmac_sha256_hex("name", key).substr(0, 32);
}

std::string fail_reason(std::string_view file) {
  constexpr std::string_view header = "Fail_reason:";
  while (!file.empty()) {
    const std::size_t end = file.find('\n');
    const std::string_view line = file.substr(0, end);
    if (line.empty() || line == "\r") return {};  // the text begins
    if (line.starts_with(header)) {
      std::string reason = plain(line.substr(header.size()), most_reason_bytes);
      reason.erase(0, std::min(reason.find_first_not_of(' '), reason.size()));
      return reason;
    }
    file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
  }
  return {};
}

}  // namespace tenfold::oncall::channels
