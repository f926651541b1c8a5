#include "transfer/web_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text/letters.hpp"

namespace tenfold::transfer {
namespace {

constexpr std::size_t most_title_bytes = 80;
constexpr std::size_t most_looked_into_bytes = 64 * 1024;
constexpr std::size_t most_host_bytes = 120;

bool begins_with(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && equal_but_for_case(text.substr(0, lower.size()), lower);
}

// Behind a byte order mark, blanks and comments.
std::string_view from_first_tag(std::string_view body) {
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  while (true) {
    body.remove_prefix(std::min(body.find_first_not_of(blanks_and_line_ends), body.size()));
    if (!body.starts_with("<!--")) return body;
    const std::size_t end = body.find("-->");
    if (end == std::string_view::npos) return {};
    body.remove_prefix(end + 3);
  }
}

bool is_called_page(const Outcome& outcome) {
  const std::string_view type = outcome.header("content-type");
  return begins_with(type, "text/html") || begins_with(type, "application/xhtml");
}

// One line of it, cut between characters.
std::string one_line(std::string_view text, std::size_t most_bytes) {
  std::string line;
  for (const char c : text) {
    const bool is_blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
    if (is_blank && (line.empty() || line.back() == ' ')) continue;
    line += is_blank ? ' ' : c;
  }
  if (line.size() > most_bytes) {
    std::size_t end = most_bytes;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
    line.resize(end);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string title_of(std::string_view body) {
  body = body.substr(0, most_looked_into_bytes);
  const std::string lower = lower_case(body);
  const std::size_t tag = lower.find("<title");
  const std::size_t begin = tag == std::string::npos ? tag : lower.find('>', tag);
  if (begin == std::string::npos) return {};
  const std::size_t end = lower.find("</title", begin);
  if (end == std::string::npos) return {};
  return one_line(body.substr(begin + 1, end - begin - 1), most_title_bytes);
}

// "https://login.hotel.example": no path, no query, no user, all of which may be secret.
std::string origin_of(std::string_view address) {
  const std::size_t scheme = address.find("://");
  if (scheme == std::string_view::npos || scheme > 8) return {};
  std::string_view rest = address.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#\\"));
  if (const std::size_t user = rest.rfind('@'); user != std::string_view::npos) rest.remove_prefix(user + 1);
  return rest.empty() ? std::string() : one_line(address.substr(0, scheme + 3), 11) + one_line(rest, most_host_bytes);
}

}  // namespace

bool is_web_page(const Outcome& outcome) {
  const std::string_view body = from_first_tag(std::string_view(outcome.body).substr(0, most_looked_into_bytes));
  if (is_called_page(outcome)) return body.starts_with('<');
  static constexpr std::array<std::string_view, 9> first_tags{"<!doctype html", "<html",   "<head", "<body",  "<title",
                                                              "<meta",          "<script", "<form", "<iframe"};
  return std::ranges::any_of(first_tags, [&](std::string_view tag) { return begins_with(body, tag); });
}

std::string what_came(const Outcome& outcome) {
  const std::string status = fmt::format("status {}", outcome.status);
  if (outcome.status >= 300 && outcome.status < 400) {
    const std::string where = origin_of(outcome.header("location"));
    return status + " and a redirect" + (where.empty() ? "" : " to " + where);
  }
  if (is_web_page(outcome)) {
    const std::string title = title_of(outcome.body);
    return status + " and a web page" + (title.empty() ? "" : fmt::format(" (\"{}\")", title));
  }
  if (outcome.body.empty()) return status + " and nothing else";
  return fmt::format("{} and \"{}\"", status, one_line(outcome.body, most_title_bytes));
}

}  // namespace tenfold::transfer
