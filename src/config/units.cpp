#include "config/units.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <system_error>

#include "base/text/letters.hpp"
#include "config/text.hpp"

namespace tenfold::config {
namespace {

struct Unit {
  std::string_view text;
  double factor;
};

struct Amount {
  double value;
  std::string_view number;
  std::string_view unit;
};

constexpr std::array<Unit, 5> duration_units{{{"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}}};
constexpr std::array<Unit, 5> size_units{
    {{"B", 1}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0}}};
constexpr std::array<Unit, 3> rate_units{{{"/s", 1}, {"/m", 1.0 / 60}, {"/h", 1.0 / 3600}}};

// Splits "1.5GiB" in its number (digits, at most one point) and the rest.
std::optional<Amount> split(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || (text[end] == '.' && end > 0))) ++end;
  Amount amount{0, text.substr(0, end), text.substr(end)};
  const auto [last, failure] = std::from_chars(text.data(), text.data() + end, amount.value);
  if (end == 0 || failure != std::errc() || last != text.data() + end || text[end - 1] == '.') return std::nullopt;
  return amount;
}

const Unit* find_unit(std::span<const Unit> units, std::string_view text) {
  const auto at = std::ranges::find(units, text, &Unit::text);
  return at == units.end() ? nullptr : &*at;
}

std::string listed(std::span<const Unit> units) {
  std::string out;
  for (const Unit& unit : units) out += fmt::format("{}{}", out.empty() ? "" : " ", unit.text);
  return out;
}

// The unit that was probably meant: another case, or a word for it.
std::string_view meant(std::span<const Unit> units, std::string_view found) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 21> words{
      {{"sec", "s"},    {"secs", "s"},    {"second", "s"}, {"seconds", "s"}, {"min", "m"}, {"mins", "m"},
       {"minute", "m"}, {"minutes", "m"}, {"hour", "h"},   {"hours", "h"},   {"day", "d"}, {"days", "d"},
       {"k", "KiB"},    {"kb", "KiB"},    {"mb", "MiB"},   {"gb", "GiB"},    {"g", "GiB"}, {"tb", "TiB"},
       {"bytes", "B"},  {"rps", "/s"},    {"msec", "ms"}}};
  if (const std::size_t start = found.find_first_not_of(' '); start != std::string_view::npos)
    found.remove_prefix(start);
  const std::string small = lower_case(found);
  for (const Unit& unit : units) {
    if (lower_case(unit.text) == small) return unit.text;
  }
  for (const auto& [word, unit] : words) {
    if (word == small && find_unit(units, unit) != nullptr) return unit;
  }
  return small == "m" && find_unit(units, "MiB") != nullptr ? "MiB" : "";
}

Parsed<double> parse_amount(std::string_view text, std::span<const Unit> units, std::string_view bare_hint) {
  if (text.starts_with('-')) return mismatch("which is negative");
  const auto amount = split(text);
  if (!amount) return mismatch();
  if (amount->unit.empty()) {
    return mismatch("without a unit", fmt::format(fmt::runtime(bare_hint), amount->number));
  }
  if (const Unit* unit = find_unit(units, amount->unit)) return amount->value * unit->factor;
  if (const auto unit = meant(units, amount->unit); !unit.empty()) {
    return mismatch("", fmt::format("did you mean {}{}?", amount->number, unit));
  }
  return mismatch("with an unknown unit", fmt::format("units are {}", listed(units)));
}

bool is_ipv4(const std::string& text) {
  in_addr out;
  return inet_pton(AF_INET, text.c_str(), &out) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr out;
  return inet_pton(AF_INET6, text.c_str(), &out) == 1;
}

// The one spelling of an address, so that two that are the same compare equal.
std::string canonical_address(const std::string& text) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  in6_addr six;
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  return inet_ntop(AF_INET6, &six, out.data(), out.size());
}

bool valid_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

bool valid_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  bool last_all_digits = true;
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (!valid_label(label)) return false;
    last_all_digits = std::ranges::all_of(label, is_digit);
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  return !last_all_digits;  // "1.2.3.400" is a mistyped address and not a name
}

