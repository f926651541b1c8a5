#include "oncall/channels/modem/spool_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/hmac.hpp"
#include "base/text/hex.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/written.hpp"
#include "oncall/plain_text.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_name_bytes = 150;
constexpr std::size_t most_reason_bytes = 200;

bool is_e164(std::string_view to) {
  return to.size() >= 3 && to.size() <= 20 && to.front() == '+' &&
         to.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

// Of valid UTF-8; big end first, behind the mark.
std::string utf16(std::string_view text) {
  std::string out = "\xfe\xff";
  const auto add = [&](std::uint32_t unit) {
    out += static_cast<char>((unit >> 8) & 0xff);
    out += static_cast<char>(unit & 0xff);
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t point = size == 1 ? lead : lead & (0x7fu >> size);
    for (std::size_t i = 1; i < size && at + i < text.size(); ++i) {
      point = (point << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3fu);
    }
    at += size;
    if (point < 0x10000) {
      add(point);
    } else {
      add(0xd800 + ((point - 0x10000) >> 10));
      add(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> gammu_file(const std::string& to, const Message& message) {
  if (!is_e164(to)) return std::nullopt;
  return utf16(written_short(message, Replies::taken));
}

// OUT<priority><date>_<time>_<serial>_<recipient>_<note>.txt: priority A is the highest; the date is none, so that a
// repeat has the same name.
std::string gammu_name(std::string_view key, std::string_view to) {
  return fmt::format("OUTA00000000_000000_00_{}_tenfold-{}.txt", to, hmac_sha256_hex("name", key).substr(0, 32));
}

std::optional<std::string> spool_file(const std::string& to, const Message& message) {
  if (!is_e164(to)) return std::nullopt;
  return fmt::format("To: {}\nAlphabet: UTF-8\nAutosplit: 3\n\n{}", to.substr(1),
                     written_short(message, Replies::taken));
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
