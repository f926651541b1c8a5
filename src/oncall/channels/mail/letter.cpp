#include "oncall/channels/mail/letter.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/text/base64.hpp"
#include "base/text/hex.hpp"
#include "oncall/channels/encode.hpp"
#include "oncall/channels/written.hpp"

namespace tenfold::oncall::channels {
namespace {

constexpr std::size_t most_subject_bytes = 400;
constexpr std::size_t most_letter_bytes = 16 * 1024;
constexpr std::size_t most_plain_header = 60;   // with "Subject: " well below the 78 that RFC 5322 2.1.1 asks for
constexpr std::size_t encoded_word_bytes = 45;  // 60 characters of base64, 72 with what is around it; 75 are allowed
constexpr std::size_t most_line = 76;           // RFC 2045 6.7
constexpr std::size_t most_address = 254;       // RFC 5321 4.5.3.1, erratum 1690

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// RFC 5322 3.2.3; others, and "=" itself, as "=" with two digits, so that two keys never become one.
std::string as_atoms(std::string_view key) {
  std::string out;
  for (const char c : key) {
    const bool stays =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    out += stays ? std::string(1, c) : "=" + hex(std::string_view(&c, 1));
  }
  return out;
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > most_address) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
  });
}

std::string message_id(std::string_view key, std::string_view from) {
  return "<" + as_atoms(key) + "@" + std::string(from.substr(from.rfind('@') + 1)) + ">";
}

std::string encoded_header(std::string_view text) {
  const bool is_plain = text.size() <= most_plain_header && text.find("=?") == std::string_view::npos &&
                        std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  if (is_plain) return std::string(text);
  std::string out;
  while (!text.empty()) {
    std::size_t end = std::min(encoded_word_bytes, text.size());
    while (end < text.size() && end > 1 && is_continuation(text[end])) --end;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64(text.substr(0, end)) + "?=";
    text.remove_prefix(end);
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    // Blanks at a line's end get lost under way, a lone dot would end the mail where a relay is careless.
    const bool stays = (c > ' ' && c < 0x7f && c != '=' && (c != '.' || column != 0)) || (c == ' ' && !ends_line);
    const std::size_t width = stays ? 1 : 3;
    if (column + width > most_line - 1) {
      out += "=\r\n";
      column = 0;
    }
    if (stays) {
      out += c;
    } else {
      out += '=';
      append_hex(out, c, capital_hex_digits);
    }
    column += width;
  }
  if (column != 0) out += "\r\n";
  return out;
}

std::string mail_date(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

// Mails of one alert hang together in the reader's program by a Message-ID that none of them has.
std::string letter(const Letter& envelope, const Message& message) {
  std::string out;
  const auto header = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}\r\n", name, value);
  };
  header("From", fmt::format("Tenfold <{}>", envelope.from));
  header("To", fmt::format("<{}>", envelope.to));
  header("Subject", encoded_header(subject_line(message, most_subject_bytes)));
  header("Date", mail_date(envelope.date));
  header("Message-ID", message_id(envelope.key, envelope.from));
  header("References", message_id(fmt::format("alert-{}", message.alert), envelope.from));
  header("Auto-Submitted", "auto-generated");
  if (message.kind != Message::Kind::over && message.severity == "critical") header("Importance", "high");
  header("MIME-Version", "1.0");
  header("Content-Type", "text/plain; charset=utf-8");
  header("Content-Transfer-Encoding", "quoted-printable");
  out += "\r\n";
  return out + quoted_printable(written(message, most_letter_bytes));
}

}  // namespace tenfold::oncall::channels