Parsed<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [last, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || failure != std::errc() || last != text.data() + text.size() || port > 65535) {
    return mismatch("", "a port is 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

void clear_host_bits(std::span<std::uint8_t> bytes, unsigned prefix) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned first_bit = static_cast<unsigned>(i) * 8;
    if (first_bit >= prefix) {
      bytes[i] = 0;
    } else if (prefix - first_bit < 8) {
      bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00u >> (prefix - first_bit)));
    }
  }
}

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  const auto amount = parse_amount(text, duration_units, "write {0}s for seconds, {0}ms for thousandths");
  if (!amount) return std::unexpected(amount.error());
  if (*amount > 9e18) return mismatch("which is longer than 200 years");
  return Duration(static_cast<std::int64_t>(std::llround(*amount)));
}

Parsed<std::uint64_t> parse_size(std::string_view text) {
  if (text == "0") return 0;
  const auto amount = parse_amount(text, size_units, "write {0}KiB or {0}MiB, or {0}B for bytes");
  if (!amount) return std::unexpected(amount.error());
  if (*amount > 9e18) return mismatch("which is too large");
  return static_cast<std::uint64_t>(std::llround(*amount));
}

Parsed<double> parse_rate(std::string_view text) {
  return parse_amount(text, rate_units, "write {0}/s for so many a second");
}

Parsed<double> parse_share(std::string_view text) {
  const auto amount = split(text);
  if (!amount) return mismatch();
  if (amount->unit == "%") return amount->value / 100;
  if (!amount->unit.empty()) return mismatch();
  const double percent = amount->value <= 1 ? amount->value * 100 : amount->value;
  return mismatch("without a unit", fmt::format("write {:g}%", percent));
}

Parsed<std::int64_t> parse_hundredths(std::string_view text) {
  const auto amount = split(text);
  const std::size_t point = text.find('.');
  if (!amount || !amount->unit.empty() || (point != std::string_view::npos && text.size() - point > 3)) {
    return mismatch();
  }
  if (amount->value > 1e12) return mismatch("which is too large");
  return std::llround(amount->value * 100);
}

Parsed<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [last, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc() || last != text.data() + text.size()) {
    return mismatch();
  }
  return value;
}

Parsed<std::string> parse_host(std::string_view text) {
  std::string host = lower_case(text);
  if (is_ipv4(host)) return host;
  if (is_ipv6(host)) return canonical_address(host);
  if (valid_name(host)) return host;
  return mismatch();
}

Parsed<HostPort> parse_host_port(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    std::string_view rest = text.substr(scheme + 3);
    rest = rest.substr(0, rest.find('/'));
    const bool has_port = rest.find(':') != std::string_view::npos;
    return mismatch("", fmt::format("write only {}{}", shortened(rest), has_port ? "" : ":443"));
  }
  std::string_view host;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find("]:");
    if (close == std::string_view::npos || !is_ipv6(std::string(text.substr(1, close - 1)))) {
      return mismatch("", "an IPv6 address is written [2001:db8::1]:443");
    }
    host = text.substr(1, close - 1);
    port = text.substr(close + 2);
  } else {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      return mismatch("without a port");
    }
    if (text.find(':', colon + 1) != std::string_view::npos) {
      return mismatch("", "an IPv6 address is written in brackets: [2001:db8::1]:443");
    }
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.empty() || host == "*") {
      return mismatch("", fmt::format("for all addresses write 0.0.0.0:{}", shortened(port)));
    }
  }
  const auto good_host = parse_host(host);
  if (!good_host) {
    return mismatch("", fmt::format("\"{}\" is neither an address nor a host name", shortened(host)));
  }
  const auto good_port = parse_port(port);
  if (!good_port) return std::unexpected(good_port.error());
  return HostPort{*good_host, *good_port};
}

Parsed<ServerAddress> parse_server_address(std::string_view text) {
  constexpr std::string_view scheme = "unix:";
  if (!text.starts_with(scheme)) {
    if (text.starts_with('/')) return mismatch("", fmt::format("a Unix socket is written unix:{}", shortened(text)));
    const auto pair = parse_host_port(text);
    if (!pair) return std::unexpected(pair.error());
    return ServerAddress{*pair};
  }
  std::string_view path = text.substr(scheme.size());
  if (path.starts_with("//")) path.remove_prefix(path.find_first_not_of('/') - 1);
  if (path.empty()) return mismatch("without a path", "a Unix socket is written unix:/run/php/shop.sock");
  if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; })) {
    return mismatch("with control characters in its path");
  }
  ServerAddress address;
  address.unix_path = path;
  return address;
}

Parsed<std::string> parse_colour(std::string_view text) {
  std::string colour = lower_case(text);
  const bool hexadecimal = colour.find_first_not_of("0123456789abcdef", 1) == std::string::npos;
  if (colour.size() != 7 || colour.front() != '#' || !hexadecimal) {
    return mismatch("", "write # and six hexadecimal digits, in quotes, since # begins a comment");
  }
  return colour;
}

Parsed<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  const bool six = is_ipv6(address);
  if (!six && !is_ipv4(address)) return mismatch();
  const unsigned longest = six ? 128 : 32;
  unsigned prefix = longest;
  if (slash != std::string_view::npos) {
    const auto bits = parse_count(text.substr(slash + 1));
    if (!bits || *bits > longest) {
      return mismatch("", fmt::format("the prefix after the slash is 0 to {}", longest));
    }
    prefix = static_cast<unsigned>(*bits);
  }
  std::array<std::uint8_t, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> written{};
  const int family = six ? AF_INET6 : AF_INET;
  inet_pton(family, address.c_str(), bytes.data());
  const auto given = bytes;
  clear_host_bits(std::span(bytes).first(six ? 16 : 4), prefix);
  const std::string base = inet_ntop(family, bytes.data(), written.data(), written.size());
  if (bytes != given) {
    return mismatch("which is one address inside a network",
                    fmt::format("write {}/{} for the network or {} for the address", base, prefix, address));
  }
  return Network{prefix == longest ? base : fmt::format("{}/{}", base, prefix)};
}

bool holds_anyone(const Network& network) {
  const std::size_t slash = network.text.find('/');
  if (slash == std::string::npos) return false;
  const std::string_view address = std::string_view(network.text).substr(0, slash);
  const auto bits = parse_count(std::string_view(network.text).substr(slash + 1));
  if (!bits) return false;
  if (address.find(':') == std::string_view::npos) return *bits < 8;
  if (address.starts_with("::ffff:")) return *bits < 96 + 8;
  return *bits < 7 || (address == "::" && *bits <= 96);
}

Parsed<RequestPattern> parse_request_pattern(std::string_view text) {
  RequestPattern pattern;
  const std::size_t space = text.find(' ');
  if (space != std::string_view::npos) {
    pattern.method = text.substr(0, space);
    if (pattern.method.empty() || !std::ranges::all_of(pattern.method, [](char c) { return c >= 'A' && c <= 'Z'; })) {
      return mismatch("", "a method is in capitals, as in POST /checkout");
    }
  }
  pattern.path = space == std::string_view::npos ? text : text.substr(space + 1);
  if (!pattern.path.starts_with('/')) {
    const bool star = pattern.path.starts_with('*');
    return mismatch("", star ? "write /* for every path" : "a path begins with /");
  }
  for (const char c : pattern.path) {
    if (c == '?' || c == '#') {
      return mismatch("", fmt::format("paths are compared without \"{}\" and what follows it", c));
    }
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) {
      return mismatch("", "a path has no spaces; write %20");
    }
  }
  return pattern;
}

Parsed<StatusRange> parse_status_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto from = parse_count(text.substr(0, dash));
  const auto to = dash == std::string_view::npos ? from : parse_count(text.substr(dash + 1));
  if (!from || !to || *from < 100 || *to > 599 || *from > *to) {
    return mismatch();
  }
  return StatusRange{static_cast<std::uint16_t>(*from), static_cast<std::uint16_t>(*to)};
}

std::string duration_text(Duration value) {
  const std::int64_t ns = value.count();
  if (ns == 0) return "0s";
  for (std::size_t i = duration_units.size(); i-- > 0;) {
    const auto factor = static_cast<std::int64_t>(duration_units[i].factor);
    if (ns % factor == 0) return fmt::format("{}{}", ns / factor, duration_units[i].text);
  }
  return fmt::format("{}ms", static_cast<double>(ns) / 1e6);
}

std::string size_text(std::uint64_t bytes) {
  if (bytes == 0) return "0";
  for (std::size_t i = size_units.size(); i-- > 0;) {
    const auto factor = static_cast<std::uint64_t>(size_units[i].factor);
    if (bytes % factor == 0) return fmt::format("{}{}", bytes / factor, size_units[i].text);
  }
  return fmt::format("{}B", bytes);
}

std::string share_text(double share) { return fmt::format("{:g}%", share * 100); }

}  // namespace tenfold::config
